import type { HostEnvironment } from "./paths.ts";

/** A way in which another program of the same account can press keys in a terminal. */
interface RemoteControl {
  /** The variable that it sets in the terminal. */
  readonly variable: string;
  /** The variable's value; any, where it is left out. */
  readonly value?: string;
  readonly name: string;
}

const REMOTE_CONTROLS: readonly RemoteControl[] = [
  { variable: "TMUX", name: "tmux" },
  { variable: "STY", name: "screen" },
  { variable: "ZELLIJ", name: "zellij" },
  { variable: "KITTY_LISTEN_ON", name: "kitty's remote control" },
  { variable: "WEZTERM_PANE", name: "wezterm cli" },
  { variable: "KONSOLE_DBUS_SERVICE", name: "Konsole's D-Bus interface" },
  { variable: "NVIM", name: "Neovim" },
  { variable: "INSIDE_EMACS", name: "Emacs" },
  { variable: "TERM_PROGRAM", value: "vscode", name: "VS Code and its extensions" },
  {
    variable: "TERMINAL_EMULATOR",
    value: "JetBrains-JediTerm",
    name: "the JetBrains IDE and its plugins",
  },
];

/** The variables that {@linkcode drivenBy} reads. */
export const DRIVEN_VARIABLES: readonly string[] = [
  ...REMOTE_CONTROLS.map(({ variable }) => variable),
  "DISPLAY",
  "WAYLAND_DISPLAY",
];

/** What could press keys on this terminal in place of a person; `undefined` if nothing is known. */
export function drivenBy(env: HostEnvironment): string | undefined {
  const control = REMOTE_CONTROLS.find(({ variable, value }) => {
    const found = env.get(variable);
    return value === undefined ? found : found === value;
  });
  if (control) return control.name;
  return env.get("DISPLAY") && !env.get("WAYLAND_DISPLAY")
    ? "any program on this X11 display"
    : undefined;
}
