import { folderOf, type Surroundings } from "../paths.ts";

/** How a configuration file is written. */
export type Syntax =
  /** JSON as the standard has it. */
  | "json"
  /** JSON with comments and trailing commas. */
  | "jsonc"
  /** TOML 1.0. */
  | "toml";

/** A program that starts MCP servers, and how it is told of one. */
export interface McpClient {
  /** Its name on the command line. */
  readonly name: string;
  /** Its name for people. */
  readonly title: string;
  /** How its configuration is written. */
  readonly syntax: Syntax;
  /** The key of the object that has the servers by name. */
  readonly servers: string;
  /** What an entry has beside the command, its arguments and its variables. */
  readonly fixed: Readonly<Record<string, unknown>>;
  /** What an entry gets where it does not say it itself. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** The user's configuration file. */
  readonly file: (places: Places) => string;
  /** What shows that the client is here; the folder of its file if left out. */
  readonly sign?: (places: Places) => string;
}

/** Where clients keep their files. */
export interface Places {
  /** The user's home, an absolute path. */
  readonly home: string;
  /** `$XDG_CONFIG_HOME`, or `.config` in the home. */
  readonly config: string;
  /** Reads an environment variable; an empty one counts as unset. */
  readonly env: (name: string) => string | undefined;
}

/** The variables that say where clients keep their files. */
export const CLIENT_VARIABLES: readonly string[] = [
  "HOME",
  "XDG_CONFIG_HOME",
  "CLAUDE_CONFIG_DIR",
  "CODEX_HOME",
];

/**
 * How long clients are asked to wait for an answer, in seconds: the longest run limit that a model
 * may set is 600 s, and a person reads before that.
 */
const ANSWER_S = 720;

/**
 * What a desktop session tells its programs, and Codex does not pass on by itself: where
 * `start_server` can open a window.
 */
const SESSION_VARIABLES = [
  "DBUS_SESSION_BUS_ADDRESS",
  "DISPLAY",
  "TERMINAL",
  "TMUX",
  "WAYLAND_DISPLAY",
  "XAUTHORITY",
];

/** The clients that are known, each as its own documentation has it. */
export const CLIENTS: readonly McpClient[] = [
  {
    name: "claude-code",
    title: "Claude Code",
    syntax: "json",
    servers: "mcpServers",
    fixed: { type: "stdio" },
    defaults: {},
    // User scope: "claude mcp add --scope user" writes there, too.
    file: ({ home, env }) => `${env("CLAUDE_CONFIG_DIR") ?? home}/.claude.json`,
    sign: ({ home, env }) => env("CLAUDE_CONFIG_DIR") ?? `${home}/.claude`,
  },
  {
    name: "claude-desktop",
    title: "Claude Desktop",
    syntax: "json",
    servers: "mcpServers",
    fixed: {},
    defaults: {},
    file: ({ config }) => `${config}/Claude/claude_desktop_config.json`,
  },
  {
    name: "cursor",
    title: "Cursor",
    syntax: "jsonc",
    servers: "mcpServers",
    fixed: {},
    defaults: {},
    file: ({ home }) => `${home}/.cursor/mcp.json`,
  },
  {
    name: "vscode",
    title: "VS Code",
    syntax: "jsonc",
    servers: "servers",
    fixed: { type: "stdio" },
    defaults: {},
    file: ({ config }) => `${config}/Code/User/mcp.json`,
  },
  {
    name: "zed",
    title: "Zed",
    syntax: "jsonc",
    servers: "context_servers",
    fixed: {},
    // In seconds; Zed waits 60 otherwise.
    defaults: { timeout: ANSWER_S },
    file: ({ config }) => `${config}/zed/settings.json`,
  },
  {
    name: "codex",
    title: "Codex CLI",
    syntax: "toml",
    servers: "mcp_servers",
    fixed: {},
    // Codex waits 60 s otherwise, and passes only a few variables on.
    defaults: { tool_timeout_sec: ANSWER_S, env_vars: SESSION_VARIABLES },
    file: ({ home, env }) => `${env("CODEX_HOME") ?? `${home}/.codex`}/config.toml`,
  },
  {
    name: "gemini",
    title: "Gemini CLI",
    syntax: "jsonc",
    servers: "mcpServers",
    fixed: {},
    // In milliseconds.
    defaults: { timeout: ANSWER_S * 1000 },
    file: ({ home }) => `${home}/.gemini/settings.json`,
  },
  {
    name: "windsurf",
    title: "Windsurf",
    syntax: "jsonc",
    servers: "mcpServers",
    fixed: {},
    defaults: {},
    file: ({ home }) => `${home}/.codeium/windsurf/mcp_config.json`,
  },
];

/**
 * Finds out where clients keep their files.
 *
 * @param here The surroundings.
 * @returns The places, or `undefined` where `HOME` is not an absolute path.
 */
export function placesOf(here: Surroundings): Places | undefined {
  const absolute = (name: string) => {
    const path = here.env(name);
    return path?.startsWith("/") && path !== "/" ? path.replace(/\/+$/, "") : undefined;
  };
  const home = absolute("HOME");
  if (home === undefined) return undefined;
  return { home, config: absolute("XDG_CONFIG_HOME") ?? `${home}/.config`, env: absolute };
}

/**
 * Tells whether a client is on this machine: it has left its configuration here, or its folder.
 *
 * @param client The client.
 * @param places Where clients keep their files.
 * @returns Whether its files are there.
 */
export function isHere({ file, sign }: McpClient, places: Places): boolean {
  const path = file(places);
  return exists(path) || exists(sign?.(places) ?? folderOf(path));
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
