import { findTlc, type Tlc } from "../../proofs/tla/tlc.ts";

/**
 * Finds TLC, or says what to install.
 *
 * @throws {Error} If it is missing and `CI=true`: there nothing may be left out.
 */
export function foundTlc(): Tlc | undefined {
  const tlc = findTlc();
  if (typeof tlc !== "string") return tlc;
  if (Deno.env.get("CI") === "true") throw new Error(tlc);
  // The test runner keeps what the console prints to itself.
  Deno.stderr.writeSync(new TextEncoder().encode(`tests left out: ${tlc}\n`));
  return undefined;
}
