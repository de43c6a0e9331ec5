import { ENTRY_POINTS, type EntryPoint, grantsOf } from "../../lib/grants.ts";
import { socketPath } from "../../lib/platform/paths.ts";
import { table } from "./blocks.ts";

const FILES = "where files are, as above";
const COLORS = "colors";
const LOGIN = "passed to unprivileged commands, and to ssh";
const LANGUAGE = "passed to sudo or ssh";
const TERMINALS = "whether other programs can press keys here";
const BOTH = "where it can open a terminal; whether other programs can press keys here";
const CLIENTS = "where MCP clients keep their files";
const CACHE = "where Deno keeps packages";
const QUESTION = "how setup's question is drawn";
const YAML = "read by setup's YAML library";

/** What each variable is for, in the order of the page. */
const MEANINGS: Readonly<Record<string, string>> = {
  XDG_RUNTIME_DIR: FILES,
  TMPDIR: FILES,
  XDG_STATE_HOME: FILES,
  XDG_CONFIG_HOME: FILES,
  HOME: `${FILES}; ${LOGIN}`,
  NO_COLOR: COLORS,
  FORCE_COLOR: COLORS,
  CLICOLOR_FORCE: COLORS,
  TERM: `${COLORS}; \`TERM=dumb\` has none`,
  USER: LOGIN,
  LOGNAME: LOGIN,
  SHELL: LOGIN,
  PATH: LOGIN,
  SSH_AUTH_SOCK: "passed to ssh, and to an unprivileged command if you approve it",
  LANG: LANGUAGE,
  LC_ALL: LANGUAGE,
  LC_MESSAGES: LANGUAGE,
  LC_CTYPE: LANGUAGE,
  KRB5CCNAME: "passed to ssh",
  SUDO_REQUEST_TIMEOUT_SECS: "seconds to wait for a silent daemon; 600 if left out",
  TMUX: BOTH,
  TERMINAL: "where it can open a terminal",
  DISPLAY: BOTH,
  WAYLAND_DISPLAY: BOTH,
  STY: TERMINALS,
  ZELLIJ: TERMINALS,
  KITTY_LISTEN_ON: TERMINALS,
  WEZTERM_PANE: TERMINALS,
  KONSOLE_DBUS_SERVICE: TERMINALS,
  NVIM: TERMINALS,
  INSIDE_EMACS: TERMINALS,
  TERMINAL_EMULATOR: TERMINALS,
  CLAUDE_CONFIG_DIR: CLIENTS,
  CODEX_HOME: CLIENTS,
  COPILOT_HOME: CLIENTS,
  QWEN_HOME: CLIENTS,
  CONTINUE_GLOBAL_DIR: CLIENTS,
  DENO_DIR: CACHE,
  XDG_CACHE_HOME: CACHE,
  NODE_DISABLE_COLORS: QUESTION,
  COLORTERM: QUESTION,
  TERM_PROGRAM: `${TERMINALS}; ${QUESTION}`,
  CI: QUESTION,
  TF_BUILD: QUESTION,
  TEAMCITY_VERSION: QUESTION,
  CLI_WIDTH: QUESTION,
  INQUIRER_KEYBINDINGS: QUESTION,
  LOG_TOKENS: YAML,
  LOG_STREAM: YAML,
};

const NAMES: Partial<Record<EntryPoint, string>> = {
  proxy: "daemon",
  pkexec: "daemon",
  try: "daemon",
  host: "`--host`",
  mcp: "MCP server",
};

const ANNA = {
  get: (name: string) =>
    ({ XDG_RUNTIME_DIR: "/run/user/1000", HOME: "/home/anna" } as Record<string, string>)[name],
  uid: 1000,
};

/** The variables of docs/reference/files.md, and which programs Deno lets read each. */
export function variableTable(): string {
  const granted = ENTRY_POINTS.map((entry) => {
    const socket = entry === "host" ? socketPath(ANNA, "web1") : undefined;
    return [NAMES[entry] ?? `\`${entry}\``, grantsOf(entry, ANNA, socket).env] as const;
  });
  const programs = new Set(granted.map(([name]) => name));
  const readers = (variable: string) => {
    const names = new Set(granted.flatMap(([name, env]) => env.includes(variable) ? [name] : []));
    return names.size === programs.size ? "all" : [...names].join(", ");
  };
  return table(
    ["variable", "read by", "what for"],
    ...Object.entries(MEANINGS).map((
      [variable, meaning],
    ) => [`\`${variable}\``, readers(variable), meaning]),
  );
}
