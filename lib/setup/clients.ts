import { exists } from "../platform/exists.ts";
import { absoluteVariable, folderOf, type HostEnvironment } from "../platform/paths.ts";

/** The language of a configuration file; `jsonc` is JSON with comments and trailing commas. */
export type Syntax = "json" | "jsonc" | "toml" | "yaml";

/** How a client's configuration is written. */
export interface ConfigForm {
  /** The language. */
  readonly syntax: Syntax;
  /** The key of the object or list of servers. */
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
  /** Values for an entry that does not set them itself. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** The time that the client waits for an answer, where an entry can say it; a default as well. */
  readonly limit?: Readonly<Record<string, number>>;
  /** Where its entries differ from most others; `command`, `args` and `env` if left out. */
  readonly keys?: EntryKeys;
  /** Whether it calls tools without asking first by default; a list names these tools. */
  readonly callsUnasked?: true | readonly string[];
  /** The user's configuration file. */
  readonly file: (folders: UserFolders) => string;
  /** What shows that the client is there; the folder of its file if left out. */
  readonly sign?: (folders: UserFolders) => string;
}

/** Where clients keep their files. */
export interface UserFolders {
  /** The user's home, an absolute path. */
  readonly home: string;
  /** `$XDG_CONFIG_HOME`, or `.config` in the home. */
  readonly config: string;
  /** Reads a variable that is an absolute path other than `/`; any other counts as unset. */
  readonly get: (name: string) => string | undefined;
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

const JSON_FORM: ConfigForm = { syntax: "json", servers: "mcpServers" };
const JSONC_FORM: ConfigForm = { syntax: "jsonc", servers: "mcpServers" };
const STDIO = { type: "stdio" };
const IN_SECONDS = { timeout: ANSWER_S };
const IN_MILLISECONDS = { timeout: ANSWER_S * 1000 };

const continueFile = ({ home, get }: UserFolders) =>
  `${get("CONTINUE_GLOBAL_DIR") ?? `${home}/.continue`}/config.yaml`;

/** The clients that are known, each as its own documentation has it. */
export const CLIENTS: readonly McpClient[] = [
  // User scope: "claude mcp add --scope user" writes there, too.
  client("claude-code", "Claude Code", JSON_FORM, {
    file: ({ home, get }) => `${get("CLAUDE_CONFIG_DIR") ?? home}/.claude.json`,
    sign: ({ home, get }) => get("CLAUDE_CONFIG_DIR") ?? `${home}/.claude`,
    fixed: STDIO,
    limit: IN_MILLISECONDS,
  }),
  client("claude-desktop", "Claude Desktop", JSON_FORM, {
    file: ({ config }) => `${config}/Claude/claude_desktop_config.json`,
  }),
  client("cursor", "Cursor", JSONC_FORM, { file: ({ home }) => `${home}/.cursor/mcp.json` }),
  client("vscode", "VS Code", { syntax: "jsonc", servers: "servers" }, {
    file: ({ config }) => `${config}/Code/User/mcp.json`,
    fixed: STDIO,
  }),
  client("zed", "Zed", { syntax: "jsonc", servers: "context_servers" }, {
    file: ({ config }) => `${config}/zed/settings.json`,
    // Zed waits 60 s otherwise.
    limit: IN_SECONDS,
  }),
  client("codex", "Codex CLI", { syntax: "toml", servers: "mcp_servers" }, {
    file: ({ home, get }) => `${get("CODEX_HOME") ?? `${home}/.codex`}/config.toml`,
    defaults: {
      // Where `start_server` can open a window; Codex passes only a few variables on by itself.
      env_vars: [
        "DBUS_SESSION_BUS_ADDRESS",
        "DISPLAY",
        "TERMINAL",
        "TMUX",
        "WAYLAND_DISPLAY",
        "XAUTHORITY",
      ],
      // "codex exec" can't ask, and refuses the tool otherwise. The daemon asks in any case.
      tools: { execute: { approval_mode: "approve" } },
    },
    callsUnasked: ["execute"],
    // Codex waits 60 s otherwise.
    limit: { tool_timeout_sec: ANSWER_S },
  }),
  client("gemini", "Gemini CLI", JSONC_FORM, {
    file: ({ home }) => `${home}/.gemini/settings.json`,
    limit: IN_MILLISECONDS,
  }),
  client("windsurf", "Windsurf", JSONC_FORM, {
    file: ({ home }) => `${home}/.codeium/windsurf/mcp_config.json`,
  }),
  client("opencode", "opencode", { syntax: "jsonc", servers: "mcp" }, {
    file: ({ config }) => `${config}/opencode/opencode.json`,
    keys: { command: "command", env: "environment" },
    fixed: { type: "local" },
    defaults: { enabled: true },
    limit: IN_MILLISECONDS,
    callsUnasked: true,
  }),
  client("copilot", "Copilot CLI", JSONC_FORM, {
    file: ({ home, get }) => `${get("COPILOT_HOME") ?? `${home}/.copilot`}/mcp-config.json`,
    fixed: { type: "local" },
    // Without "tools", no tool is offered to the model.
    defaults: { tools: ["*"] },
    limit: IN_MILLISECONDS,
  }),
  client("qwen", "Qwen Code", JSONC_FORM, {
    file: ({ home, get }) => `${get("QWEN_HOME") ?? `${home}/.qwen`}/settings.json`,
    limit: IN_MILLISECONDS,
  }),
  client("cline", "Cline CLI", JSON_FORM, {
    file: ({ home }) => `${home}/.cline/data/settings/cline_mcp_settings.json`,
    fixed: STDIO,
    // Cline waits 60 s otherwise.
    limit: IN_SECONDS,
    callsUnasked: true,
  }),
  // A file that holds nothing but our entry is not one that Continue reads.
  client("continue", "Continue", { syntax: "yaml", servers: "mcpServers", isList: true }, {
    file: continueFile,
    sign: continueFile,
  }),
  client("goose", "Goose", { syntax: "yaml", servers: "extensions" }, {
    file: ({ config }) => `${config}/goose/config.yaml`,
    keys: { command: "cmd", args: "args", env: "envs" },
    fixed: { ...STDIO, name: "sudo-proxy" },
    defaults: { enabled: true },
    // Goose waits 300 s otherwise.
    limit: IN_SECONDS,
    callsUnasked: true,
  }),
  client("kiro", "Kiro", JSONC_FORM, { file: ({ home }) => `${home}/.kiro/settings/mcp.json` }),
  client("amp", "Amp", { syntax: "jsonc", servers: "amp.mcpServers" }, {
    file: ({ config }) => `${config}/amp/settings.json`,
    callsUnasked: true,
  }),
];

function client(
  name: string,
  title: string,
  form: ConfigForm,
  rest: Omit<McpClient, keyof ConfigForm | "name" | "title">,
): McpClient {
  return { name, title, ...form, ...rest };
}

/** Finds out where clients keep their files; `undefined` if `HOME` is not an absolute path. */
export function userFoldersOf(env: HostEnvironment): UserFolders | undefined {
  const get = (name: string) => absoluteVariable(env, name) || undefined;
  const home = get("HOME");
  if (home === undefined) return undefined;
  return { home, config: get("XDG_CONFIG_HOME") ?? `${home}/.config`, get };
}

/** Whether a client is on this machine: its configuration is there, or its folder. */
export function isPresent({ file, sign }: McpClient, folders: UserFolders): boolean {
  const path = file(folders);
  return exists(path) || exists(sign?.(folders) ?? folderOf(path));
}
