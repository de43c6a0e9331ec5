/**
 * What the arguments of a command name: decided here, compared before the start, and described by
 * the notes.
 *
 * @module
 */
import type { NamedPath, ResolvedStage } from "../gate/request.ts";
import { folderOf, SYSTEM_FOLDERS } from "../paths.ts";
import { changeableBy } from "./changeable.ts";
import { identityOf } from "./identity.ts";
import { walk } from "./walk.ts";

/** More arguments of a request are not looked at; a note says how many. */
export const MAX_LOOKED_AT = 256;
/** The kernel refuses longer paths and names, in bytes (path_resolution(7)). */
const MAX_PATH_BYTES = 4095;
const MAX_NAME_BYTES = 255;

/** Programs that print files and run nothing of them: what they print may grow until they start. */
const PRINTERS: ReadonlySet<string> = new Set([
  "cat",
  "du",
  "grep",
  "head",
  "ls",
  "stat",
  "tac",
  "tail",
  "wc",
]);

/** What the arguments of a stage name. */
export type NamedPaths = Pick<ResolvedStage, "named" | "unseen" | "unlooked">;

/**
 * Looks at what the arguments of a program name.
 *
 * @param stage The program, and its arguments.
 * @param cwd The working folder, without links.
 * @param uid The user that runs the daemon.
 * @param limit How many arguments are looked at.
 * @returns What is there, what can't be looked at, and how many arguments were left out.
 */
export async function namedPaths(
  stage: Pick<ResolvedStage, "program" | "args" | "changeable">,
  cwd: string,
  uid: number,
  limit: number,
): Promise<NamedPaths> {
  const looks = stage.args.slice(0, limit).flatMap((arg, index) =>
    pathsIn(arg).map((text) => look(text, index + 1, cwd, uid, isPrinter(stage)))
  );
  const found = await Promise.all(looks);
  const unseen = found.filter((item) => typeof item === "number");
  return {
    named: found.filter((item) => typeof item === "object"),
    unseen: [...new Set(unseen)],
    unlooked: Math.max(0, stage.args.length - limit),
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
  cwd: string,
  uid: number,
  isPrinted: boolean,
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
      compared: isFile && !isPrinted ? "content" : "identity",
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
