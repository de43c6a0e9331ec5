/**
 * What the arguments of a command name: decided here, compared before the start, and described by
 * the notes.
 *
 * @module
 */
import type { NamedPath, ResolvedStage } from "../admit/request.ts";
import { folderOf, SYSTEM_FOLDERS } from "../platform/paths.ts";
import { changeableBy } from "./changeable.ts";
import { type Comparison, identityOf } from "./identity.ts";
import { walk } from "./walk.ts";

/** How many arguments of a request are looked at; a note counts the rest. */
export const MAX_LOOKED_AT = 256;
/** The kernel refuses longer paths and names, in bytes (path_resolution(7)). */
const MAX_PATH_BYTES = 4095;
const MAX_NAME_BYTES = 255;

/** Programs that print files, and run and write nothing. */
const PRINTERS: ReadonlySet<string> = new Set(
  ["cat", "cut", "du", "grep", "head", "ls", "stat", "tac", "tail", "tr", "wc"],
);

/** A program that was found. */
export type FoundProgram = Pick<ResolvedStage, "program" | "changeable">;
/** The working folder without links, the daemon's user, and what must be the same of a file. */
export type LookOptions = Readonly<{ cwd: string; uid: number; fileComparison: Comparison }>;

/**
 * Decides what must stay the same in the files that a request names. Logs grow while a person
 * reads, if only by sudo's own line, so a file may change if every stage only prints.
 */
export function fileComparisonOf(programs: readonly FoundProgram[]): Comparison {
  return programs.every(isPrinter) ? "identity" : "content";
}

/**
 * Tells whether a program is a known printer. Its name counts only if nobody but root could have
 * put it there.
 */
function isPrinter({ program, changeable }: FoundProgram): boolean {
  const folder = folderOf(program);
  return changeable === undefined && SYSTEM_FOLDERS.includes(folder) &&
    PRINTERS.has(program.slice(folder.length + 1));
}

/** Looks at what the first `limit` arguments of a program name. */
export async function namedPaths(
  args: readonly string[],
  limit: number,
  options: LookOptions,
): Promise<Pick<ResolvedStage, "named" | "unseen" | "unlooked">> {
  const found = await Promise.all(
    args.slice(0, limit).flatMap((arg, index) =>
      pathsIn(arg).map((text) => look(text, index + 1, options))
    ),
  );
  return {
    named: found.filter((item) => typeof item === "object"),
    unseen: [...new Set(found.filter((item) => typeof item === "number"))],
    unlooked: Math.max(0, args.length - limit),
  };
}

/** The argument itself, and the part after an option or a name in it. */
function pathsIn(arg: string): string[] {
  // `--file=PATH`, `of=PATH`, `-fPATH`, `@PATH`
  const parts = [arg, /^[^=]*=(.*)$/s.exec(arg)?.[1], /^(?:-[^-]|@)(.*)$/s.exec(arg)?.[1]];
  return [...new Set(parts)].filter((part) => part !== undefined).filter(canBePath);
}

function canBePath(text: string): boolean {
  return text !== "" && fits(text, MAX_PATH_BYTES) &&
    text.split("/").every((name) => fits(name, MAX_NAME_BYTES));
}

/** Whether a text has at most so many bytes; a UTF-16 unit takes three of them at most. */
function fits(text: string, bytes: number): boolean {
  if (text.length <= bytes / 3) return true;
  return text.length <= bytes && new TextEncoder().encode(text).length <= bytes;
}

/** `undefined` if nothing is there; the argument's number if it can't be looked at. */
async function look(
  text: string,
  argument: number,
  { cwd, uid, fileComparison }: LookOptions,
): Promise<NamedPath | number | undefined> {
  const path = absolute(text, cwd);
  try {
    const found = await walk(path);
    const { isFile } = found.info;
    return {
      argument,
      path,
      at: found.path,
      isFile,
      identity: identityOf(found),
      changeable: changeableBy(found, uid),
      // What is in a folder may change, and so may its times.
      compared: isFile ? fileComparison : "identity",
    };
  } catch (error) {
    const isNothing = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.FilesystemLoop;
    return isNothing ? undefined : argument;
  }
}

/** Makes a path absolute, from a folder that is, without resolving anything. */
export function absolute(path: string, cwd: string): string {
  return path.startsWith("/") ? path : `${cwd === "/" ? "" : cwd}/${path}`;
}
