import { folderOf, type Surroundings } from "../paths.ts";

/** How a configuration file is written. */
export type Syntax =
  /** JSON as the standard has it. */
  | "json"
  /** JSON with comments and trailing commas. */
  | "jsonc"
  /** TOML 1.0. */
  | "toml"
  /** YAML 1.2, in block style. */
  | "yaml";

/** How a client's configuration is written. */
export interface ConfigForm {
  /** The language. */
  readonly syntax: Syntax;
  /** The key of what has the servers. */
  readonly servers: string;
  /** Whether the servers are a list in which each has its `name`; an object by name if left out. */
  readonly isList?: boolean;
}

/** The keys of an entry that say what to start. */
export interface EntryKeys {
  /** The key of the program. */
  readonly command: string;
  /** The key of its arguments; if left out, they follow the program in one list. */
  readonly args?: string;
  /** The key of its variables. */
  readonly env: string;
}

/** A program that starts MCP servers, and how it is told of one. */
export interface McpClient extends ConfigForm {
  /** Its name on the command line. */
  readonly name: string;
  /** Its name for people. */
  readonly title: string;
  /** What an entry has beside the command, its arguments and its variables. */
  readonly fixed?: Readonly<Record<string, unknown>>;
  /** What an entry gets where it does not say it itself. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** The time that the client waits for an answer, where an entry can say it; a default as well. */
  readonly limit?: Readonly<Record<string, number>>;
  /** Where its entries differ from most others; `command`, `args` and `env` if left out. */
  readonly keys?: EntryKeys;
  /**
   * Whether it calls tools without asking first, as long as nobody has told it otherwise; a list
   * names the only tools for which that is so.
   */
  readonly callsUnasked?: true | readonly string[];
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
  "COPILOT_HOME",
  "QWEN_HOME",
  "CONTINUE_GLOBAL_DIR",
];

/**
 * How long clients are asked to wait for an answer, in seconds: the longest run limit that a model
 * may set is 600 s, and a person reads before that.
 */
export const ANSWER_S = 720;

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
    limit: { timeout: ANSWER_S * 1000 },
    // User scope: "claude mcp add --scope user" writes there, too.
    file: ({ home, env }) => `${env("CLAUDE_CONFIG_DIR") ?? home}/.claude.json`,
    sign: ({ home, env }) => env("CLAUDE_CONFIG_DIR") ?? `${home}/.claude`,
  },
  {
    name: "claude-desktop",
    title: "Claude Desktop",
    syntax: "json",
    servers: "mcpServers",
    file: ({ config }) => `${config}/Claude/claude_desktop_config.json`,
  },
  {
    name: "cursor",
    title: "Cursor",
    syntax: "jsonc",
    servers: "mcpServers",
    file: ({ home }) => `${home}/.cursor/mcp.json`,
  },
  {
    name: "vscode",
    title: "VS Code",
    syntax: "jsonc",
    servers: "servers",
    fixed: { type: "stdio" },
    file: ({ config }) => `${config}/Code/User/mcp.json`,
  },
  {
    name: "zed",
    title: "Zed",
    syntax: "jsonc",
    servers: "context_servers",
    // In seconds; Zed waits 60 otherwise.
    limit: { timeout: ANSWER_S },
    file: ({ config }) => `${config}/zed/settings.json`,
  },
  {
    name: "codex",
    title: "Codex CLI",
    syntax: "toml",
    servers: "mcp_servers",
    defaults: {
      // Codex passes only a few variables on.
      env_vars: SESSION_VARIABLES,
      // "codex exec" can't ask, and refuses the tool otherwise. The daemon asks in any case.
      tools: { execute: { approval_mode: "approve" } },
    },
    callsUnasked: ["execute"],
    // Codex waits 60 s otherwise.
    limit: { tool_timeout_sec: ANSWER_S },
    file: ({ home, env }) => `${env("CODEX_HOME") ?? `${home}/.codex`}/config.toml`,
  },
  {
    name: "gemini",
    title: "Gemini CLI",
    syntax: "jsonc",
    servers: "mcpServers",
    limit: { timeout: ANSWER_S * 1000 },
    file: ({ home }) => `${home}/.gemini/settings.json`,
  },
  {
    name: "windsurf",
    title: "Windsurf",
    syntax: "jsonc",
    servers: "mcpServers",
    file: ({ home }) => `${home}/.codeium/windsurf/mcp_config.json`,
  },
  {
    name: "opencode",
    title: "opencode",
    syntax: "jsonc",
    servers: "mcp",
    keys: { command: "command", env: "environment" },
    fixed: { type: "local" },
    defaults: { enabled: true },
    limit: { timeout: ANSWER_S * 1000 },
    callsUnasked: true,
    file: ({ config }) => `${config}/opencode/opencode.json`,
  },
  {
    name: "copilot",
    title: "Copilot CLI",
    syntax: "jsonc",
    servers: "mcpServers",
    fixed: { type: "local" },
    // Without "tools" none is offered to the model.
    defaults: { tools: ["*"] },
    limit: { timeout: ANSWER_S * 1000 },
    file: ({ home, env }) => `${env("COPILOT_HOME") ?? `${home}/.copilot`}/mcp-config.json`,
  },
  {
    name: "qwen",
    title: "Qwen Code",
    syntax: "jsonc",
    servers: "mcpServers",
    limit: { timeout: ANSWER_S * 1000 },
    file: ({ home, env }) => `${env("QWEN_HOME") ?? `${home}/.qwen`}/settings.json`,
  },
  {
    name: "cline",
    title: "Cline CLI",
    syntax: "json",
    servers: "mcpServers",
    fixed: { type: "stdio" },
    // In seconds; Cline waits 60 otherwise.
    limit: { timeout: ANSWER_S },
    callsUnasked: true,
    file: ({ home }) => `${home}/.cline/data/settings/cline_mcp_settings.json`,
  },
  {
    name: "continue",
    title: "Continue",
    syntax: "yaml",
    servers: "mcpServers",
    isList: true,
    file: continueFile,
    // A file that holds nothing but our entry is not one that Continue reads.
    sign: continueFile,
  },
  {
    name: "goose",
    title: "Goose",
    syntax: "yaml",
    servers: "extensions",
    keys: { command: "cmd", args: "args", env: "envs" },
    fixed: { type: "stdio", name: "sudo-proxy" },
    // In seconds; Goose waits 300 otherwise.
    defaults: { enabled: true },
    limit: { timeout: ANSWER_S },
    callsUnasked: true,
    file: ({ config }) => `${config}/goose/config.yaml`,
  },
  {
    name: "kiro",
    title: "Kiro",
    syntax: "jsonc",
    servers: "mcpServers",
    file: ({ home }) => `${home}/.kiro/settings/mcp.json`,
  },
  {
    name: "amp",
    title: "Amp",
    syntax: "jsonc",
    servers: "amp.mcpServers",
    callsUnasked: true,
    file: ({ config }) => `${config}/amp/settings.json`,
  },
];

function continueFile({ home, env }: Places): string {
  return `${env("CONTINUE_GLOBAL_DIR") ?? `${home}/.continue`}/config.yaml`;
}

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
