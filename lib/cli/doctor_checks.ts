/**
 * What `sudo-proxy doctor` says of what it found: one line each, and what to do where something is
 * wrong.
 *
 * @module
 */
import type { Grants } from "../platform/grants.ts";
import { wrapWords } from "../platform/wrap_words.ts";
import { VERSION } from "../protocol/version.ts";
import type { Paint, Style } from "../view/paint.ts";
import { visibleProse } from "../view/visible.ts";

/** What was found. Texts of other programs in it are not made visible yet. */
export interface Findings {
  /** What runs this program. */
  readonly runtime: {
    readonly deno: string;
    readonly isCompiled: boolean;
    readonly path: string;
    readonly system: string;
  };
  /** What Deno lets this command do, and what it should not. */
  readonly grants: { readonly held: Grants; readonly excess: readonly string[] };
  /** sudo, and what it asks this user. */
  readonly sudo: {
    readonly kind: "sudo" | "sudo-rs" | "other" | "none";
    readonly version: string;
    readonly asks: "a question" | "nothing" | "nobody" | "unknown";
  };
  /** The programs that are missing. */
  readonly missing: readonly string[];
  /** The terminal; `undefined` if there is none. */
  readonly terminal:
    | {
      readonly columns: number;
      readonly rows: number;
      readonly paint: Paint;
      readonly drawsLetters: boolean;
    }
    | undefined;
  /** What could press keys there in place of a person. */
  readonly driver: string | undefined;
  /** The daemon's socket. */
  readonly socket: {
    readonly path: string;
    readonly state: "answers" | "missing" | "leftover" | "silent" | "refuses";
    readonly version: string;
    readonly waiting: number | undefined;
    readonly fault: string | undefined;
  };
  /** The registry of hosts, and the tunnels that are open. */
  readonly hosts: {
    readonly path: string | undefined;
    readonly known: number;
    readonly confirmed: number;
    readonly tunnels: readonly string[];
    readonly fault: string | undefined;
  };
  /** The audit trail; `undefined` if there is no place for it. */
  readonly trail:
    | {
      readonly folder: string;
      readonly isBegun: boolean;
      readonly records: number;
      readonly head: string;
      readonly fault: string | undefined;
    }
    | undefined;
  /** The installed commands; `undefined` without a home. */
  readonly commands:
    | { readonly folder: string; readonly installed: readonly string[]; readonly isInPath: boolean }
    | undefined;
  /** The MCP clients that setup has configured. */
  readonly clients: readonly string[];
}

/** One thing that was looked at. */
export interface Check {
  /** What it is. */
  readonly name: string;
  /** `note` is worth knowing; with `problem`, something does not work. */
  readonly status: "ok" | "note" | "problem";
  /** What was found, for a person. */
  readonly text: string;
  /** What to do about it. */
  readonly advice?: string;
  /** The same for programs. */
  readonly facts: unknown;
}

type Said = Omit<Check, "name" | "facts">;

const ok = (text: string): Said => ({ status: "ok", text });
const note = (text: string, advice?: string): Said => ({
  status: "note",
  text,
  ...(advice === undefined ? {} : { advice }),
});
const problem = (text: string, advice: string): Said => ({ status: "problem", text, advice });

/** The programs that the daemon and the launcher use, and the package of each. */
export const PROGRAMS: Readonly<Record<string, { package: string; isNeeded: boolean }>> = {
  setsid: { package: "util-linux", isNeeded: true },
  timeout: { package: "coreutils", isNeeded: true },
  kill: { package: "procps", isNeeded: false },
  ps: { package: "procps", isNeeded: false },
  perl: { package: "perl", isNeeded: false },
  ssh: { package: "openssh-client", isNeeded: false },
};

/** What is said of each finding, in the order in which it is shown. */
const CHECKS: { readonly [Name in Exclude<keyof Findings, "driver">]: (all: Findings) => Said } = {
  runtime: ({ runtime: { deno, isCompiled, path, system } }) =>
    ok(`sudo-proxy ${VERSION}, Deno ${deno} (${system}), ${isCompiled ? "compiled" : path}`),
  grants: ({ grants: { held, excess } }) =>
    excess.length === 0
      ? ok(`${countsOf(held)}; nothing else`)
      : problem(`too many: ${excess.join(", ")}`, "start it with deno task doctor"),
  sudo: ({ sudo: { kind, version, asks } }) => {
    if (kind === "none") {
      return asks === "nobody"
        ? ok("none, and none is needed: you are root")
        : problem("not installed: only unprivileged commands can run", "install sudo");
    }
    const name = `${kind === "other" ? "sudo of another make" : kind} ${version}`.trim();
    const asking: Readonly<Record<Findings["sudo"]["asks"], Said>> = {
      "a question": ok(`${name}; it asks for a password`),
      nothing: note(
        `${name}; it asks you nothing (NOPASSWD)`,
        "your key is all there is; have it ask for a password",
      ),
      nobody: note(`${name}; you are root, so it asks nobody`, "your key is all there is"),
      unknown: problem(`${name}; it can't be asked`, "see to the programs below"),
    };
    return asking[asks];
  },
  missing: ({ missing }) => {
    const packages = [...new Set(missing.map((name) => PROGRAMS[name]?.package ?? name))];
    if (missing.length === 0) return ok(`${Object.keys(PROGRAMS).join(", ")} are installed`);
    const [text, advice] = [`missing: ${missing.join(", ")}`, `install ${packages.join(", ")}`];
    return missing.some((name) => PROGRAMS[name]?.isNeeded)
      ? problem(text, advice)
      : note(text, advice);
  },
  terminal: ({ terminal, driver }) => {
    if (terminal === undefined) return note("none here", "the daemon needs one: a person answers");
    const { columns, rows, paint, drawsLetters } = terminal;
    const colors = { color: "colors", mono: "no colors (NO_COLOR)", plain: "TERM is dumb" };
    const text = `${columns}x${rows}, ${colors[paint]}, ` +
      (drawsLetters ? "draws Unicode" : "ASCII only, since it draws no Unicode");
    return driver === undefined
      ? ok(text)
      : note(`${text}; can be driven by ${driver}`, "--password each");
  },
  socket: ({ socket: { path, state, version, waiting = 0, fault = "" } }) => {
    const states: Readonly<Record<typeof state, () => Said>> = {
      answers: () => ok(`a daemon answers (${short(version)}, ${waiting} waiting): ${path}`),
      missing: () => ok(`no daemon runs; it would listen at ${path}`),
      leftover: () => note(`nobody listens at ${path}`, "sudo-proxy starts a daemon there"),
      silent: () =>
        problem(`no answer at ${path}`, "look at the daemon's window: it may be stopped"),
      refuses: () =>
        problem(`${path}: ${short(fault)}`, "update it, or see docs/reference/messages.md"),
    };
    return states[state]();
  },
  hosts: ({ hosts: { path, known, confirmed, tunnels, fault } }) => {
    if (path === undefined) return problem("no place for the registry", "set HOME");
    if (fault !== undefined) return problem(short(fault), "mend or remove that file");
    const open = tunnels.length === 0 ? "no tunnel" : `tunnels to ${tunnels.join(", ")}`;
    return ok(`${known} known, ${confirmed} confirmed; ${open}`);
  },
  trail: ({ trail }) => {
    if (trail === undefined) {
      return problem("no place for it: no daemon can start", "set HOME or XDG_STATE_HOME");
    }
    const { folder, isBegun, records, head, fault } = trail;
    if (!isBegun) return ok(`not begun yet: ${folder}`);
    return fault === undefined
      ? ok(`${records} records, whole; head ${head}`)
      : problem(`broken: ${short(fault)}`, "sudo-proxy audit verify, then docs/audit.md");
  },
  commands: ({ commands }) => {
    if (commands === undefined) return note("no home to look in", "set HOME");
    const { folder, installed, isInPath } = commands;
    if (installed.length === 0) return note(`none in ${folder}`, "sudo-proxy setup");
    const text = `${installed.join(", ")} in ${folder}`;
    return isInPath ? ok(text) : note(`${text}, not in your PATH`, "add it there");
  },
  clients: ({ clients }) =>
    clients.length === 0
      ? note("none set up", "sudo-proxy setup tells them of the server")
      : ok(`set up: ${clients.join(", ")}`),
};

/** How each finding is called. */
const NAMES: Readonly<Partial<Record<keyof Findings, string>>> = {
  runtime: "program",
  missing: "programs",
};

/** What is said of all that was found. */
export function checksOf(findings: Findings): Check[] {
  // Object.entries() forgets that the keys are those of CHECKS.
  const names = Object.keys(CHECKS) as (keyof typeof CHECKS)[];
  return names.map((name) => {
    const said = CHECKS[name](findings);
    return {
      name: NAMES[name] ?? name,
      ...said,
      text: visibleProse(said.text),
      facts: name === "terminal"
        ? {
          ...findings.terminal,
          isTerminal: findings.terminal !== undefined,
          drivenBy: findings.driver ?? null,
        }
        : findings[name] ?? null,
    };
  });
}

const STYLES: Readonly<Record<Check["status"], Style>> = {
  ok: "plain",
  note: "warning",
  problem: "bad",
};
const MARKS: Readonly<Record<Check["status"], string>> = { ok: " ", note: "*", problem: "!" };
const LABEL_WIDTH = "programs".length + 4;

/** Lays the checks out for a terminal: labels in a column, advice behind an arrow. */
export function doctorLines(
  checks: readonly Check[],
  columns: number,
): { readonly text: string; readonly style: Style }[] {
  const lines = checks.flatMap(({ name, status, text, advice }) => {
    const whole = advice === undefined ? text : `${text} -> ${advice}`;
    return wrapWords(whole, columns - LABEL_WIDTH).split("\n").map((row, at) => ({
      text: (at === 0 ? `${MARKS[status]} ${name}` : "").padEnd(LABEL_WIDTH) + row,
      style: STYLES[status],
    }));
  });
  const wrong = checks.filter(({ status }) => status === "problem").map(({ name }) => name);
  return wrong.length === 0
    ? [...lines, { text: "Nothing is wrong.", style: "good" }]
    : [...lines, { text: `Wrong (!): ${wrong.join(", ")}.`, style: "bad" }];
}

function countsOf({ read, write, run, net, env }: Grants): string {
  const count = (list: readonly string[] | true, noun: string) =>
    list === true ? `every ${noun}` : `${list.length} ${noun}${list.length === 1 ? "" : "s"}`;
  return `${count(read, "path")} to read, ${count(write, "path")} to write, ` +
    `${count(run, "program")}, ${count(net, "socket")}, ${count(env, "variable")}`;
}

/** What others say, in a length that fits into two lines. */
function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}...` : text;
}
