import fc from "fast-check";
import type { ResolvedRequest } from "../../lib/admit/request.ts";
import { SAMPLES } from "../../lib/terminal/sequences.ts";
import { type Paint, paintLine, span, type Style } from "../../lib/view/paint.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { nastyRequest } from "./nasty.ts";
import { joinPages, type Reading, readRequest } from "./reader.ts";
import { Watcher } from "./views.ts";

/** What the person must have read. */
function meaning(request: ResolvedRequest): Reading {
  const { session, version, host, reason, cwd, cwdIdentity, stdin, forwardAgent, timeoutMs } =
    request;
  return {
    asRoot: request.privileged,
    session,
    version,
    host,
    reason,
    stages: request.stages.map(({ program, args, identity }) => ({
      words: [program, ...args],
      realPath: identity.realPath === program ? undefined : identity.realPath,
    })),
    env: request.env.map(([name, value]) => [name, value]),
    cwd,
    cwdRealPath: cwdIdentity.realPath === cwd ? undefined : cwdIdentity.realPath,
    stdin,
    forwardAgent,
    timeoutMs,
  };
}

const layout = fc.record({
  columns: fc.constantFrom(40, 41, 80, 132),
  rows: fc.constantFrom(12, 13, 24, 50),
  paint: fc.constantFrom<Paint>("color", "mono", "plain"),
  ascii: fc.boolean(),
  waiting: fc.constantFrom(0, 0, 1, 9, 63),
  secondsLeft: fc.constantFrom(0, 9, 59, 86_400),
  machine: fc.constantFrom("box", "box", "m".repeat(64)),
  notification: fc.constantFrom("9" as const, "777" as const, undefined),
});

const STYLES: Readonly<Record<Style, true>> = {
  plain: true,
  frame: true,
  label: true,
  strong: true,
  root: true,
  user: true,
  warning: true,
  badge: true,
  ready: true,
  urgent: true,
  muted: true,
  good: true,
  bad: true,
};

/** One piece of what may be written: text without controls, or one of our own sequences. */
function grammar(paint: Paint): RegExp {
  const text = "[^\\x00-\\x1f\\x7f-\\x9f]";
  const styled = Object.keys(STYLES).map((style) =>
    paintLine([span("TEXT", style as Style)], paint).replaceAll(/[[?]/g, "\\$&")
      .replace("TEXT", `${text}*`)
  );
  return new RegExp(
    [
      `${text}+`,
      ...styled.filter((pattern) => pattern.startsWith("\x1b")),
      "\x1b\\[(?:\\d+;1)?H",
      "\x1b\\[[JKr]",
      "\x1b\\[2[JK]",
      "\x1b\\[\\?(?:1049|25|2004|7)[hl]",
      "\x1b\\[\\?(?:6|69|1000;1002;1003;1004)l",
      "\x1b\\[(?:!p|4;20l|0m)",
      "\x0f\x1b\\(B\x1b%G",
      "\x1b\\[2[23];2t",
      "\x1b\\]2;sudo-proxy (?:box|m+)(?:: a request waits)?\x1b\\\\",
      "\x1b\\]9;sudo-proxy: a request waits\x07",
      "\x1b\\]777;notify;sudo-proxy;a request waits\x07",
      "\r\n",
      "\x1b\\[[56]n",
      ...SAMPLES.map((sample) => `\r${sample}`),
      "\r(?=\x1b\\[(?:0m\x1b\\[)?K)",
      "\x07",
    ].join("|"),
    "uy",
  );
}

function assertOurs(stream: string, pieces: RegExp): void {
  pieces.lastIndex = 0;
  for (let at = 0; at < stream.length; at = pieces.lastIndex) {
    if (!pieces.test(stream)) {
      throw new Error(`not ours: ${JSON.stringify(stream.slice(at, at + 40))}`);
    }
  }
}

const GRAMMAR = {
  color: grammar("color"),
  mono: grammar("mono"),
  plain: grammar("plain"),
};

function withoutSamples(stream: string): string {
  return SAMPLES.reduce((text, sample) => text.replaceAll(`\r${sample}\x1b[6n`, ""), stream);
}

async function isReadBack(
  request: ResolvedRequest,
  { columns, rows, paint, ascii, notification, ...view }: typeof layout extends
    fc.Arbitrary<infer T> ? T
    : never,
): Promise<void> {
  const { waiting, secondsLeft, machine } = view;
  const names = { machine, user: "joe" };
  const watcher = new Watcher(columns, rows, { paint, notification, ascii, names });
  const { emulator, renderer } = watcher;
  watcher.say("sudo-proxy · waiting on /run/user/1000/sudo-proxy.sock");
  watcher.set({ config: { ...watcher.state.config, promptTimeoutMs: secondsLeft * 1000 } });
  watcher.show(request, { queue: Array.from({ length: waiting }, () => request) });
  const pages = await watcher.readThrough();
  assertEquals<Reading>(readRequest(joinPages(pages)), meaning(request));
  for (const { head } of pages) {
    assertEquals(Number(/ ([0-9]+) more waits? ━/.exec(head)?.[1] ?? 0), view.waiting, head);
    assertEquals(Number(/ ([0-9]+) s(?: left)? ━━$/.exec(head)?.[1]), view.secondsLeft, head);
  }
  watcher.set({ phase: { kind: "idle" } });
  assertTrue(await renderer.leave());
  renderer.close();
  assertTrue(emulator.stream.isWellFormed(), "half a character was written");
  assertOurs(emulator.stream, GRAMMAR[paint]);
  // deno-lint-ignore no-control-regex -- ASCII has controls
  if (ascii) assertTrue(/^[\x00-\x7f]*$/.test(withoutSamples(emulator.stream)), "more than ASCII");
}

Deno.test({
  name: "what is admitted can be read back exactly from the cells of the screen",
  fn: () =>
    fc.assert(fc.asyncProperty(nastyRequest(false), layout, isReadBack), {
      numRuns: 300,
    }),
});

Deno.test({
  name: "what is not admitted can be read back exactly, too, and does nothing to the screen",
  fn: () =>
    fc.assert(fc.asyncProperty(nastyRequest(true), layout, isReadBack), {
      numRuns: 300,
    }),
});
