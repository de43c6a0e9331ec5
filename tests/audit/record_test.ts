import { askedIn } from "../../lib/audit/read/asked.ts";
import { digestOf, noteRecord, receivedRecord } from "../../lib/audit/write/record.ts";
import { requestText } from "../../lib/view/request_lines.ts";
import type { RunEnd } from "../../lib/run/outcome.ts";
import { resolved } from "../session/resolved.ts";
import { assertEquals, assertTrue, defined } from "../rig/assert.ts";
import { captured } from "../rig/captured.ts";

Deno.test("receivedRecord() has everything that was shown but the standard input", () => {
  const request = resolved("one", {
    pipeline: [["/usr/bin/tee", "-a", "/etc/x y", "line 1\nline 2", "naïve"], ["/usr/bin/wc"]],
    env: [["LANG", "C"], ["TZ", "Europe/Paris"]],
    cwd: "/root",
    timeoutMs: 5000,
    reason: "to see",
    host: "web1",
  });
  const asked = askedIn(JSON.parse(JSON.stringify(receivedRecord(request))));
  const place = { machine: "box", user: "kim (uid 1000)" };
  for (const columns of [40, 80]) {
    assertEquals(
      requestText(defined(asked).request, place, columns),
      requestText(request, place, columns),
    );
  }
});

Deno.test("receivedRecord() has the size and the hash of the standard input, not the input", () => {
  const record = receivedRecord(resolved("one", { stdin: "root:hunter2\n" }));
  assertEquals(record["stdin"], { bytes: 13, sha256: digestOf("root:hunter2\n").sha256 });
  assertTrue(!JSON.stringify(record).includes("hunter2"));
});

Deno.test("noteRecord() has the sizes and the hashes of the output, not the output", () => {
  const end: RunEnd = {
    kind: "finished",
    outcome: {
      stages: [{
        exitCode: 143,
        signal: "SIGTERM",
        stderr: captured("secret err", true),
      }],
      stdout: captured("secret out"),
      durationMs: 12.4,
    },
  };
  const request = resolved("one");
  const record = noteRecord({ what: "ended", request, end }, undefined, undefined);
  assertEquals(written(record), {
    event: "ended",
    id: "one",
    ran: true,
    ran_ms: 12,
    stages: [{
      exit_code: 143,
      signal: "SIGTERM",
      stderr: { ...digestOf("secret err"), truncated: true },
    }],
    stdout: digestOf("secret out"),
  });
});

Deno.test("noteRecord() says which key decided, after how long, and what was on the screen", () => {
  const request = resolved("one");
  const screen = { columns: 80, machine: "box", user: "kim", ...digestOf("text") };
  const record = noteRecord(
    { what: "decided", request, decision: "denied", key: "r", message: "not now" },
    4999.8,
    screen,
  );
  assertEquals(written(record), {
    event: "decided",
    id: "one",
    decision: "denied",
    key: "r",
    message: "not now",
    waited_ms: 5000,
    screen,
  });
});

/** What stands in the trail: JSON drops what is undefined. */
function written(record: unknown): unknown {
  return JSON.parse(JSON.stringify(record));
}
