/**
 * What the second account of the rules knows: who waits, who is shown, who runs, and what the
 * person at the terminal has seen and pressed. It shares no code with the machine.
 *
 * @module
 */
import { defined } from "../rig/assert.ts";
import { type ShapeName, SHAPES } from "./shapes.ts";

/** No timer, one that runs, or one that is over. */
type Timer = "-" | "r" | "o";

/** A request that is under way. */
export interface Life {
  readonly shape: ShapeName;
  stage: "waiting" | "shown" | "approved" | "withdrawn" | "started";
  /** How long it may run. */
  limit: Timer;
  /** When SIGKILL follows SIGTERM; `x` after it, `f` where it would be in vain. */
  kill: Timer | "x" | "f";
  /** The end was tried in vain. */
  failed: boolean;
  /** The end needs a password. */
  password: boolean;
  /** The command has the terminal. */
  terminal: boolean;
  /** What it needs sudo's memory for: to begin, or to be ended. */
  needs: "-" | "s" | "e";
}

/** The request on the screen. */
export interface Screen {
  readonly id: string;
  over: boolean;
  still: Timer;
  /** Whether the long wait counts. */
  long: boolean;
  /** The line for the model: none, empty, or with letters. */
  typed: "-" | "e" | "m";
  help: boolean;
  /** Whether the terminal said what it draws. */
  known: boolean;
  /** Whether this layout was drawn before. */
  again: boolean;
  /** The lines that have been visible: from the first up to an end, by their numbers. */
  seen: "" | "06" | "510" | "010";
}

/** All of it. */
export interface Account {
  readonly lives: Map<string, Life>;
  /** The ids that wait, in order. */
  line: string[];
  /** The ids that run, in the order of their starts. */
  running: string[];
  screen: Screen | undefined;
  /** Nobody else's, sudo's for a moment, until another has begun, for its question, a command's. */
  terminal: "ours" | "checking" | "beginning" | "sudo" | "command";
  /** Whom sudo asks for, or which command has the terminal, or the question is about. */
  about: string;
  question: "" | "quit" | "end";
  trust: boolean;
  /** Whether sudo keeps what it learns. */
  keeps: boolean;
  /** sudo learned something that it has to forget. */
  remembered: boolean;
  /** A key may be on its way that was meant for something else. */
  disturbed: boolean;
  denies: boolean;
  /** The end was asked for: with patience, soon, and now. */
  stopped: "-" | "p" | "h" | "o";
  shared: "u" | "p" | "s";
  suspended: boolean;
  /** A paste has begun. */
  open: boolean;
  /** As much of a mark of a paste as was read. */
  mark: string;
}

const flag = (letter: string, isSet: boolean) => isSet ? letter : "-";

/** Reads the account of a class. */
export function accountOf(text: string): Account {
  const [phase = "", queue = "", jobs = "", flags = "", paste = ""] = text.split("|");
  const names = (part: string) => part === "" ? [] : part.split(",");
  const lives = new Map<string, Life>();
  const live = (name: string, stage: Life["stage"], more: Partial<Life> = {}): void => {
    lives.set(name.charAt(0), {
      // Safe: the second letter of a name is its shape.
      shape: name.charAt(1) as ShapeName,
      stage,
      limit: "-",
      kill: "-",
      failed: false,
      password: false,
      terminal: false,
      needs: "-",
      ...more,
    });
  };
  for (const name of names(queue)) live(name, "waiting");
  for (const job of names(jobs)) {
    live(job, "started", {
      // Safe: `classOf` writes these letters alone, and the machine's text is compared with it.
      limit: job.charAt(2) as Timer,
      kill: job.charAt(3) as Life["kill"],
      failed: job.charAt(4) === "f",
      password: job.charAt(5) === "n",
      terminal: job.charAt(6) === "t",
      needs: job.charAt(7) as Life["needs"],
    });
  }
  const kind = phase.slice(0, phase.startsWith("l") || phase.startsWith("a") ? 2 : 1);
  const about = phase.slice(kind.length);
  if (kind === "p") live(about, "shown");
  if (kind === "c" || kind === "ls") live(about, "approved");
  // Its shape counts no more.
  if (kind === "lw") live(`${about}P`, "withdrawn");
  return {
    lives,
    line: names(queue).map((name) => name.charAt(0)),
    running: names(jobs).map((job) => job.charAt(0)),
    screen: kind === "p" ? screenOf(phase) : undefined,
    terminal: kind === "c"
      ? about.charAt(2) === "a" ? "checking" : "beginning"
      : kind === "lc"
      ? "command"
      : kind.startsWith("l")
      ? "sudo"
      : "ours",
    about: about.charAt(0),
    question: kind === "aq" ? "quit" : kind === "ae" ? "end" : "",
    trust: flags.charAt(0) === "T",
    keeps: flags.charAt(1) === "K",
    remembered: flags.charAt(2) === "M",
    disturbed: flags.charAt(3) === "R",
    denies: flags.charAt(4) === "D",
    // Safe for the same reason.
    stopped: flags.charAt(5) as Account["stopped"],
    shared: flags.charAt(6) as Account["shared"],
    suspended: flags.charAt(7) === "S",
    open: paste.startsWith("1"),
    mark: paste.slice(1),
  };
}

function screenOf(text: string): Screen {
  return {
    id: text.charAt(1),
    over: text.charAt(3) === "o",
    // Safe: `encodeScreen` writes these letters alone.
    still: text.charAt(4) as Timer,
    long: text.charAt(5) === "l",
    typed: text.charAt(6) as Screen["typed"],
    help: text.charAt(7) === "h",
    known: text.charAt(8) === "A",
    again: text.charAt(9) === "d",
    seen: text.slice(10) as Screen["seen"],
  };
}

/** A copy that may be changed. */
export function copyOf(account: Account): Account {
  const { line, running, screen } = account;
  const lives = new Map<string, Life>();
  for (const [id, life] of account.lives) lives.set(id, { ...life });
  return {
    ...account,
    lives,
    line: [...line],
    running: [...running],
    screen: screen && { ...screen },
  };
}

/** Writes the class that the machine must be in; what has no effect any more is left out. */
export function classOf(account: Account): string {
  const { screen, lives, line, running, stopped, terminal } = account;
  const name = (id: string) => id + defined(lives.get(id), `no ${id}`).shape;
  const isIdle = terminal === "ours" && !screen && account.question === "";
  const isLent = terminal === "sudo" || terminal === "command";
  return [
    screen ? encodeScreen(screen, name(screen.id)) : encodeHolder(account, name),
    line.map(name).join(","),
    running.map((id) => name(id) + encodeJob(defined(lives.get(id)))).join(","),
    flag("T", account.trust) + flag("K", account.keeps) + flag("M", account.remembered) +
    flag("R", isIdle && stopped === "-" && account.disturbed) +
    flag("D", stopped === "-" && account.denies) + stopped + account.shared +
    flag("S", account.suspended),
    isLent ? "-" : flag("1", account.open) + account.mark,
  ].join("|");
}

function encodeScreen(screen: Screen, name: string): string {
  const still = screen.typed === "-" ? screen.still : "-";
  return `p${name}${screen.over ? "o" : "r"}${still}${screen.long ? "l" : "s"}${screen.typed}` +
    flag("h", screen.help) + flag("A", screen.known) + flag("d", screen.again) + screen.seen;
}

function encodeJob({ shape, limit, kill, failed, password, terminal, needs }: Life): string {
  const isOver = limit === "o" && SHAPES[shape].limit && kill === "-";
  return (limit === "-" ? "-" : isOver ? "o" : "r") + kill + flag("f", failed) +
    flag("n", password) + flag("t", terminal) + needs;
}

function encodeHolder(
  { terminal, question, lives, about }: Account,
  name: (id: string) => string,
): string {
  switch (terminal) {
    case "ours":
      return question === "" ? "i" : question === "quit" ? "aq" : `ae${about}`;
    case "checking":
      return `c${name(about)}a`;
    case "beginning":
      return `c${name(about)}b`;
    case "command":
      return `lc${about}`;
    case "sudo": {
      const stage = lives.get(about)?.stage;
      if (stage === "approved") return `ls${name(about)}`;
      return (stage === "withdrawn" ? "lw" : "le") + about;
    }
  }
}
