import { outcomeFields } from "../../lib/gate/outcome.ts";
import { assertEquals } from "../rig/assert.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("outcomeFields() carries each stage and the last stage's output", () => {
  const good = { exitCode: 0, signal: undefined, stderr: bytes(""), stderrTruncated: false };
  const bad = { exitCode: 2, signal: undefined, stderr: bytes("no such"), stderrTruncated: false };
  assertEquals(
    outcomeFields({
      stages: [good, bad],
      stdout: bytes("out"),
      stdoutTruncated: false,
      durationMs: 5,
    }),
    {
      stages: [{ exit_code: 0, stderr: "" }, { exit_code: 2, stderr: "bm8gc3VjaA==" }],
      stdout: "b3V0",
    },
  );
});

Deno.test("outcomeFields() marks streams that were cut and a stage that a signal ended", () => {
  const killed = { exitCode: 143, signal: "SIGTERM", stderr: bytes("x"), stderrTruncated: true };
  assertEquals(
    outcomeFields({ stages: [killed], stdout: bytes("x"), stdoutTruncated: true, durationMs: 5 }),
    {
      stages: [{ exit_code: 143, signal: "SIGTERM", stderr: "eA==", stderr_truncated: true }],
      stdout: "eA==",
      stdout_truncated: true,
    },
  );
});
