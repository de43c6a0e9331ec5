import type { HostEnvironment } from "./paths.ts";

/**
 * Ways in which another program of the same account can press keys in a terminal, and the variable
 * that each sets in it.
 */
const REMOTE_CONTROLS: readonly { readonly variable: string; readonly name: string }[] = [
  { variable: "TMUX", name: "tmux" },
  { variable: "STY", name: "screen" },
  { variable: "ZELLIJ", name: "zellij" },
  { variable: "KITTY_LISTEN_ON", name: "kitty's remote control" },
  { variable: "WEZTERM_PANE", name: "wezterm cli" },
  { variable: "KONSOLE_DBUS_SERVICE", name: "Konsole's D-Bus interface" },
];

/** The variables that {@linkcode drivenBy} reads. */
export const DRIVEN_VARIABLES: readonly string[] = [
  ...REMOTE_CONTROLS.map(({ variable }) => variable),
  "DISPLAY",
  "WAYLAND_DISPLAY",
];

/** What could press keys on this terminal in place of a person; `undefined` if nothing is known. */
export function drivenBy(env: HostEnvironment): string | undefined {
  const control = REMOTE_CONTROLS.find(({ variable }) => env.get(variable));
  if (control) return control.name;
  return env.get("DISPLAY") && !env.get("WAYLAND_DISPLAY")
    ? "any program on this X11 display"
    : undefined;
}
