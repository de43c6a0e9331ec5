/**
 * What the audit trail remembers. A record has no output, no standard input, no password and no
 * variable but those of the request: of streams it has the size and the hash.
 *
 * @module
 */
import type { Outcome, RunEnd } from "../gate/outcome.ts";
import type { FileIdentity, NamedPath, ResolvedRequest, ResolvedStage } from "../gate/request.ts";
import type { Note } from "../gate/state.ts";
import { hashOf } from "./chain.ts";

/** The size of some bytes, and what tells them from any others. */
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
  /** True where the terminal got nothing but ASCII. */
  readonly ascii?: true;
}

/** The fields of a record, without those that every record has. */
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

/**
 * The record of a request that passed every check and is about to wait for the person.
 *
 * @param request The request with its programs.
 * @returns Everything that decides what would run.
 */
export function receivedRecord(request: ResolvedRequest): RecordFields {
  const { id, host, session, version, reason, privileged, asRoot, forwardAgent } = request;
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
    ...(request.cwdChangeable ? { cwd_changeable: request.cwdChangeable } : {}),
    ...(request.stdin === undefined ? {} : { stdin: digestOf(request.stdin) }),
    ...(request.timeoutMs === undefined ? {} : { timeout_ms: request.timeoutMs }),
  };
}

/**
 * The record of the start of an approved request.
 *
 * @param request What was approved.
 * @param basis What the approval rests on.
 * @returns The record; it is on disk before anything is started.
 */
export function startedRecord(request: ResolvedRequest, basis: "key" | "trust"): RecordFields {
  return { event: "started", id: request.id, basis };
}

/**
 * The record of a note of the approval machine.
 *
 * @param note What happened.
 * @param now Monotonic milliseconds.
 * @param receivedAt When its request was taken in, in monotonic milliseconds, if it is known.
 * @param screen What was on the screen, where the person decided.
 * @returns The record, or `undefined` for what has one already.
 */
export function noteRecord(
  note: Note,
  now: number,
  receivedAt: number | undefined,
  screen: ScreenDigest | undefined,
): RecordFields | undefined {
  switch (note.what) {
    case "started":
      // It has one since before the start.
      return undefined;
    case "shown":
      return { event: "shown", id: note.request.id };
    case "decided": {
      const { decision, key, message } = note;
      return {
        event: "decided",
        id: note.request.id,
        decision,
        ...(key === undefined ? {} : { key }),
        ...(message === undefined ? {} : { message }),
        ...(receivedAt === undefined ? {} : { waited_ms: Math.round(now - receivedAt) }),
        ...(screen === undefined ? {} : { screen }),
      };
    }
    case "withdrawn":
      return { event: "withdrawn", id: note.request.id, why: note.why };
    case "notAuthenticated":
      return { event: "not_authenticated", id: note.request.id };
    case "ended":
      return { event: "ended", id: note.request.id, ...endFields(note.end) };
    case "ending":
      return { event: "ending", id: note.request.id, why: note.why };
    case "endingFailed":
      return { event: "ending_failed", id: note.request.id, needs_password: note.password };
    case "policy":
      return { event: "policy", trust_unprivileged: note.trustUnprivileged, by: note.by };
    case "stopping":
      return undefined;
  }
}

/** The digest of a text, as UTF-8, or of bytes. */
export function digestOf(data: string | Uint8Array): Digest {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return { bytes: bytes.length, sha256: hashOf(bytes) };
}

function stageFields(stage: ResolvedStage): Record<string, unknown> {
  const { program, identity, args, changeable, named, unseen, unlooked } = stage;
  return {
    program,
    args,
    identity: identityFields(identity),
    ...(changeable ? { changeable } : {}),
    ...(named.length === 0 ? {} : { named: named.map(namedFields) }),
    ...(unseen.length === 0 ? {} : { unseen }),
    ...(unlooked === 0 ? {} : { unlooked }),
  };
}

function namedFields({ argument, path, at, isFile, compared, ...rest }: NamedPath) {
  return {
    argument,
    path,
    at,
    is_file: isFile,
    compared,
    identity: identityFields(rest.identity),
    ...(rest.changeable ? { changeable: rest.changeable } : {}),
  };
}

function identityFields(identity: FileIdentity): Record<string, unknown> {
  const { realPath, dev, ino, size, mtimeMs, ctimeMs } = identity;
  return { real_path: realPath, dev, ino, size, mtime_ms: mtimeMs, ctime_ms: ctimeMs };
}

function endFields(end: RunEnd): Record<string, unknown> {
  if (end.kind === "refused") return { ran: false, message: end.message };
  const { stages, stdout, stdoutTruncated, durationMs }: Outcome = end.outcome;
  return {
    ran: true,
    ran_ms: Math.round(durationMs),
    stages: stages.map(({ exitCode, signal, stderr, stderrTruncated }) => ({
      exit_code: exitCode,
      ...(signal === undefined ? {} : { signal }),
      stderr: { ...digestOf(stderr), ...(stderrTruncated ? { truncated: true } : {}) },
    })),
    stdout: { ...digestOf(stdout), ...(stdoutTruncated ? { truncated: true } : {}) },
  };
}
