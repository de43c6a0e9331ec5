/**
 * Files of this user, read and replaced so that neither a crash, nor a program that writes at the
 * same time, nor a file of somebody else's does harm.
 *
 * @module
 */
import { folderOf } from "../paths.ts";
import { behindLinks, newOf } from "./files.ts";

/** The largest file that is changed, in bytes. */
const MAX_BYTES = 32 * 1024 * 1024;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;

/** A file that must be left alone; the message is the end of a sentence about it. */
export class OwnFileError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "OwnFileError";
}

/** A file as it was found. */
export interface OwnFile {
  /** The path by which it was asked for. */
  readonly path: string;
  /** The file itself, behind any links. */
  readonly target: string;
  /** Its contents, or `undefined` where there is none. */
  readonly text: string | undefined;
  /** Its permission bits, or `undefined` where there is none. */
  readonly mode: number | undefined;
}

/**
 * Reads a file that is to be changed.
 *
 * @param path The file; links are followed.
 * @param uid Whose it must be.
 * @returns What was found.
 * @throws {OwnFileError} If it is someone else's, no file, not UTF-8, or in a folder where others
 * can put files in its place.
 */
export function readOwnFile(path: string, uid: number): OwnFile {
  const target = behindLinks(path);
  const info = look(target);
  if (info?.isSymlink) throw new OwnFileError("is a link that leads nowhere");
  const folder = folderOf(target);
  if (info === undefined) {
    checkFolder(folder, uid);
    return { path, target, text: undefined, mode: undefined };
  }
  const where = target === path ? "" : `leads to ${target}, which `;
  if (!info.isFile) throw new OwnFileError(`${where}is not a file`);
  if (info.uid !== uid) {
    throw new OwnFileError(`${where}belongs to the user with the id ${info.uid}`);
  }
  if (info.size > MAX_BYTES) {
    throw new OwnFileError(`${where}is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
  }
  checkFolder(folder, uid);
  return { path, target, text: decode(Deno.readFileSync(target)), mode: info.mode! & 0o777 };
}

/**
 * Replaces a file as a whole, or makes it.
 *
 * @param file The file as it was found.
 * @param text Its new contents.
 * @param mode The permission bits of a new file; an old one keeps its own.
 * @throws {OwnFileError} If it has changed since it was read.
 */
export function replaceFile(file: OwnFile, text: string, mode: number): void {
  const { target } = file;
  const next = newOf(target);
  writeNew(next, text, file.mode ?? mode);
  try {
    if (readOrNothing(target) !== file.text) {
      throw new OwnFileError("was changed meanwhile by another program; run setup again");
    }
    Deno.renameSync(next, target);
  } catch (error) {
    Deno.removeSync(next);
    throw error;
  }
}

/**
 * Removes a file.
 *
 * @param file The file as it was found.
 * @throws {OwnFileError} If it has changed since it was read.
 */
export function removeFile({ target, text }: OwnFile): void {
  if (readOrNothing(target) !== text) {
    throw new OwnFileError("was changed meanwhile by another program; run setup again");
  }
  Deno.removeSync(target);
}

/**
 * Writes a file in place of whatever has its name; a link of that name is not followed.
 *
 * @param path The file.
 * @param text Its contents.
 * @param mode Its permission bits.
 */
export function writeNew(path: string, text: string, mode: number): void {
  if (look(path) !== undefined) Deno.removeSync(path);
  using file = Deno.openSync(path, { createNew: true, write: true, mode });
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(file.writeSync(bytes));
  file.syncSync();
  // The mask of the process may have taken bits away.
  Deno.chmodSync(path, mode);
}

/**
 * Tells why a folder is not one to put a file into. Whoever can write there, or in a folder above
 * it, could put a file of their own in the place of ours.
 *
 * @param folder The folder; where it does not exist, the one in which it would be made counts.
 * @param uid Whose it must be.
 * @throws {OwnFileError} If it is someone else's, or can be changed by every user.
 */
export function checkFolder(folder: string, uid: number): void {
  const real = behindLinks(folder);
  const info = look(real);
  if (info === undefined) return checkFolder(folderOf(folder), uid);
  if (!info.isDirectory) throw new OwnFileError(`can't be made: ${folder} is not a folder`);
  if (info.uid !== uid) {
    throw new OwnFileError(`is in ${folder}, which belongs to the user with the id ${info.uid}`);
  }
  for (let path = real; path !== "/"; path = folderOf(path)) {
    const mode = look(path)?.mode ?? 0;
    if ((mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0) {
      throw new OwnFileError(`is in ${path}, where every user can write`);
    }
  }
}

function look(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function readOrNothing(path: string): string | undefined {
  return look(path) === undefined ? undefined : decode(Deno.readFileSync(path));
}

function decode(bytes: Uint8Array): string {
  try {
    // What is read is written again, byte by byte: the mark of the byte order stays.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new OwnFileError("is not UTF-8");
  }
}
