import fc from "fast-check";
import {
  headOfCommand,
  headOfNote,
  type Note,
  said,
  type Tone,
} from "../../lib/session/history.ts";
import type { SessionState } from "../../lib/session/state.ts";
import type { ResolvedRequest } from "../../lib/admit/request.ts";
import { commandLine, type HistoryLine, historyLines } from "../../lib/view/history.ts";
import { type Line, paintLine } from "../../lib/view/paint.ts";
import { statusLine } from "../../lib/view/status.ts";
import { resolved } from "../session/resolved.ts";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { nastyRequest, nastyText } from "./nasty.ts";
import { readShellWords } from "./reader.ts";
import { idleState } from "./views.ts";
import { captured } from "../rig/captured.ts";

const TIME = "12:34:56";
const WALL = new Date(2026, 0, 31, 12, 34, 56).getTime();

function textOf(line: Line): string {
  return line.map(({ text }) => text).join("");
}

function noteLines(note: Note): HistoryLine[] {
  return historyLines({ kind: "note", wall: WALL, note: headOfNote(note, true) }, 80);
}

function saidLines(text: string, tone: Tone): HistoryLine[] {
  return historyLines(said(text, tone), 80);
}

function rowOf({ line }: HistoryLine): string {
  return textOf(line);
}

function ended(request: ResolvedRequest, stdout: string, stderr = ""): Note {
  const stage = { exitCode: 0, signal: undefined, stderr: captured(stderr) };
  return {
    what: "ended",
    request,
    end: {
      kind: "finished",
      outcome: { stages: [stage], stdout: captured(stdout), durationMs: 12 },
    },
  };
}

/** Commands that run for 3 seconds. */
function running(
  requests: readonly ResolvedRequest[],
  now: number,
  columns: number,
): SessionState {
  const jobs = requests.map((request, index) =>
    [`${index}`, {
      request,
      startedAt: now - 3000,
      needsCredentials: undefined,
      ending: undefined,
      needsPassword: false,
    }] as const
  );
  return idleState({ columns, rows: 24 }, { now, jobs: new Map(jobs) });
}

function notesOf(request: ResolvedRequest, text: string): Note[] {
  return [
    { what: "decided", request, decision: "approved" },
    { what: "decided", request, decision: "trusted" },
    { what: "decided", request, decision: "denied", message: text },
    { what: "decided", request, decision: "timeout" },
    { what: "withdrawn", request, why: "its client is gone" },
    { what: "notAuthenticated", request },
    ended(request, text, text),
    { what: "ended", request, end: { kind: "refused", code: "changed", message: text } },
    { what: "ending", request, why: "limit" },
    { what: "endingFailed", request, password: false },
    { what: "endingFailed", request, password: true },
    { what: "policy", trustUnprivileged: true, by: "person" },
    { what: "stopping", by: "signal", running: 2 },
  ];
}

Deno.test("no line stands for what needs none", () => {
  const request = resolved("1");
  assertEquals(noteLines({ what: "shown", request }), []);
  assertEquals(noteLines({ what: "started", request }), []);
});

Deno.test("a decision is one line: when, what, and the command", () => {
  const request = resolved("1", { pipeline: [["/usr/bin/ls", "a b"], ["/usr/bin/wc"]] });
  const lines = noteLines({ what: "decided", request, decision: "approved" });
  assertEquals(lines.map(rowOf), ["12:34:56  approved  /usr/bin/ls 'a b' | /usr/bin/wc"]);
});

Deno.test("the end of the daemon is told with its cause, and how many commands still run", () => {
  const stopping = (running: number) =>
    noteLines({ what: "stopping", by: "signal", running }).map(rowOf);
  assertEquals(stopping(0), ["12:34:56  stopping  a signal asked for it"]);
  assertEquals(stopping(1), ["12:34:56  stopping  a signal asked for it; 1 command still running"]);
  assertEquals(stopping(2), [
    "12:34:56  stopping  a signal asked for it; 2 commands still running",
  ]);
});

Deno.test("the end of a command is told with exit code, time and size, and the start of its output", () => {
  const output = Array.from({ length: 9 }, (_, index) => `line ${index + 1}\n`).join("");
  const [first = "", ...others] = noteLines(
    ended(resolved("1"), output),
  ).map(rowOf);
  assertMatch(first, /^12:34:56 {2}ended .*exit 0, 0\.01 s, 63 bytes out.*: \/usr\/bin\/true$/);
  assertEquals(others.slice(0, 2), ["          ┊ line 1", "          ┊ line 2"]);
  assertEquals(others.at(-1), "          ┊ …");
});

Deno.test("no text of a request or of a command gets into the history unescaped, or to the start of a line", () => {
  fc.assert(
    fc.property(nastyRequest(true), nastyText("script", true), (request, text) => {
      const notes = notesOf(request, text);
      const lines = notes.flatMap((note) => noteLines(note)).map(({ line }) => line);
      const status = statusLine(running([request], 3000, 80));
      const question = historyLines({
        kind: "question",
        question: "end",
        about: headOfCommand(request),
      }, 80).map(({ line }) => line);
      const all = [...lines, status, ...question];
      for (const line of all) {
        const written = textOf(line);
        assertTrue(!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u2800]/u.test(written), JSON.stringify(written));
        assertTrue(written.isWellFormed(), "half a character");
        assertEquals(paintLine(line, "plain"), written);
        // Our own frame stands nowhere, and our gutter only where output is.
        assertTrue(!/[\u2500-\u259F]/.test(written.replace(/^ {10}┊ /, "")), written);
      }
      for (const line of lines) assertMatch(textOf(line), /^(?:12:34:56 {2}[a-z]| {10}┊ )/);
      // As many lines as with harmless text, but for the lines of the output.
      const harmless = notesOf(resolved("1"), "").flatMap((note) => noteLines(note)).map((
        { line },
      ) => line);
      assertEquals(lines.filter((line) => textOf(line).startsWith(TIME)).length, harmless.length);
      assertTrue(textOf(status).startsWith("running 3 s"));
    }),
    { numRuns: 500 },
  );
});

Deno.test("a command that is not cut reads back exactly", () => {
  fc.assert(
    fc.property(nastyRequest(true), (request) => {
      const line = commandLine(request);
      if (line.endsWith("…")) return;
      const words = request.stages.flatMap(({ program, args }, index) => [
        ...(index > 0 ? ["|"] : []),
        program,
        ...args,
      ]);
      const read: string[] = [];
      for (const part of line.split(/( \| )(?=\/|'\/|\$'\/)/)) {
        if (part === " | ") read.push("|");
        else read.push(...readShellWords(part).map(({ word }) => word));
      }
      // A quoted argument may hold what looks like a pipe; such lines are read by the shells' own
      // tests.
      if (words.some((word) => word.includes(" | "))) return;
      assertEquals(read, words);
    }),
    { numRuns: 500 },
  );
});

Deno.test("a command that is too long is cut between characters, and never in silence", () => {
  for (let length = 370; length < 420; length++) {
    const program = `/${"a".repeat(length)}`;
    for (const args of [[], ["𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀"], ["b"]]) {
      const request = resolved("1", { pipeline: [[program, ...args]] });
      const line = commandLine(headOfCommand(request));
      assertTrue(line.isWellFormed(), line);
      if (line.endsWith("…")) continue;
      assertEquals(readShellWords(line).map(({ word }) => word), [program, ...args]);
    }
  }
});

Deno.test("a line of the log is cut to one row, whatever a client made it say", () => {
  const text = `info: rejected ${"  RUN AS ROOT".repeat(100_000)}\n\x1b[2J`;
  const entries = saidLines(text, "log");
  assertEquals(entries.map(({ isWhole }) => isWhole), [false]);
  assertTrue(entries.map(rowOf).join("").length < 2000);
  assertEquals(saidLines("info: a short\nline", "log").map(rowOf), ["info: a short\\nline"]);
  assertEquals(saidLines("words of ours", "muted").map(({ isWhole }) => isWhole), [true]);
});

Deno.test("one line says what waits or runs, how long the daemon has been up, and the keys", () => {
  const request = resolved("1", { pipeline: [["/usr/bin/sleep", "9"]] });
  const status = (runs: number, upMin: number, columns = 80) =>
    textOf(statusLine(running(Array(runs).fill(request), upMin * 60_000, columns)));
  assertEquals(status(0, 0.9), "nothing waits · just started · [q] quit [?] keys");
  assertEquals(status(0, 1), "nothing waits · up 1 min · [q] quit [?] keys");
  assertEquals(status(0, 125), "nothing waits · up 2 h 5 min · [q] quit [?] keys");
  assertEquals(status(0, 4000), "nothing waits · up 2 d 18 h · [q] quit [?] keys");
  assertEquals(
    status(1, 1),
    "running 3 s · up 1 min · [k] end [q] quit [?] keys  /usr/bin/sleep 9",
  );
  assertMatch(status(2, 1), /^running 3 s and 1 more · /);
  assertEquals(status(0, 1, 40), "nothing waits  [q] quit [?] keys");
  assertEquals(status(1, 1, 40), "running 3 s  [k] end [q] quit [?] keys  /usr/bin/sleep 9");
});

Deno.test("a line of the history says that a command failed, and that its output was cut", () => {
  const stage = { exitCode: 3, signal: undefined, stderr: captured() };
  const outcome = { stages: [stage], stdout: captured("ab", true), durationMs: 12 };
  const request = resolved("1", { pipeline: [["/bin/false"]] });
  const [first] = noteLines({ what: "ended", request, end: { kind: "finished", outcome } });
  assertEquals(
    first && rowOf(first).trim().replace(/^\S+ +ended +/, ""),
    "exit 3, 0.01 s, 2 bytes out (cut): /bin/false",
  );
});
