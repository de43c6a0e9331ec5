/**
 * The programs of npm that make packages, in fixed versions, each in a folder of its own below the
 * user's cache. They are no packages of the project: nothing of them gets into what is released but
 * what they are to make.
 *
 * @module
 */
import { exists } from "../lib/platform/exists.ts";
import { run, toolFolder } from "./common.ts";

/** Each command, and the package that has it. */
const TOOLS = {
  mcpb: "@anthropic-ai/mcpb@2.1.2",
  cdxgen: "@cyclonedx/cdxgen@12.8.4",
};

/** The name of a tool. */
export type ToolName = keyof typeof TOOLS;

/** The script that a tool starts with; the tool is installed first where it is missing. */
export async function toolPath(name: ToolName): Promise<string> {
  const spec = TOOLS[name];
  const folder = `${toolFolder()}/${spec.replace(/^@[^/]*\//, "")}`;
  const path = `${folder}/node_modules/.bin/${name}`;
  if (!exists(path)) {
    await Deno.mkdir(folder, { recursive: true });
    // Without scripts, and without the programs for other kinds of projects.
    const quiet = ["--silent", "--no-fund", "--no-audit", "--ignore-scripts", "--omit=optional"];
    await run(["npm", "install", ...quiet, `--prefix=${folder}`, spec], { cwd: folder });
  }
  return await Deno.realPath(path);
}
