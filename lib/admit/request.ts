/**
 * The types that a request passes through on its way to the screen. Each can be made only by the
 * step that checks it, and is deeply frozen, so that what is shown can't change before it runs.
 *
 * @module
 */
import type { Request } from "../protocol/request.ts";

/** The mark of {@linkcode ValidatedRequest}; it exists for the compiler alone. */
export declare const validated: unique symbol;
/** The mark of {@linkcode ResolvedRequest}; it exists for the compiler alone. */
export declare const resolved: unique symbol;

/** The fields of a {@linkcode ValidatedRequest}, before they count as checked. */
export interface RequestFields extends Omit<Request, "time" | "env" | "stdin"> {
  /** Allowed names only, in the order in which they were sent. */
  readonly env: readonly (readonly [name: string, value: string])[];
  /** Input of the first stage: UTF-8 text. */
  readonly stdin: string | undefined;
}

/**
 * A request whose texts can all be shown truthfully, and whose structure, limits, names, time and
 * id are valid.
 */
export interface ValidatedRequest extends RequestFields {
  /** Only `validateRequest` makes this type. */
  readonly [validated]: true;
}

/** What tells whether a file is still the one that was shown; times in milliseconds of the epoch. */
export interface FileIdentity {
  /** The path with every link followed. */
  readonly realPath: string;
  /** The device that holds it. */
  readonly dev: number;
  /** Its inode. */
  readonly ino: number;
  /** Its size in bytes. */
  readonly size: number;
  /** When its contents last changed. */
  readonly mtimeMs: number;
  /** When its contents, owner or mode last changed; a program can't set it. */
  readonly ctimeMs: number;
}

/** A file, link or folder that someone other than root could change. */
export interface Changeable {
  /** Where it is. */
  readonly path: string;
  /** Who, in words, such as `belongs to you`. */
  readonly who: string;
}

/** Something that exists and is named by an argument. */
export interface NamedPath {
  /** The number of the argument; the first after the program is 1. */
  readonly argument: number;
  /** The absolute path as the argument gives it; nothing of it is resolved. */
  readonly path: string;
  /** The path with every link and `..` resolved, apart from a link at its end. */
  readonly at: string;
  /** Whether it has content: a regular file, and no folder or device. */
  readonly isFile: boolean;
  /** What it was when it was found. */
  readonly identity: FileIdentity;
  /** Who, other than root, could change it; `undefined` for nobody. */
  readonly changeable: Changeable | undefined;
  /** What must be the same at the start: all of it, or only which file or folder it is. */
  readonly compared: "content" | "identity";
}

/** One stage whose program was found before anybody is asked. */
export interface ResolvedStage {
  /** The path that is shown and run: every link and `..` resolved, apart from a link at its end. */
  readonly program: string;
  /** Which file that was when it was found. */
  readonly identity: FileIdentity;
  /** The arguments, without the program. */
  readonly args: readonly string[];
  /** Who, other than root, could change the program; `undefined` for nobody. */
  readonly changeable: Changeable | undefined;
  /** What its arguments name; it is compared before the start. */
  readonly named: readonly NamedPath[];
  /** The numbers of the arguments that lead where the daemon can't look. */
  readonly unseen: readonly number[];
  /** How many arguments, at the end, were not looked at. */
  readonly unlooked: number;
}

/** A request that is ready to be shown: every program is an absolute path with its identity. */
export interface ResolvedRequest extends RequestFields {
  /** Only `resolvedRequest` makes this type. */
  readonly [resolved]: true;
  /** The pipeline, found; as many stages as `pipeline` has. */
  readonly stages: readonly ResolvedStage[];
  /** Whether root runs it: it is privileged, or the daemon is root itself. */
  readonly asRoot: boolean;
  /** Which folder `cwd` was. */
  readonly cwdIdentity: FileIdentity;
  /** Who, other than root, could change what is in `cwd`, or where it leads. */
  readonly cwdChangeable: Changeable | undefined;
}

/** Everything of a request that the person is shown. */
export type ShownRequest = Omit<
  ResolvedRequest,
  typeof resolved | "id" | "action" | "pipeline" | "stream" | "target"
>;

/** Marks fields as checked, and freezes them. Called by `validateRequest` alone. */
export function validatedRequest(fields: RequestFields): ValidatedRequest {
  // The mark is no field: this cast is how it is made.
  return deepFreeze(fields) as ValidatedRequest;
}

/**
 * Joins a request with the programs that were found for it, and freezes both.
 *
 * @param request The checked request.
 * @param stages One for each stage of its pipeline.
 * @param runner Who runs it, and in which folder.
 */
export function resolvedRequest(
  request: ValidatedRequest,
  stages: readonly ResolvedStage[],
  runner: Pick<ResolvedRequest, "asRoot" | "cwdIdentity" | "cwdChangeable">,
): ResolvedRequest {
  const fields = { ...request, stages, ...runner };
  // The mark is no field: this cast is how it is made.
  return deepFreeze<Omit<ResolvedRequest, typeof resolved>>(fields) as ResolvedRequest;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
