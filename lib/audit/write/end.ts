import { createHash } from "node:crypto";
import { infoOf } from "../../platform/exists.ts";
import { waitForLockSync } from "../../platform/lock.ts";
import { ensurePrivateFolder, folderOf } from "../../platform/paths.ts";
import { writeAll } from "../../platform/write_all.ts";
import { GENESIS, hashOf, type Head } from "./chain.ts";
import { AuditError, BrokenTrailError } from "./errors.ts";
import { checkSince, type Left, stampOf } from "./check.ts";
import {
  headLine,
  headPath,
  linesIn,
  readHead,
  SEGMENT_BYTES,
  segmentPath,
  segmentsIn,
  trailLockPath,
  trailQueuePath,
} from "./segments.ts";

/**
 * How long others may hold the lock before the trail counts as unusable. One write takes some 30 ms
 * at most, and the terminal stands still during the wait.
 */
const LOCK_TIMEOUT_MS = 1000;

/**
 * The end of a trail on disk. Before anything is appended, it is compared with what this process
 * left there; if it differs, all lines since then are checked.
 */
export class TrailEnd {
  readonly #folder: string;
  readonly #uid: number;
  readonly #onTorn: (kept: string, bytes: Uint8Array) => void;
  #file: Deno.FsFile | undefined;
  #left: Left | undefined;
  /** Whether another program held the lock for too long the last time. */
  #isLockedOut = false;

  /**
   * Opens nothing yet.
   *
   * @param folder The trail's folder; made with mode 0700 if it does not exist.
   * @param uid The daemon's user.
   * @param onTorn Called with a torn record, and the file that keeps it.
   */
  constructor(folder: string, uid: number, onTorn: (kept: string, bytes: Uint8Array) => void) {
    this.#folder = folder;
    this.#uid = uid;
    this.#onTorn = onTorn;
  }

  /** The last record that this process knows. */
  get head(): Head {
    return this.#left?.head ?? GENESIS;
  }

  /**
   * Checks the end of the trail, then does some work while no other daemon writes.
   *
   * @throws {BrokenTrailError} If the trail is not what it was.
   * @throws {AuditError} If another program keeps the lock.
   */
  locked(work: () => void): void {
    // An open file stays the same file, whatever happens to its folder.
    if (this.#file === undefined) {
      const above = folderOf(this.#folder);
      Deno.mkdirSync(above, { recursive: true, mode: 0o700 });
      ensurePrivateFolder(above, this.#uid);
      ensurePrivateFolder(this.#folder, this.#uid);
    }
    using _lock = this.#takeTurn();
    this.#catchUp();
    work();
  }

  /**
   * Appends lines, all of them or none.
   *
   * @param lines With a newline after each.
   * @param head The head that the last of them becomes.
   * @param durable Whether they must be on disk before this returns.
   */
  append(lines: string, head: Head, durable: boolean): void {
    let { file, left } = this.#open();
    if (left.size >= SEGMENT_BYTES) {
      file.syncDataSync();
      this.#begin(left.segment + 1, left);
      ({ file, left } = this.#open());
    }
    const bytes = new TextEncoder().encode(lines);
    try {
      file.seekSync(left.size, Deno.SeekMode.Start);
      writeAll(file, bytes);
    } catch (error) {
      // A disk that is full must not leave half a record.
      file.truncateSync(left.size);
      throw error;
    }
    left.digest.update(bytes);
    this.#left = { ...left, head, ...stampOf(this.#folder, left.segment) };
    if (durable) file.syncDataSync();
  }

  /**
   * Writes the file `head`. It is never ahead of the records, even after a crash. Overwriting it
   * needs no space, so a full disk does no harm to it.
   */
  storeHead(): void {
    const { left } = this.#open();
    using file = Deno.openSync(headPath(this.#folder), { write: true });
    writeAll(file, new TextEncoder().encode(headLine(left.head)));
    this.#left = { ...left, stored: left.head };
  }

  /** Closes the file; the next work opens and checks it again. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #open(): { readonly file: Deno.FsFile; readonly left: Left } {
    const [file, left] = [this.#file, this.#left];
    if (file === undefined || left === undefined) throw new AuditError("is not open");
    return { file, left };
  }

  /**
   * Each daemon has to queue: one that has just written could retake the lock before a waiting one
   * sees it free.
   */
  #takeTurn(): Deno.FsFile {
    // The daemon stands still while this waits, so it waits only once for a program that keeps the
    // lock.
    const deadline = performance.now() + (this.#isLockedOut ? 0 : LOCK_TIMEOUT_MS);
    using _queue = this.#lock(trailQueuePath(this.#folder), deadline);
    return this.#lock(trailLockPath(this.#folder), deadline);
  }

  #lock(path: string, deadline: number): Deno.FsFile {
    const lock = waitForLockSync(path, deadline);
    this.#isLockedOut = lock === undefined;
    if (lock !== undefined) return lock;
    throw new AuditError(`is locked by another program (${trailLockPath(this.#folder)})`);
  }

  /**
   * Makes sure that the last segment is as this process left it. If it is not, because another
   * daemon wrote, because this one has just begun, or because somebody changed it, all lines since
   * then are checked.
   */
  #catchUp(): void {
    if (this.#file !== undefined && this.#isUntouched()) return;
    this.close();
    const last = segmentsIn(this.#folder).at(-1);
    const stored = readHead(this.#folder);
    if (last === undefined) {
      if (this.#left !== undefined || stored !== undefined && !isGenesis(stored)) {
        throw new BrokenTrailError("its segments are missing");
      }
      this.#makeHead();
      return this.#begin(1, { head: GENESIS, stored: GENESIS });
    }
    if (stored === undefined) throw new BrokenTrailError("the file head is missing");
    if (stored === "unreadable") throw new BrokenTrailError("the file head is no head");
    const path = segmentPath(this.#folder, last);
    const bytes = Deno.readFileSync(path);
    const head = checkSince(this.#left, this.#folder, last, bytes, stored);
    const { torn } = linesIn(bytes);
    const whole = bytes.subarray(0, bytes.length - torn.length);
    const digest = createHash("sha256").update(whole);
    this.#file = Deno.openSync(path, { read: true, write: true });
    if (torn.length > 0) this.#setTornAside(last, torn, this.#file, whole.length);
    this.#left = { segment: last, ...stampOf(this.#folder, last), digest, head, stored };
  }

  #isUntouched(): boolean {
    if (this.#left === undefined) return false;
    const { segment, size, stamp } = this.#left;
    if (stampOf(this.#folder, segment).stamp !== stamp) return false;
    // Another daemon may have begun the next segment.
    return size < SEGMENT_BYTES || infoOf(segmentPath(this.#folder, segment + 1)) === undefined;
  }

  /** A crash may cut the last record in two: it is kept beside the trail, and noted in it. */
  #setTornAside(segment: number, torn: Uint8Array, trail: Deno.FsFile, size: number): void {
    const kept = `torn-${String(segment).padStart(6, "0")}-${hashOf(torn).slice(0, 16)}`;
    writeSynced(`${this.#folder}/${kept}`, torn);
    trail.truncateSync(size);
    this.#onTorn(kept, torn);
  }

  #makeHead(): void {
    const path = headPath(this.#folder);
    writeSynced(`${path}.new`, new TextEncoder().encode(headLine(GENESIS)));
    Deno.renameSync(`${path}.new`, path);
  }

  #begin(segment: number, { head, stored }: Pick<Left, "head" | "stored">): void {
    this.close();
    const path = segmentPath(this.#folder, segment);
    this.#file = Deno.openSync(path, { createNew: true, read: true, write: true, mode: 0o600 });
    // The file's name is on disk only once its folder is.
    using folder = Deno.openSync(this.#folder);
    folder.syncSync();
    const digest = createHash("sha256");
    this.#left = { segment, ...stampOf(this.#folder, segment), digest, head, stored };
  }
}

function isGenesis(stored: Head | "unreadable"): boolean {
  return stored !== "unreadable" && stored.seq === 0;
}

function writeSynced(path: string, bytes: Uint8Array): void {
  using file = Deno.openSync(path, { create: true, truncate: true, write: true, mode: 0o600 });
  writeAll(file, bytes);
  file.syncDataSync();
}
