/**
 * The MCP bundle, which MCP clients of the desktop install by themselves: a manifest, and the folder
 * of the program. The tool of npm that defines the format checks and packs it.
 *
 * @module
 */
import { TOOLS } from "../lib/mcp/server.ts";
import { DIST, epoch, LICENSE, run, SUMMARY, VERSION, writeFile } from "./common.ts";
import { makeProgram } from "./program.ts";
import { toolPath } from "./tools.ts";

const MANIFEST = {
  manifest_version: "0.3",
  name: "sudo-proxy",
  display_name: "sudo-proxy",
  version: VERSION,
  description: SUMMARY,
  long_description:
    "Shows a person at a terminal the exact command that a model asks for, and runs " +
    "it with sudo only after that person pressed a key. Needs Linux and sudo.",
  author: { name: "Tarides" },
  license: LICENSE,
  keywords: ["sudo", "root", "approval", "security"],
  server: {
    type: "binary",
    entry_point: "bin/sudo-proxy-mcp",
    // A client may lose the mode of a file.
    mcp_config: { command: "/bin/sh", args: ["${__dirname}/bin/sudo-proxy-mcp"] },
  },
  tools: TOOLS.map((tool) => tool.list()).map(({ name, description = "" }) => ({
    name,
    description: description.split("\n", 1)[0],
  })),
  compatibility: { platforms: ["linux"] },
};

/** Makes Date give the one time: the tool writes the time of packing beside each file. */
const FIXED_TIME = `const Real = Date;
globalThis.Date = class extends Real {
  constructor(...args) {
    super(...(args.length > 0 ? args : [Number(process.env.SOURCE_DATE_EPOCH) * 1000]));
  }
};`;

/** The arguments of Node that run the tool at the one time. */
export async function mcpbCommand(...args: readonly string[]): Promise<string[]> {
  const preload = `data:text/javascript,${encodeURIComponent(FIXED_TIME)}`;
  return ["node", `--import=${preload}`, await toolPath("mcpb"), ...args];
}

/**
 * Makes the bundle, and gives back its path.
 *
 * @param binary The compiled program, if there is one.
 */
export async function makeMcpb(
  output: string,
  binary?: string,
  machine: string = Deno.build.arch,
): Promise<string> {
  const folder = `${DIST}/packaging/mcpb`;
  await makeProgram(folder, binary);
  await writeFile(`${folder}/manifest.json`, `${JSON.stringify(MANIFEST, undefined, 2)}\n`);
  await Deno.mkdir(output, { recursive: true });
  const file = `${output}/sudo-proxy-${VERSION}${binary === undefined ? "" : `-${machine}`}.mcpb`;
  const env = { SOURCE_DATE_EPOCH: String(await epoch()), TZ: "UTC" };
  await run(await mcpbCommand("pack", folder, file), { env });
  return file;
}
