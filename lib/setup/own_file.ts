/**
 * Files of this user, read and replaced so that neither a crash, nor a program that writes at the
 * same time, nor a file of somebody else's does harm.
 *
 * @module
 */
import { infoOf } from "../platform/exists.ts";
import { folderOf } from "../platform/paths.ts";
import { replaceFile } from "../platform/replace_file.ts";

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
  /** Its contents, or `undefined` if there is none. */
  readonly text: string | undefined;
  /** Its permission bits, or `undefined` if there is none. */
  readonly mode: number | undefined;
}

/** Where a new version is written before it takes the place of the old one. */
export function newOf(path: string): string {
  return `${path}.sudo-proxy-new`;
}

/** Where a configuration file is kept as it was before the first change. */
export function copyOf(path: string): string {
  return `${path}.before-sudo-proxy`;
}

/**
 * The file that a path leads to, or the path itself where nothing is. Configuration may be a link
 * into a folder of dotfiles: the link stays, and the file behind it changes.
 */
export function behindLinks(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

/**
 * Reads a file that is to be changed; links are followed.
 *
 * @throws {OwnFileError} If it is someone else's, no file, not UTF-8, or in a folder where others
 * can put files in its place.
 */
export function readOwnFile(path: string, uid: number): OwnFile {
  const target = behindLinks(path);
  const info = infoOf(target);
  if (info?.isSymlink) throw new OwnFileError("is a link that leads nowhere");
  const fault = info && fileFault(info, uid);
  if (fault !== undefined) {
    throw new OwnFileError(target === path ? fault : `leads to ${target}, which ${fault}`);
  }
  checkFolder(folderOf(target), uid);
  const mode = info && (info.mode ?? 0) & 0o777;
  return { path, target, text: info && readText(target), mode };
}

/**
 * Replaces a file, which keeps its permission bits, or makes it with the given ones.
 *
 * @throws {OwnFileError} If it has changed since it was read.
 */
export function replaceOwnFile(file: OwnFile, text: string, mode: number): void {
  const { target } = file;
  replaceFile(target, newOf(target), text, file.mode ?? mode, () => checkUnchanged(file));
}

/**
 * Removes a file.
 *
 * @throws {OwnFileError} If it has changed since it was read.
 */
export function removeOwnFile(file: OwnFile): void {
  checkUnchanged(file);
  Deno.removeSync(file.target);
}

function fileFault({ isFile, uid, size }: Deno.FileInfo, user: number): string | undefined {
  if (!isFile) return "is not a file";
  if (uid !== user) return `belongs to the user with the id ${uid}`;
  return size > MAX_BYTES ? `is larger than ${MAX_BYTES / 1024 / 1024} MiB` : undefined;
}

/**
 * Anyone who can write in a folder, or in one above it, could put another file in place of ours. If
 * the folder does not exist, the one in which it would be made is checked.
 */
function checkFolder(folder: string, uid: number): void {
  const real = behindLinks(folder);
  const info = infoOf(real);
  if (info === undefined) return checkFolder(folderOf(folder), uid);
  if (!info.isDirectory) throw new OwnFileError(`can't be made: ${folder} is not a folder`);
  if (info.uid !== uid) {
    throw new OwnFileError(`is in ${folder}, which belongs to the user with the id ${info.uid}`);
  }
  for (let path = real; path !== "/"; path = folderOf(path)) {
    const mode = infoOf(path)?.mode ?? 0;
    if ((mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0) {
      throw new OwnFileError(`is in ${path}, where every user can write`);
    }
  }
}

function checkUnchanged({ target, text }: OwnFile): void {
  const now = infoOf(target) && readText(target);
  if (now === text) return;
  throw new OwnFileError("was changed meanwhile by another program; run setup again");
}

function readText(path: string): string {
  try {
    // What is read is written again, byte by byte: the mark of the byte order stays.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(Deno.readFileSync(path));
  } catch (error) {
    if (error instanceof TypeError) throw new OwnFileError("is not UTF-8");
    throw error;
  }
}
