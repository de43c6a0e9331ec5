import {
  type ResolvedRequest,
  resolvedRequest,
  type ResolvedStage,
  type ValidatedRequest,
} from "../gate/request.ts";
import { SYSTEM_FOLDERS } from "../paths.ts";
import { changeableBy } from "./changeable.ts";
import { identityOf } from "./identity.ts";
import { absolute, fileComparisonOf, MAX_LOOKED_AT, namedPaths } from "./named.ts";
import { UnreadableLinkError, type Walk, walk } from "./walk.ts";

/** Where and for whom programs are looked for. */
export interface ResolveOptions {
  /** The user's own `PATH`, for unprivileged commands only. */
  readonly userPath: string;
  /** The user that runs the daemon. */
  readonly uid: number;
}

/**
 * Finds every program of a request before anybody is asked, so that what is shown is what will run.
 *
 * @param request The checked request.
 * @param options Where to look.
 * @returns The request with its programs, or the fault: a sentence that names the field and the
 * rule.
 */
export async function resolveRequest(
  request: ValidatedRequest,
  options: ResolveOptions,
): Promise<{ readonly request: ResolvedRequest } | { readonly fault: string }> {
  const { uid, userPath } = options;
  const cwd = await walk(request.cwd).catch(() => undefined);
  if (!cwd?.info.isDirectory) {
    return { fault: `invalid request: "cwd" must be a folder that can be entered: ${request.cwd}` };
  }
  const folders = request.privileged ? SYSTEM_FOLDERS : userPath.split(":");
  const programs: Pick<ResolvedStage, "program" | "identity" | "args" | "changeable">[] = [];
  for (const [index, [name, ...args]] of request.pipeline.entries()) {
    try {
      const found = await findProgram(name, cwd.realPath, folders);
      const changeable = changeableBy(found, uid);
      programs.push({ program: found.path, identity: identityOf(found), args, changeable });
    } catch (error) {
      return { fault: `invalid request: "pipeline[${index}]" ${reasonOf(error)}` };
    }
  }
  const look = { cwd: cwd.realPath, uid, fileComparison: fileComparisonOf(programs) };
  const stages: ResolvedStage[] = [];
  let limit = MAX_LOOKED_AT;
  for (const program of programs) {
    stages.push({ ...program, ...await namedPaths(program.args, limit, look) });
    limit = Math.max(0, limit - program.args.length);
  }
  return {
    request: resolvedRequest(request, stages, {
      asRoot: request.privileged || uid === 0,
      cwdIdentity: identityOf(cwd),
      cwdChangeable: changeableBy(cwd, uid),
    }),
  };
}

/** A name that leads to no program; the message is the end of a sentence. */
class NoProgramError extends Error {}

async function findProgram(name: string, cwd: string, folders: readonly string[]): Promise<Walk> {
  if (name.includes("/")) {
    const path = absolute(name.replace(/^(\.\/+)+/, ""), cwd);
    const found = await lookForProgram(path);
    if (typeof found !== "string") return found;
    throw new NoProgramError(`must name a program: ${path} ${found}`);
  }
  for (const folder of folders) {
    // An empty or relative entry means the working directory, which the asker chooses.
    if (!folder.startsWith("/")) continue;
    const found = await lookForProgram(`${folder.replace(/\/+$/, "")}/${name}`);
    if (typeof found !== "string") return found;
  }
  throw new NoProgramError(`must name a program: "${name}" is not in ${folders.join(":")}`);
}

/** The program at a path, or what is wrong there, as the end of a sentence. */
async function lookForProgram(path: string): Promise<Walk | string> {
  let found: Walk;
  try {
    found = await walk(path);
  } catch (error) {
    const isNothing = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (isNothing) return "does not exist";
    if (error instanceof Deno.errors.NotCapable || error instanceof UnreadableLinkError) {
      return "leads where sudo-proxy does not look";
    }
    return "can't be looked at by this user";
  }
  if (found.info.isDirectory) return "is a folder";
  if (!found.info.isFile) return "is not a file";
  return ((found.info.mode ?? 0) & 0o111) === 0 ? "is not executable" : found;
}

function reasonOf(error: unknown): string {
  if (error instanceof NoProgramError) return error.message;
  return `must name a program that can be looked at: ${
    error instanceof Error ? error.message : error
  }`;
}
