/**
 * The types that a request passes through on its way to the screen. Each can be made only by the
 * step that checks it, and is deeply frozen, so that what is shown can't change before it runs.
 *
 * @module
 */
import type { Action } from "../protocol/request.ts";

/** The mark of {@linkcode ValidatedRequest}; it exists for the compiler alone. */
export declare const validated: unique symbol;
/** The mark of {@linkcode ResolvedRequest}; it exists for the compiler alone. */
export declare const resolved: unique symbol;

/**
 * A request whose every text can be shown truthfully, and whose structure, limits, names, time and
 * id hold.
 */
export interface ValidatedRequest {
  /** Only `validateRequest` makes this type. */
  readonly [validated]: true;
  /** Names the request; it was never accepted before. */
  readonly id: string;
  /** What is asked for. */
  readonly action: Action;
  /** At least one stage of at least one word for `exec`, none for control actions. */
  readonly pipeline: readonly (readonly string[])[];
  /** Allowed names only, in the order in which they were sent. */
  readonly env: readonly (readonly [name: string, value: string])[];
  /** Whether it is to run as root. */
  readonly privileged: boolean;
  /** Whether it may use the daemon's own ssh agent; only where it is not privileged. */
  readonly forwardAgent: boolean;
  /** Why, in the asker's words. */
  readonly reason: string;
  /** The host that it claims to be for. */
  readonly host: string;
  /** Who asks. */
  readonly session: string;
  /** The client's version. */
  readonly version: string;
  /** Whether event lines are wanted. */
  readonly stream: boolean;
  /** An absolute path. */
  readonly cwd: string;
  /** Input of the first stage: UTF-8 text. */
  readonly stdin: string | undefined;
  /** The limit on the run itself in milliseconds. */
  readonly timeoutMs: number | undefined;
  /** The id that `cancel` is about. */
  readonly target: string | undefined;
}

/** What tells whether a file is still the one that was shown. */
export interface FileIdentity {
  /** The path with every link followed. */
  readonly realPath: string;
  /** The device that holds it. */
  readonly dev: number;
  /** Its inode. */
  readonly ino: number;
  /** Its size in bytes. */
  readonly size: number;
  /** When its contents last changed, in milliseconds of the epoch. */
  readonly mtimeMs: number;
  /**
   * When its contents, owner or mode last changed, in milliseconds of the epoch; a program can't
   * set it.
   */
  readonly ctimeMs: number;
}

/** A place that someone other than root could change. */
export interface Changeable {
  /** The file, link or folder. */
  readonly place: string;
  /** Who, in words, such as `belongs to you`. */
  readonly who: string;
}

/** Something that exists, and that an argument names. */
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
  /**
   * The absolute path that is shown and run: every link and `..` resolved, apart from a link at its
   * end.
   */
  readonly program: string;
  /** Which file that was when it was found. */
  readonly identity: FileIdentity;
  /** The arguments, without the program. */
  readonly args: readonly string[];
  /**
   * Who, other than root, could change the program: a path and a reason in words; `undefined` for
   * nobody.
   */
  readonly changeable: Changeable | undefined;
  /** What its arguments name; it is compared before the start. */
  readonly named: readonly NamedPath[];
  /** The numbers of the arguments that lead where the daemon can't look. */
  readonly unseen: readonly number[];
  /** How many arguments, at the end, were not looked at. */
  readonly unlooked: number;
}

/** A request that is ready to be shown: every program is an absolute path with its identity. */
export interface ResolvedRequest extends Omit<ValidatedRequest, typeof validated> {
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
export type ShownRequest = Pick<
  ResolvedRequest,
  | "stages"
  | "asRoot"
  | "privileged"
  | "forwardAgent"
  | "env"
  | "cwd"
  | "cwdIdentity"
  | "cwdChangeable"
  | "stdin"
  | "timeoutMs"
  | "session"
  | "version"
  | "host"
  | "reason"
>;

/** The fields of a {@linkcode ValidatedRequest}, before they count as checked. */
export type RequestFields = Omit<ValidatedRequest, typeof validated>;

/**
 * Marks fields as checked. Called by `validateRequest` alone.
 *
 * @param fields Fields for which every rule was checked.
 * @returns The same, frozen.
 */
export function validatedRequest(fields: RequestFields): ValidatedRequest {
  return deepFreeze(fields) as ValidatedRequest;
}

/**
 * Joins a request with the programs that were found for it.
 *
 * @param request The checked request.
 * @param stages One for each stage of its pipeline.
 * @param where Who runs it, and in which folder.
 * @returns Both together, frozen.
 */
export function resolvedRequest(
  request: ValidatedRequest,
  stages: readonly ResolvedStage[],
  where: Pick<ResolvedRequest, "asRoot" | "cwdIdentity" | "cwdChangeable">,
): ResolvedRequest {
  return deepFreeze({ ...request, stages, ...where }) as unknown as ResolvedRequest;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
