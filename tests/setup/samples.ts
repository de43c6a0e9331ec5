import type { McpClient } from "../../lib/setup/clients.ts";
import type { Entry } from "../../lib/setup/config_text.ts";
import type { Installation } from "../rig/installation.ts";
import { atLeast, defined } from "../rig/assert.ts";

/** A real-looking configuration file of each client, and where it belongs in a home. */
export const SAMPLES: Readonly<
  Record<string, { readonly sample: string; readonly place: string }>
> = {
  "claude-code": { sample: "claude-code.json", place: ".claude.json" },
  "claude-desktop": {
    sample: "claude-desktop.json",
    place: ".config/Claude/claude_desktop_config.json",
  },
  cursor: { sample: "cursor.json", place: ".cursor/mcp.json" },
  vscode: { sample: "vscode.json", place: ".config/Code/User/mcp.json" },
  zed: { sample: "zed.json", place: ".config/zed/settings.json" },
  codex: { sample: "codex.toml", place: ".codex/config.toml" },
  gemini: { sample: "gemini.json", place: ".gemini/settings.json" },
  opencode: { sample: "opencode.json", place: ".config/opencode/opencode.json" },
  copilot: { sample: "copilot.json", place: ".copilot/mcp-config.json" },
  qwen: { sample: "qwen.json", place: ".qwen/settings.json" },
  cline: { sample: "cline.json", place: ".cline/data/settings/cline_mcp_settings.json" },
  continue: { sample: "continue.yaml", place: ".continue/config.yaml" },
  goose: { sample: "goose.yaml", place: ".config/goose/config.yaml" },
  kiro: { sample: "kiro.json", place: ".kiro/settings/mcp.json" },
  amp: { sample: "amp.json", place: ".config/amp/settings.json" },
  windsurf: { sample: "windsurf.json", place: ".codeium/windsurf/mcp_config.json" },
};

/** The bytes of a sample. */
export function sampleBytes(name: string): Uint8Array {
  return Deno.readFileSync(
    new URL(`../fixtures/setup/${defined(SAMPLES[name]).sample}`, import.meta.url),
  );
}

/**
 * Puts a file into the home of an installation.
 *
 * @param installation Whose home.
 * @param place Where in it.
 * @param bytes Its contents.
 * @returns Its path.
 */
export async function putFile(
  { home }: Installation,
  place: string,
  bytes: Uint8Array | string,
): Promise<string> {
  const path = `${home}/${place}`;
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeFile(path, typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
  return path;
}

/** Puts every sample into the home of an installation; gives the paths by client. */
export async function putSamples(installation: Installation): Promise<Record<string, string>> {
  const paths: Record<string, string> = {};
  for (const [name, { place }] of Object.entries(SAMPLES)) {
    paths[name] = await putFile(installation, place, sampleBytes(name));
  }
  return paths;
}

/** Every file below a folder, with its contents and permission bits. */
export function filesBelow(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) {
      Object.assign(files, filesBelow(path));
      continue;
    }
    const mode = defined(Deno.statSync(path).mode) & 0o777;
    files[path] = `${mode} ${Deno.readTextFileSync(path)}`;
  }
  return files;
}

/** What an entry starts, whatever its client calls the parts of it. */
export function startOf({ keys }: McpClient, entry: Entry): { command: string; args: string[] } {
  const words = [
    entry[keys?.command ?? "command"],
    keys && !keys.args ? [] : entry[keys?.args ?? "args"],
  ];
  const [command, ...args] = atLeast(1, words.flat().map(String));
  return { command, args };
}
