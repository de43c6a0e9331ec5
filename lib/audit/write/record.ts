/**
 * What the audit trail remembers. A record has no output, no standard input, no password and no
 * variable but those of the request: of streams it has the size and the hash.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Captured, RunEnd } from "../../run/outcome.ts";
import type {
  Changeable,
  FileIdentity,
  NamedPath,
  ResolvedRequest,
  ResolvedStage,
} from "../../admit/request.ts";
import type { Note } from "../../session/history.ts";
import { hashOf } from "./chain.ts";

/** The size and the hash of some bytes. */
export interface Digest {
  /** How many there are. */
  readonly bytes: number;
  /** SHA-256 in 64 hex digits. */
  readonly sha256: string;
}

/** The lines of the request as they stood on the screen when it was decided. */
export interface ScreenDigest extends Digest {
  /** The width of the window, in cells. */
  readonly columns: number;
  /** The machine's name in the title. */
  readonly machine: string;
  /** The user in the title. */
  readonly user: string;
  /** True if the terminal got nothing but ASCII. */
  readonly ascii?: true;
}

/** The fields of a record, without those that every record has; JSON drops what is undefined. */
export type RecordFields = { readonly event: AuditEvent } & Readonly<Record<string, unknown>>;

/** What a record is about. */
export const AUDIT_EVENTS = [
  "daemon_started",
  "daemon_stopped",
  "received",
  "rejected",
  "shown",
  "decided",
  "not_authenticated",
  "started",
  "ended",
  "ending",
  "ending_failed",
  "withdrawn",
  "policy",
  "torn",
] as const;

/** What a record is about. */
export type AuditEvent = typeof AUDIT_EVENTS[number];

/** The record of a request that is about to wait for the person: all that decides what would run. */
export function receivedRecord(request: ResolvedRequest): RecordFields {
  const { id, host, session, version, reason, privileged, asRoot, forwardAgent, stdin } = request;
  return {
    event: "received",
    id,
    session,
    client_version: version,
    host,
    reason,
    privileged,
    as_root: asRoot,
    forward_agent: forwardAgent,
    stages: request.stages.map(stageFields),
    env: request.env,
    cwd: request.cwd,
    cwd_identity: identityFields(request.cwdIdentity),
    cwd_changeable: changeableFields(request.cwdChangeable),
    stdin: stdin === undefined ? undefined : digestOf(stdin),
    timeout_ms: request.timeoutMs,
  };
}

/**
 * The record of a note of the session.
 *
 * @param note What happened.
 * @param waitedMs How long its request has waited, if that is known.
 * @param screen What was on the screen, if the person decided there.
 * @returns The record, or `undefined` for what has one already.
 */
export function noteRecord(
  note: Note,
  waitedMs: number | undefined,
  screen: ScreenDigest | undefined,
): RecordFields | undefined {
  const id = "request" in note ? note.request.id : "";
  switch (note.what) {
    case "started":
    case "stopping":
      return undefined;
    case "shown":
      return { event: "shown", id };
    case "decided": {
      const { decision, key, message } = note;
      const waited_ms = waitedMs === undefined ? undefined : Math.round(waitedMs);
      return { event: "decided", id, decision, key, message, waited_ms, screen };
    }
    case "withdrawn":
      return { event: "withdrawn", id, why: note.why };
    case "notAuthenticated":
      return { event: "not_authenticated", id };
    case "ended":
      return { event: "ended", id, ...endFields(note.end) };
    case "ending":
      return { event: "ending", id, why: note.why };
    case "endingFailed":
      return { event: "ending_failed", id, needs_password: note.password };
    case "policy":
      return { event: "policy", trust_unprivileged: note.trustUnprivileged, by: note.by };
  }
}

/** The digest of a text, as UTF-8, or of bytes. */
export function digestOf(data: string | Uint8Array): Digest {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return { bytes: bytes.length, sha256: hashOf(bytes) };
}

const ENCODER = new TextEncoder();
const BUFFER = new Uint8Array(0x1_0000);

/** The digest of a text that comes in pieces, none of which ends in half a character. */
export class TextDigest {
  readonly #hash = createHash("sha256");
  #bytes = 0;

  /** Takes the next piece. */
  add(text: string): void {
    // One buffer for all pieces: V8 collects byte buffers late.
    for (let rest = text; rest !== "";) {
      const { read, written } = ENCODER.encodeInto(rest, BUFFER);
      this.#hash.update(BUFFER.subarray(0, written));
      this.#bytes += written;
      rest = rest.slice(read);
    }
  }

  /** The digest of what came so far, as {@linkcode digestOf} has it. */
  get digest(): Digest {
    return { bytes: this.#bytes, sha256: this.#hash.copy().digest("hex") };
  }
}

function stageFields(stage: ResolvedStage) {
  const { identity, changeable, named, unseen, unlooked, ...rest } = stage;
  return {
    ...rest,
    identity: identityFields(identity),
    changeable: changeableFields(changeable),
    named: named.length === 0 ? undefined : named.map(namedFields),
    unseen: unseen.length === 0 ? undefined : unseen,
    unlooked: unlooked === 0 ? undefined : unlooked,
  };
}

function namedFields({ isFile, identity, changeable, ...rest }: NamedPath) {
  return {
    ...rest,
    is_file: isFile,
    identity: identityFields(identity),
    changeable: changeableFields(changeable),
  };
}

function changeableFields(changeable: Changeable | undefined) {
  return changeable && { place: changeable.path, who: changeable.who };
}

function identityFields({ realPath, mtimeMs, ctimeMs, ...rest }: FileIdentity) {
  return { ...rest, real_path: realPath, mtime_ms: mtimeMs, ctime_ms: ctimeMs };
}

function endFields(end: RunEnd) {
  if (end.kind === "refused") return { ran: end.ran ?? false, message: end.message };
  const { stages, stdout, durationMs } = end.outcome;
  return {
    ran: true,
    ran_ms: Math.round(durationMs),
    stages: stages.map(({ exitCode, signal, stderr }) => ({
      exit_code: exitCode,
      signal,
      stderr: streamFields(stderr),
    })),
    stdout: streamFields(stdout),
  };
}

function streamFields({ bytes, sha256, isTruncated }: Captured) {
  return { bytes: bytes.length, sha256, truncated: isTruncated ? true : undefined };
}
