/**
 * What the arguments of a command name: decided here, compared before the start, and described by
 * the notes.
 *
 * @module
 */
import type { NamedPath, ResolvedStage } from "../gate/request.ts";
import { folderOf, SYSTEM_FOLDERS } from "../paths.ts";
import { changeableBy } from "./changeable.ts";
import { type Comparison, identityOf } from "./identity.ts";
import { walk } from "./walk.ts";

/** More arguments of a request are not looked at; a note says how many. */
export const MAX_LOOKED_AT = 256;
/** The kernel refuses longer paths and names, in bytes (path_resolution(7)). */
const MAX_PATH_BYTES = 4095;
const MAX_NAME_BYTES = 255;

/** Programs that print files, and run and write nothing. */
const PRINTERS: ReadonlySet<string> = new Set([
  "cat",
  "cut",
  "du",
  "grep",
  "head",
  "ls",
  "stat",
  "tac",
  "tail",
  "tr",
  "wc",
]);

/** What the arguments of a stage name. */
export type NamedPaths = Pick<ResolvedStage, "named" | "unseen" | "unlooked">;

/** How the arguments of a request are looked at. */
export interface LookOptions {
  /** The working folder, without links. */
  readonly cwd: string;
  /** The user that runs the daemon. */
  readonly uid: number;
  /** What must be the same of a file at the start. */
  readonly fileComparison: Comparison;
}

/**
 * Decides what must be the same of the files that a request names. Logs grow while a person reads,
 * not least by sudo's own line: where every stage only prints, a file may have other content.
 *
 * @param stages The programs.
 * @returns What is compared.
 */
export function fileComparisonOf(
  stages: readonly Pick<ResolvedStage, "program" | "changeable">[],
): Comparison {
  return stages.every(isPrinter) ? "identity" : "content";
}

/**
 * Looks at what the arguments of a program name.
 *
 * @param args The arguments.
 * @param limit How many of them are looked at.
 * @param options How.
 * @returns What is there, what can't be looked at, and how many arguments were left out.
 */
export async function namedPaths(
  args: readonly string[],
  limit: number,
  options: LookOptions,
): Promise<NamedPaths> {
  const looks = args.slice(0, limit).flatMap((arg, index) =>
    pathsIn(arg).map((text) => look(text, index + 1, options))
  );
  const found = await Promise.all(looks);
  const unseen = found.filter((item) => typeof item === "number");
  return {
    named: found.filter((item) => typeof item === "object"),
    unseen: [...new Set(unseen)],
    unlooked: Math.max(0, args.length - limit),
  };
}

/** The argument itself, and what stands behind an option or a name in it. */
function pathsIn(arg: string): string[] {
  // `--file=PATH`, `of=PATH`, `-fPATH`, `@PATH`
  const parts = [arg, /^[^=]*=(.*)$/s.exec(arg)?.[1], /^(?:-[^-]|@)(.*)$/s.exec(arg)?.[1]];
  return [...new Set(parts)].filter((part) => part !== undefined).filter(canBePath);
}

function canBePath(text: string): boolean {
  const bytes = (part: string) => new TextEncoder().encode(part).length;
  return text !== "" && text.length <= MAX_PATH_BYTES && bytes(text) <= MAX_PATH_BYTES &&
    text.split("/").every((name) => bytes(name) <= MAX_NAME_BYTES);
}

/** An argument that names nothing is not a path; `number` stands for what can't be looked at. */
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

/** A name says what a program does only where nobody but root could have put it there. */
function isPrinter({ program, changeable }: Pick<ResolvedStage, "program" | "changeable">) {
  const folder = folderOf(program);
  return changeable === undefined && SYSTEM_FOLDERS.includes(folder) &&
    PRINTERS.has(program.slice(folder.length + 1));
}

/**
 * Makes a path absolute without resolving anything.
 *
 * @param path A path.
 * @param cwd The folder that it starts from.
 * @returns An absolute path.
 */
export function absolute(path: string, cwd: string): string {
  return path.startsWith("/") ? path : `${cwd === "/" ? "" : cwd}/${path}`;
}
