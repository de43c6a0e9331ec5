import { type Entry, headOfNote, type Note } from "../../lib/session/history.ts";
import type { ResolvedRequest } from "../../lib/admit/request.ts";
import type { Line } from "../../lib/view/paint.ts";
import { drawPrompt } from "../../lib/view/prompt_lines.ts";
import { picture } from "../../lib/view/picture.ts";
import { type Choice, resolved } from "../session/resolved.ts";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { Emulator, type Row } from "./emulator.ts";
import { IMITATIONS } from "./nasty.ts";
import { joinPages, type Page, readFields, readPage } from "./reader.ts";
import { idleState, NAMES, viewOf } from "./views.ts";
import { captured } from "../rig/captured.ts";

/** The text fields of a request, and how one is filled. */
const FIELDS: Readonly<Record<string, (text: string) => Choice>> = {
  "the session": (session) => ({ session }),
  "the version": (version) => ({ version }),
  "the host": (host) => ({ host }),
  "the reason": (reason) => ({ reason }),
  "the program": (text) => ({ pipeline: [[`/${text}`]] }),
  "an argument": (text) => ({ pipeline: [["/usr/bin/echo", text]] }),
  "an argument of a later stage": (text) => ({
    pipeline: [["/usr/bin/id"], ["/usr/bin/tr", text]],
  }),
  "a variable": (text) => ({ env: [["LANG", text]] }),
  "the folder": (text) => ({ cwd: `/${text}` }),
  "the input": (stdin) => ({ stdin }),
};
/** Fields that may have more than one line. */
const SCRIPTS = ["an argument", "an argument of a later stage", "the input"];
/** Where a field's text begins. */
const TEXT_COLUMN = 13;
const MARGIN = /^(?: {0,9}\S[^┊]{0,9} {3}| *[0-9]+ ┊ | {11}┊[ …])$/;
const WALL = new Date(2026, 0, 31, 12, 34, 56).getTime();
const HISTORY = /^12:34:56 {2}(?:approved|withdrawn) /;
/** Labels that stand below a field for what is in it. */
const REMARKS = /^(?:not ASCII|note|arg [0-9]+|which is)$/;

/** The same text at the start of a line, too: wrapped there, or on a line of its own. */
function placements(field: string, text: string, columns: number): string[] {
  const room = columns - TEXT_COLUMN;
  return [
    text,
    `${"x".repeat(room)} ${text}`,
    `${"x".repeat(room)}${text}`,
    `${"x ".repeat(room)}${text}`,
    ...(SCRIPTS.includes(field)
      ? [`a\n${text}\nb`, `\n${text}`, `${"x".repeat(room)}${text}\n`]
      : []),
  ];
}

async function pagesOf(
  request: ResolvedRequest,
  columns: number,
): Promise<{ pages: Page[]; rows: Row[] }> {
  const emulator = new Emulator(columns, 24);
  const notes: Note[] = [
    { what: "decided", request, decision: "approved" },
    { what: "withdrawn", request, why: "its client is gone" },
  ];
  const history = rowsOf(notes, columns);
  emulator.draw(history);
  for (const row of await emulator.rows()) {
    if (row.join("").trim() !== "") assertMatch(row.join(""), HISTORY);
  }
  const pages: Page[] = [];
  for (let scroll = 0;;) {
    const { lines, visible } = drawPrompt(viewOf(request, { scroll }), { columns, rows: 24 });
    const room = 24 - lines.length;
    emulator.draw([...(room > 0 ? history.slice(-room) : []), ...lines]);
    pages.push(readPage(await emulator.rows()));
    scroll = visible.first + visible.page;
    if (scroll === visible.total) return { pages, rows: joinPages(pages) };
  }
}

/** The rows of a history, in a window of this width. */
function rowsOf(notes: readonly Note[], columns: number): Line[] {
  const entries = notes.map((note): Entry => ({
    kind: "note",
    wall: WALL,
    note: headOfNote(note, true),
  }));
  const state = idleState({ columns, rows: 24 }, { history: { dropped: 0, entries } });
  return picture(state, NAMES).history.entries.flat();
}

function labels(rows: readonly Row[]): string[] {
  return readFields(rows).fields.map(({ label }) => label).filter((label) => !REMARKS.test(label));
}

for (const columns of [40, 80]) {
  for (const [field, choose] of Object.entries(FIELDS)) {
    Deno.test(`nothing in ${field} stands where our own words stand, at ${columns} columns`, async () => {
      const plain = await pagesOf(resolved("1", choose("plain")), columns);
      for (const imitation of IMITATIONS) {
        for (const text of placements(field, imitation, columns)) {
          const { pages, rows } = await pagesOf(resolved("1", choose(text)), columns);
          // Each label as often as with a harmless text, and nothing else left of the text.
          assertEquals(labels(rows), labels(plain.rows));
          rows.forEach((row, index) => {
            // readFields() allows a blank row above and below the command alone.
            const isBlank = row.join("").trim() === "";
            if (index > 0 && !isBlank) assertMatch(row.slice(0, TEXT_COLUMN).join(""), MARGIN);
            assertEquals(row.join("").startsWith(" RUN AS "), index === 0);
          });
          for (const { head, history, body, footer } of pages) {
            // readPage() found two rows that begin like a frame, and no more.
            assertMatch(head, /^━━ sudo-proxy ━+ 59 s left ━━$/);
            history.map((row) => row.join("")).filter((row) => row.trim() !== "")
              .forEach((row) => assertMatch(row, HISTORY));
            body.forEach((row) => assertTrue(!/^ ?(?:\[y\]|Waiting)/.test(row.join(""))));
            assertEquals(footer.filter((row) => row.startsWith(" [y] run it")).length, 1);
            assertEquals(footer.filter((row) => row === " Waiting for your key.").length, 1);
          }
        }
      }
    });
  }

  Deno.test(`nothing in what a command writes stands where our own words stand, at ${columns} columns`, async () => {
    for (const imitation of IMITATIONS) {
      for (
        const text of [imitation, `\n${imitation}\n`, `\r${imitation}`, `\x1b[2J\x1b[H${imitation}`]
      ) {
        const emulator = new Emulator(columns, 24);
        const note: Note = {
          what: "ended",
          request: resolved("1"),
          end: {
            kind: "finished",
            outcome: {
              stages: [{ exitCode: 0, signal: undefined, stderr: captured(text) }],
              stdout: captured(text),
              durationMs: 10,
            },
          },
        };
        emulator.draw(rowsOf([note], columns));
        const rows = (await emulator.text()).trimEnd().split("\n");
        assertMatch(rows[0] ?? "", /^12:34:56 {2}ended /);
        rows.slice(1).forEach((row) => assertMatch(row, /^ {10}┊(?: |$)/));
      }
    }
  });
}
