import { digestOf } from "../../lib/audit/write/record.ts";
import type { Captured } from "../../lib/run/outcome.ts";

/** A stream as it is captured: a text as UTF-8, or bytes. */
export function captured(data: string | Uint8Array = "", isTruncated = false): Captured {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return { bytes, sha256: digestOf(bytes).sha256, isTruncated };
}
