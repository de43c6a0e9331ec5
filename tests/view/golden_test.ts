/**
 * The screens of `tests/view/golden/`: what `picture()` makes of states that a person meets, at
 * 80 by 24 and at 40 by 12. To write them anew, run this file with `UPDATE_GOLDEN=1` and
 * `--allow-env --allow-write`, and read the difference.
 *
 * A row is its text; below the rows stands, for each row that has styles, `ROW: STYLE[TEXT] …`.
 *
 * @module
 */
import {
  beginMessage,
  confirmDrawing,
  openHelp,
  type Prompt,
  scrollPrompt,
  setMessage,
} from "../../lib/decide/prompt.ts";
import type { Job, SessionState } from "../../lib/session/state.ts";
import {
  type Entry,
  headOfCommand,
  headOfNote,
  type Note,
  said,
} from "../../lib/session/history.ts";
import type { Line, Style } from "../../lib/view/paint.ts";
import { picture } from "../../lib/view/picture.ts";
import { assertEquals } from "../rig/assert.ts";
import { type Choice, namedPath, resolved } from "../session/resolved.ts";
import { idleState, NAMES, promptOf } from "./views.ts";
import { captured } from "../rig/captured.ts";

const FOLDER = new URL("golden/", import.meta.url);
const SIZES = [{ columns: 80, rows: 24 }, { columns: 40, rows: 12 }] as const;
const WALL = new Date(2026, 0, 31, 12, 34, 56).getTime();

const INSTALL: Choice = {
  pipeline: [["/usr/bin/apt-get", "install", "-y", "nginx"]],
  reason: "The site that you asked for needs a web server",
  session: "Claude Code in ~/site",
};
const LIST: Choice = { pipeline: [["/usr/bin/ls", "/tmp"]], privileged: false };
const SCRIPT: Choice = {
  pipeline: [["/usr/bin/bash", "-c", "set -e\n" + "echo some line of a script\n".repeat(30)]],
};
const OTHER_LETTERS: Choice = {
  pipeline: [["/usr/bin/echo", "Привет"], ["/usr/bin/tee", "/etc/motd"]],
  reason: "für später · 漢字",
};

/** A prompt in a window; each step gets what was visible, as the terminal would confirm it. */
type Step = (prompt: Prompt) => Prompt;

function prompting(
  choice: Choice,
  steps: readonly Step[] = [],
  more: Partial<SessionState> = {},
  options: Parameters<typeof promptOf>[1] = {},
): (window: SessionState["terminal"]["window"]) => SessionState {
  return (window) => {
    const idle = idleState(window, more);
    const drawn = (prompt: Prompt) => {
      const { prompt: rows } = picture({ ...idle, phase: { kind: "prompting", prompt } }, NAMES);
      if (rows === undefined) throw new Error("no prompt is shown");
      return confirmDrawing(prompt, rows.drawing, rows.visible, 0);
    };
    const found = { named: [namedPath(2, "/etc/nginx")] };
    const request = resolved("1", choice, choice === INSTALL ? found : {});
    const first = drawn(promptOf(request, options));
    const prompt = steps.reduce((prompt, step) => drawn(step(prompt)), first);
    return { ...idle, phase: { kind: "prompting", prompt } };
  };
}

function running(choice: Choice): ReadonlyMap<string, Job> {
  return new Map([["job", {
    request: resolved("job", choice),
    startedAt: 0,
    needsCredentials: undefined,
    ending: undefined,
    needsPassword: false,
  }]]);
}

function noteOf(note: Note): Entry {
  return { kind: "note", wall: WALL, note: headOfNote(note, true) };
}

function ended(choice: Choice, output: string): Entry[] {
  const request = resolved("1", choice);
  const stage = { exitCode: 0, signal: undefined, stderr: captured() };
  const outcome = { stages: [stage], stdout: captured(output), durationMs: 1234 };
  return [
    noteOf({ what: "decided", request, decision: "approved" }),
    noteOf({ what: "ended", request, end: { kind: "finished", outcome } }),
  ];
}

const GREETING: readonly Entry[] = [
  said("sudo-proxy · waiting on /run/user/1000/sudo-proxy.sock", "strong"),
  said("Requests appear here; you approve or deny each with one key. q quits.", "muted"),
];

function idle(
  entries: readonly Entry[],
  more: Partial<SessionState> = {},
): (window: SessionState["terminal"]["window"]) => SessionState {
  return (window) =>
    idleState(window, { now: 125 * 60_000, history: { dropped: 0, entries }, ...more });
}

const ASCII: Partial<SessionState["terminal"]> = { ascii: true };

/** Every screen, by the name of its file. */
const SCREENS: Readonly<
  Record<string, (window: SessionState["terminal"]["window"]) => SessionState>
> = {
  "as root, unarmed": prompting(INSTALL),
  "as root, armed": prompting(INSTALL, [], { now: 1000 }),
  "as the user, armed": prompting(LIST, [], { now: 1000 }),
  "with history above": prompting(LIST, [], {
    history: { dropped: 0, entries: [...GREETING, ...ended(LIST, "a\nb\n")] },
  }),
  "a long script, unread": prompting(SCRIPT),
  "a long script, scrolled": prompting(SCRIPT, [
    (prompt) => scrollPrompt(prompt, "pageDown"),
    (prompt) => scrollPrompt(prompt, "lineDown"),
  ]),
  "letters beyond ASCII": prompting(OTHER_LETTERS),
  "in ASCII alone": (window) => {
    const state = prompting(OTHER_LETTERS, [], { history: { dropped: 0, entries: GREETING } })(
      window,
    );
    return { ...state, terminal: { ...state.terminal, ...ASCII } };
  },
  "the help over a request": prompting(INSTALL, [openHelp]),
  "typing a reason": prompting(INSTALL, [
    (prompt) => setMessage(beginMessage(prompt, 0), "Use the package that is there, please"),
  ]),
  "others wait and a command runs": prompting(INSTALL, [], {
    now: 51_000,
    queue: [resolved("2"), resolved("3")],
    jobs: running(SCRIPT),
  }),
  "after a withdrawn request, while a command runs": prompting(
    INSTALL,
    [],
    { jobs: running(SCRIPT) },
    { followsWithdrawn: true },
  ),
  "before it is known what the terminal draws": (window) => {
    const state = prompting(INSTALL)(window);
    return { ...state, terminal: { ...state.terminal, ascii: undefined } };
  },
  "too small a window": (window) =>
    prompting(INSTALL)({ columns: window.columns === 80 ? 80 : 39, rows: window.rows / 2 - 1 }),
  "nothing waits": idle(GREETING),
  "after some commands": idle([
    ...GREETING,
    ...ended(INSTALL, "Reading package lists…\n\x1b[2Jfake\n".repeat(4)),
    noteOf({ what: "decided", request: resolved("2"), decision: "denied", key: "n" }),
    noteOf({ what: "withdrawn", request: resolved("2"), why: "the client went away" }),
  ]),
  "a command runs": idle(ended(LIST, ""), { now: 7000, jobs: running(SCRIPT) }),
  "a question": idle([
    ...GREETING,
    { kind: "question", question: "end", about: headOfCommand(resolved("1", SCRIPT)) },
    { kind: "question", question: "dropped" },
    { kind: "question", question: "quit" },
  ]),
  "the help between requests": idle([{ kind: "help", mayTrust: true }]),
  "what sudo and the audit trail say": idle([
    { kind: "lending", to: "sudo", purpose: "start" },
    {
      kind: "trail",
      fault: "could not be written: no space left on the device",
      isBroken: true,
    },
    { kind: "trail", fault: undefined, isBroken: false },
  ]),
};

function screenText(state: SessionState): string {
  const { prompt, history, status, title } = picture(state, NAMES);
  const rows = prompt?.rows ?? [...history.entries.flat(), status];
  const text = rows.map((row) => row.map(({ text }) => text).join(""));
  const styles = rows.flatMap((row, index) => {
    const styled = stylesOf(row);
    return styled === "" ? [] : [`${index + 1}: ${styled}`];
  });
  return `${[title, "", ...text, "", ...styles].join("\n")}\n`;
}

/** The frame and the labels are styled everywhere, and always the same. */
const EVERYWHERE: ReadonlySet<Style> = new Set(["plain", "frame", "label"]);

function stylesOf(row: Line): string {
  const pieces: { text: string; style: Style }[] = [];
  for (const { text, style } of row) {
    const before = pieces.at(-2);
    // Words in one style, with a blank between them, are one piece.
    if (before?.style === style && pieces.at(-1)?.text === " ") {
      pieces.pop();
      before.text += ` ${text}`;
    } else pieces.push({ text, style });
  }
  return pieces.filter(({ text, style }) => text !== "" && !EVERYWHERE.has(style))
    .map(({ text, style }) => `${style}[${text}]`).join(" ");
}

function isUpdating(): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "UPDATE_GOLDEN" });
  return state === "granted" && Deno.env.get("UPDATE_GOLDEN") !== undefined;
}

for (const [name, stateFor] of Object.entries(SCREENS)) {
  for (const window of SIZES) {
    const size = `${window.columns}x${window.rows}`;
    Deno.test(`the screen "${name}" at ${size} is the golden one`, async () => {
      const file = new URL(`${name.replaceAll(/\W+/g, "_")}_${size}.txt`, FOLDER);
      const text = screenText(stateFor(window));
      if (isUpdating()) await Deno.writeTextFile(file, text);
      assertEquals(text, await Deno.readTextFile(file));
    });
  }
}
