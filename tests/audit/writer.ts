/**
 * A program that records requests in an audit trail as fast as it can, as a daemon does whose
 * commands are trusted: `writer.ts FOLDER NAME COUNT`. It prints how many it could not record.
 *
 * @module
 */
import { AuditTrail } from "../../lib/audit/write/trail.ts";
import { atLeast } from "../rig/assert.ts";

if (import.meta.main) {
  const [folder, daemon, count] = atLeast(2, Deno.args);
  const trail = new AuditTrail(folder, { daemon, uid: Deno.uid() ?? 0 });
  let refused = 0;
  for (let index = 0; index < Number(count); index++) {
    const id = `${daemon}${index}`;
    try {
      trail.appendOrThrow({ event: "received", id, reason: "x".repeat(800) }, false);
      trail.append({ event: "decided", id, decision: "trusted" });
      trail.appendOrThrow({ event: "started", id }, true);
      trail.append({ event: "ended", id });
    } catch {
      refused++;
    }
    // A daemon has other things to do meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  trail.close();
  console.log(refused);
}
