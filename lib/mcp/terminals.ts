import { type HostEnvironment, systemProgram } from "../platform/paths.ts";

/** How a terminal emulator is told to run a command in a new window. */
interface Terminal {
  /** The program's name. */
  readonly name: string;
  /** What stands between the program and the command. */
  readonly before: readonly string[];
  /**
   * The option for the first title of the window. Left out where there is none, or where it would
   * keep the daemon from saying in the title that a request waits.
   */
  readonly title?: string;
}

/** In the order in which they are tried. Each row is from the manual page, or Debian Policy 11.8.3. */
const TERMINALS: readonly Terminal[] = [
  { name: "xdg-terminal-exec", before: [] },
  { name: "x-terminal-emulator", before: ["-e"], title: "-T" },
  { name: "gnome-terminal", before: ["--"], title: "--title" },
  { name: "konsole", before: ["-e"] },
  { name: "xfce4-terminal", before: ["-x"], title: "--title" },
  { name: "kitty", before: [] },
  { name: "alacritty", before: ["-e"] },
  { name: "foot", before: [], title: "--title" },
  { name: "wezterm", before: ["start", "--"] },
  { name: "ghostty", before: ["-e"] },
  { name: "xterm", before: ["-e"], title: "-T" },
];

/** The programs that may be started on any machine; what `$TERMINAL` names may be one more. */
export const TERMINAL_PROGRAMS: readonly string[] = [
  "tmux",
  ...TERMINALS.map(({ name }) => name),
];

/** A command that opens a terminal. */
export interface TerminalLauncher {
  /** What the person looks for. */
  readonly name: string;
  /** The program by absolute path, and its arguments. */
  readonly argv: readonly [string, ...string[]];
}

/**
 * Finds the terminals for a command: a new window of the tmux session that this process runs in,
 * then each emulator that is installed, if there is a display. The session and the display may be
 * gone: then the next one is tried.
 *
 * @param env The environment.
 * @param command What to run; it reaches no shell.
 * @param title What to call the window; in an emulator, until the daemon sets its own title.
 * @param mayStart Whether a program may be started.
 * @returns How to open each, the best first.
 */
export function terminalsFor(
  env: HostEnvironment,
  command: readonly string[],
  title: string,
  mayStart: (path: string) => boolean,
): TerminalLauncher[] {
  const tmux = tmuxProgram(env).filter(mayStart).map((path): TerminalLauncher => {
    // $TMUX is "socket,pid,session" (tmux(1), ENVIRONMENT).
    const [socket = "", , session = ""] = env.get("TMUX")?.split(",") ?? [];
    const window = ["new-window", "-n", title, "-t", `$${session}:`, "--", ...command];
    return { name: `a new tmux window named ${title}`, argv: [path, "-S", socket, ...window] };
  });
  const windows = emulators(env).filter(({ path }) => mayStart(path)).map((
    { name, path, before, title: option },
  ): TerminalLauncher => ({
    name: `a new ${name} window`,
    argv: [path, ...(option === undefined ? [] : [option, title]), ...before, ...command],
  }));
  return [...tmux, ...windows];
}

/** Lists what {@linkcode terminalsFor} may start in this session, by absolute paths. */
export function installedTerminals(env: HostEnvironment): string[] {
  return [...tmuxProgram(env), ...emulators(env).map(({ path }) => path)];
}

/** Lists what {@linkcode terminalsFor} may start in any session of this user, by absolute paths. */
export function allTerminals(env: HostEnvironment): string[] {
  const names = [...TERMINAL_PROGRAMS, ...preferred(env).map(({ name }) => name)];
  return [...new Set(names)].map(systemProgram).filter((path) => path !== undefined);
}

function tmuxProgram(env: HostEnvironment): string[] {
  const path = env.get("TMUX") ? systemProgram("tmux") : undefined;
  return path === undefined ? [] : [path];
}

function emulators(env: HostEnvironment): (Terminal & { readonly path: string })[] {
  if (!env.get("DISPLAY") && !env.get("WAYLAND_DISPLAY")) return [];
  return [...preferred(env), ...TERMINALS].flatMap((terminal) => {
    const path = systemProgram(terminal.name);
    return path === undefined ? [] : [{ ...terminal, path }];
  });
}

/** `$TERMINAL`, if it names one that we know how to tell; `-e` is what nearly every other takes. */
function preferred(env: HostEnvironment): Terminal[] {
  const name = env.get("TERMINAL")?.split("/").at(-1);
  if (!name || /\s/.test(name)) return [];
  return [TERMINALS.find((terminal) => terminal.name === name) ?? { name, before: ["-e"] }];
}
