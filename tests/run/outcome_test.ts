import { freeOutputs, outcomeFields } from "../../lib/run/outcome.ts";
import { assertEquals } from "../rig/assert.ts";
import { captured } from "../rig/captured.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("outcomeFields() carries each stage and the last stage's output", () => {
  const good = { exitCode: 0, signal: undefined, stderr: captured() };
  const bad = { exitCode: 2, signal: undefined, stderr: captured("no such") };
  assertEquals(
    outcomeFields({
      stages: [good, bad],
      stdout: captured("out"),
      durationMs: 5,
    }),
    {
      stages: [{ exit_code: 0, stderr: bytes("") }, { exit_code: 2, stderr: bytes("no such") }],
      stdout: bytes("out"),
    },
  );
});

Deno.test("outcomeFields() marks streams that were cut and a stage that a signal ended", () => {
  const killed = { exitCode: 143, signal: "SIGTERM", stderr: captured("x", true) };
  assertEquals(
    outcomeFields({ stages: [killed], stdout: captured("x", true), durationMs: 5 }),
    {
      stages: [{ exit_code: 143, signal: "SIGTERM", stderr: bytes("x"), stderr_truncated: true }],
      stdout: bytes("x"),
      stdout_truncated: true,
    },
  );
});

Deno.test("freeOutputs() gives back what was captured, and leaves other bytes alone", () => {
  const kept = (text: string) => {
    const buffer = new ArrayBuffer(0, { maxByteLength: 100 });
    buffer.resize(100);
    const part = new Uint8Array(buffer, 0, text.length);
    part.set(bytes(text));
    return part;
  };
  const [stdout, stderr, other] = [kept("out"), kept("err"), bytes("other")];
  freeOutputs({ stdout, stages: [{ exit_code: 0, stderr }, { exit_code: 0, stderr: other }] });
  assertEquals([stdout, stderr, other].map(({ length }) => length), [0, 0, 5]);
  freeOutputs({});
});
