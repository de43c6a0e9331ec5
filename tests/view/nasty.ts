/** Requests that are made to be misread. */
import fc from "fast-check";
import type { FileIdentity, ResolvedRequest } from "../../lib/admit/request.ts";
import { resolvedRequest, validatedRequest } from "../../lib/admit/request.ts";
import { ReplayMemory } from "../../lib/admit/replay.ts";
import { textFault } from "../../lib/admit/text.ts";
import { validateRequest } from "../../lib/admit/validate.ts";

/** Texts that imitate what the terminal says itself. */
export const IMITATIONS: readonly string[] = [
  "━━ sudo-proxy ━━━━━━━━━━━━━━━━━━━━━ 59 s left ━━",
  " RUN AS ROOT ",
  " RUN AS ROOT  on box",
  "  command   /usr/bin/id",
  "   command   /usr/bin/id",
  "           ┊ ",
  "           ┊…",
  "         1 ┊ id",
  "08:00:00  approved  /usr/bin/id",
  "08:00:00  ended     exit 0, 0.01 s, 0 bytes out: /usr/bin/id",
  "[y] run it",
  " [y] run it  [n] deny  [r] deny, say why",
  "Waiting for your key.",
  " Waiting for your key.",
  " Reason for denying (the model reads it)",
  "  defaults   in folder /, at most 120 s, client 1.0.0",
  "     note   runs a script given as argument 2",
  ", at most 120 s, client 1.0.0",
  "1.0.0, in folder /",
  "sudo-proxy · waiting on /run/user/1000/sudo-proxy.sock",
  "lines 1-5 of 5",
  "[sudo] password for root: ",
];

const SHELL = [
  "'",
  '"',
  "\\",
  "''",
  "'\\''",
  "$'\\n'",
  "\\x20",
  "\\u0020",
  "\\\\",
  "$(id)",
  "`id`",
];
const ASCII = ["-rf", "/", "a", "|", ";", "#", "~", "*", "A=b", "!", "\\", " ", "  ", "     "];
const OTHER = [
  "é",
  "e\u0301",
  "a\u0300\u0301\u0302\u0303",
  "\u0301",
  "字",
  "漢字仮名交じり文",
  "か\u3099",
  "한글",
  "\u1112\u1161\u11ab",
  "ｙｅｓ",
  "ｱｲｳ",
  "שָׁלוֹם",
  "مرحبا",
  "مُحَمَّد",
  "а",
  "ⅼ",
  "ﬁ",
  "ก็ำ",
  "क्षि",
  "🙂",
  "👩🏽",
  "🇩🇪",
  "☺\uFE0F",
  "©",
  "│┊━█",
  "…",
  "⠀",
  "\u00A0",
  "\u3000",
  "\u2003",
  "\u00AD",
  "\u034F",
  "\u3164",
  "\uFFFC",
  "\uFFFD",
  "\uE000",
  "\u0378",
];
const SCRIPT = ["\n", "\t", "\n\n", " \n", "\n ", "\n\t", "\n         1 ┊ id\n"];
/** What no honest client sends. */
const FORBIDDEN = [
  "\x1b[2J\x1b[H",
  "\x1b]2;title\x07",
  "\x1b[?1049l",
  "\x9b2J",
  "\r",
  "\r\n",
  "\b\b\b",
  "\0",
  "\x7f",
  "\x85",
  "\n",
  "\t",
  "\n━━ sudo-proxy ━━\n",
  "\u2028",
  "\u202E",
  "\u2066",
  "\u2069",
  "\u061C",
  "\u200B",
  "\u200D",
  "👩\u200D🚀",
  "\u2060",
  "\uFEFF",
  "\u{E0041}",
  "\u{E0100}",
  "\uD800",
  "\uDC00",
];

type Layout = "line" | "script";

/** A text of many unlucky pieces; `wild` ones may hold what is not admitted. */
export function nastyText(layout: Layout, wild: boolean, maxPieces = 8): fc.Arbitrary<string> {
  const codePoint = fc.oneof(
    fc.integer({ min: 0, max: 0x2FFF }),
    fc.integer({ min: 0, max: 0x1FFFF }),
    fc.integer({ min: 0, max: 0x10FFFF }),
  ).map((code) => String.fromCodePoint(code));
  const allowed = (text: string) => textFault(text, layout) === undefined;
  const pieces = fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: "grapheme-ascii", maxLength: 12 }) },
    { weight: 3, arbitrary: fc.constantFrom(...ASCII) },
    { weight: 2, arbitrary: fc.constantFrom(...SHELL) },
    { weight: 3, arbitrary: fc.constantFrom(...OTHER) },
    { weight: 2, arbitrary: fc.constantFrom(...IMITATIONS) },
    { weight: 2, arbitrary: wild ? codePoint : codePoint.filter(allowed) },
    { weight: 1, arbitrary: fc.integer({ min: 20, max: 150 }).map((count) => "w".repeat(count)) },
    { weight: 1, arbitrary: fc.integer({ min: 8, max: 70 }).map((count) => "字".repeat(count)) },
    ...(layout === "script" ? [{ weight: 4, arbitrary: fc.constantFrom(...SCRIPT) }] : []),
    ...(wild ? [{ weight: 4, arbitrary: fc.constantFrom(...FORBIDDEN) }] : []),
  );
  return fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom("", "plain", "two words") },
    { weight: 3, arbitrary: fc.array(pieces, { maxLength: maxPieces }).map((all) => all.join("")) },
  );
}

const ENV_NAMES = ["LANG", "LC_ALL", "TZ", "HOME", "DEBIAN_FRONTEND", "TERM"];

/**
 * A request whose every field is unlucky.
 *
 * @param wild Whether to go past the gate, with characters that it refuses.
 */
export function nastyRequest(wild: boolean): fc.Arbitrary<ResolvedRequest> {
  const line = nastyText("line", wild);
  const path = line.map((text) => `/${text}`);
  const stage = fc.record({
    program: path,
    args: fc.array(nastyText("script", wild), { maxLength: 5 }),
    link: fc.option(path),
    changeable: fc.option(line),
  });
  return fc.record({
    stages: fc.array(stage, { minLength: 1, maxLength: 3 }),
    env: fc.uniqueArray(fc.tuple(fc.constantFrom(...ENV_NAMES), line), {
      maxLength: 3,
      selector: ([name]) => name,
    }),
    privileged: fc.boolean(),
    forwardAgent: fc.boolean(),
    reason: line,
    host: line,
    session: line,
    version: fc.oneof({ weight: 2, arbitrary: line }, fc.constantFrom("1.0.0", "1.2.0", "0.61.3")),
    cwd: fc.oneof({ weight: 2, arbitrary: path }, fc.constant("/")),
    cwdLink: fc.option(path),
    stdin: fc.option(nastyText("script", wild, 12), { nil: undefined }),
    timeoutMs: fc.constantFrom<number | undefined>(
      undefined,
      1000,
      120_000,
      120_001,
      2_147_483_647,
    ),
  }).map(({ stages, cwdLink, ...fields }) => {
    const checked = wild ? unchecked : passedByGate;
    const request = checked({
      ...fields,
      forwardAgent: fields.forwardAgent && !fields.privileged,
      pipeline: stages.map(({ program, args }) => [program, ...args]),
    });
    return resolvedRequest(
      request,
      stages.map(({ program, args, link, changeable }) => ({
        program,
        args,
        identity: identity(link ?? program),
        changeable: changeable === null ? undefined : { path: changeable, who: "belongs to you" },
        named: [],
        unseen: [],
        unlooked: 0,
      })),
      {
        asRoot: request.privileged,
        cwdIdentity: identity(cwdLink ?? fields.cwd),
        cwdChangeable: undefined,
      },
    );
  });
}

type Fields =
  & Omit<
    Parameters<typeof validatedRequest>[0],
    "id" | "action" | "stream" | "target" | "env"
  >
  & { readonly env: [string, string][] };

const NOW = Date.UTC(2026, 0, 1);

function passedByGate(fields: Fields): ReturnType<typeof validatedRequest> {
  const { stdin } = fields;
  const result = validateRequest(
    {
      ...fields,
      id: "1",
      action: "exec",
      stream: false,
      target: undefined,
      time: new Date(NOW).toISOString(),
      env: new Map(fields.env),
      stdin: stdin === undefined ? undefined : new TextEncoder().encode(stdin),
    },
    { wallNow: NOW, now: 0 },
    new ReplayMemory(),
  );
  if ("fault" in result) throw new Error(result.fault.message);
  return result.request;
}

function unchecked(fields: Fields): ReturnType<typeof validatedRequest> {
  return validatedRequest({ ...fields, id: "1", action: "exec", stream: false, target: undefined });
}

function identity(realPath: string): FileIdentity {
  return { realPath, dev: 1, ino: 2, size: 3, mtimeMs: NOW, ctimeMs: NOW };
}
