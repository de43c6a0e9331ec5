/**
 * What a request costs before a person sees it: reading, checking, and drawing.
 *
 * @module
 */
import { ReplayMemory } from "../lib/admit/replay.ts";
import { resolvedRequest } from "../lib/admit/request.ts";
import { validateRequest } from "../lib/admit/validate.ts";
import { LineReader } from "../lib/protocol/framing.ts";
import { parseRequest, requestLine } from "../lib/protocol/request.ts";
import { drawPrompt } from "../lib/view/prompt_lines.ts";
import { at } from "../tests/rig/assert.ts";

const NOW = Date.UTC(2026, 0, 31, 12);
const identity = { realPath: "/usr/bin/sh", dev: 1, ino: 2, size: 3, mtimeMs: 4, ctimeMs: 5 };

function line(words: readonly string[]): string {
  const stamp = { id: crypto.randomUUID(), time: new Date(NOW).toISOString(), version: "0" };
  return JSON.stringify(requestLine({ pipeline: [words], reason: "to measure" }, stamp));
}

function validated(text: string): Parameters<typeof resolvedRequest>[0] {
  const checked = validateRequest(parseRequest(text), { wallNow: NOW, now: 0 }, new ReplayMemory());
  if ("fault" in checked) throw new Error(checked.fault.message);
  return checked.request;
}

const short = line(["apt-get", "install", "-y", "nginx"]);
const long = line(["sh", "-c", ...Array(5).fill("echo some line of a script\n".repeat(4_000))]);

for (const [name, text] of [["short request", short], ["request of 0.5 MiB", long]] as const) {
  const bytes = new TextEncoder().encode(`${text}\n`);

  Deno.bench(`frame a ${name}`, async () => {
    let offset = 0;
    const source = {
      read(buffer: Uint8Array): Promise<number | null> {
        const piece = bytes.subarray(offset, offset + buffer.length);
        buffer.set(piece);
        offset += piece.length;
        return Promise.resolve(piece.length === 0 ? null : piece.length);
      },
    };
    await new LineReader(source, 1024 * 1024).next();
  });

  Deno.bench(`parse and check a ${name}`, () => {
    validated(text);
  });

  const request = validated(text);
  const [program, ...args] = at(request.pipeline, 0);
  const stage = {
    program: `/usr/bin/${program}`,
    identity,
    args,
    changeable: undefined,
    named: [],
    unseen: [],
    unlooked: 0,
  };
  const fresh = () =>
    resolvedRequest(request, [stage], {
      asRoot: true,
      cwdIdentity: { ...identity, realPath: "/" },
      cwdChangeable: undefined,
    });
  const view = {
    request: fresh(),
    waiting: 0,
    running: 0,
    followsWithdrawn: false,
    secondsLeft: 60,
    unarmed: undefined,
    message: undefined,
    scroll: 0,
    help: undefined,
    mayTrust: true,
    machine: "machine",
    user: "user",
    ascii: false,
  };
  Deno.bench(`draw a ${name} for the first time`, () => {
    drawPrompt({ ...view, request: fresh() }, { columns: 80, rows: 24 });
  });
  Deno.bench(`draw a ${name} again`, () => {
    drawPrompt(view, { columns: 80, rows: 24 });
  });
}
