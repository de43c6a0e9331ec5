import { type Surroundings, systemProgram } from "../paths.ts";

/** How a terminal emulator is told to run a command in a new window. */
interface TerminalKind {
  /** The program's name. */
  readonly name: string;
  /** What stands between the program and the words of the command. */
  readonly before: readonly string[];
  /**
   * What gives the window its first title, before the title. Left out where there is none, or where
   * it would keep the daemon from saying in the title that a request waits.
   */
  readonly title?: string;
}

/** In the order in which they are tried. Each row is from the manual page, or Debian Policy 11.8.3. */
const TERMINALS: readonly TerminalKind[] = [
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

/** Words that open a terminal, and what to call it. */
export interface TerminalLauncher {
  /** What the person looks for. */
  readonly name: string;
  /** The program by absolute path, and its arguments. */
  readonly words: readonly string[];
}

/**
 * Finds the terminals for a command: a new window of the tmux session that this process runs in,
 * then each emulator that is installed, if there is a display. The session and the display may be
 * gone: then the next one is tried.
 *
 * @param here The surroundings.
 * @param command The words to run; they reach no shell.
 * @param title What to call the window; in an emulator, until the daemon sets its own title.
 * @param mayStart Whether a program may be started.
 * @returns How to open each, the best first; empty where there is none.
 */
export function terminalsFor(
  here: Surroundings,
  command: readonly string[],
  title: string,
  mayStart: (path: string) => boolean,
): TerminalLauncher[] {
  const windows = emulators(here).filter(({ path }) => mayStart(path)).map((
    { name, path, before, title: option },
  ) => ({
    name: `a new ${name} window`,
    words: [path, ...(option === undefined ? [] : [option, title]), ...before, ...command],
  }));
  const tmux = tmuxProgram(here);
  if (tmux === undefined || !mayStart(tmux)) return windows;
  // $TMUX is "socket,pid,session" (tmux(1), ENVIRONMENT).
  const [socket, , session] = here.env("TMUX")!.split(",");
  const words = [
    tmux,
    "-S",
    socket,
    "new-window",
    "-n",
    title,
    "-t",
    `$${session}:`,
    "--",
    ...command,
  ];
  return [{ name: `a new tmux window named ${title}`, words }, ...windows];
}

/**
 * Lists what {@linkcode terminalsFor} may start, for the grants of the MCP server.
 *
 * @param here The surroundings.
 * @returns Absolute paths.
 */
export function installedTerminals(here: Surroundings): string[] {
  const tmux = tmuxProgram(here);
  return [...(tmux === undefined ? [] : [tmux]), ...emulators(here).map(({ path }) => path)];
}

/**
 * Lists what {@linkcode terminalsFor} may start in any session of this user, whatever this one is.
 *
 * @param here The surroundings.
 * @returns Absolute paths.
 */
export function allTerminals(here: Surroundings): string[] {
  const names = ["tmux", ...[...preferred(here), ...TERMINALS].map(({ name }) => name)];
  return [...new Set(names)].map(systemProgram).filter((path) => path !== undefined);
}

function tmuxProgram(here: Surroundings): string | undefined {
  return here.env("TMUX") ? systemProgram("tmux") : undefined;
}

function emulators(here: Surroundings): (TerminalKind & { readonly path: string })[] {
  if (!here.env("DISPLAY") && !here.env("WAYLAND_DISPLAY")) return [];
  return [...preferred(here), ...TERMINALS].flatMap((kind) => {
    const path = systemProgram(kind.name);
    return path === undefined ? [] : [{ ...kind, path }];
  });
}

/** `$TERMINAL`, if it names one that we know how to tell; `-e` is what nearly every other takes. */
function preferred(here: Surroundings): TerminalKind[] {
  const name = here.env("TERMINAL")?.split("/").at(-1);
  if (!name || /\s/.test(name)) return [];
  return [TERMINALS.find((kind) => kind.name === name) ?? { name, before: ["-e"] }];
}
