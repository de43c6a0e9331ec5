import {
  type ResolvedRequest,
  resolvedRequest,
  type ResolvedStage,
  type ValidatedRequest,
} from "../admit/request.ts";
import { invalid } from "../admit/validate.ts";
import { SYSTEM_FOLDERS } from "../platform/paths.ts";
import type { Fault } from "../protocol/codes.ts";
import { changeableBy } from "./changeable.ts";
import { identityOf } from "./identity.ts";
import { absolute, fileComparisonOf, MAX_LOOKED_AT, namedPaths } from "./named.ts";
import { UnfollowedPathError, type Walk, walk } from "./walk.ts";

/**
 * Finds every program of a request before anybody is asked, so that what is shown is what will run.
 *
 * @param request The checked request.
 * @param user The user that runs the daemon, and their `PATH`, for unprivileged commands only.
 * @returns The request with its programs, or a fault that names the field and the rule.
 */
export async function resolveRequest(
  request: ValidatedRequest,
  { uid, userPath }: { readonly uid: number; readonly userPath: string },
): Promise<{ readonly request: ResolvedRequest } | { readonly fault: Fault }> {
  const cwd = await walk(request.cwd).catch(() => undefined);
  if (!cwd?.info.isDirectory) {
    return invalid(`"cwd" must be a folder that can be entered: ${request.cwd}`);
  }
  const folders = request.privileged ? SYSTEM_FOLDERS : userPath.split(":");
  const programs: Pick<ResolvedStage, "program" | "identity" | "args" | "changeable">[] = [];
  for (const [index, [name = "", ...args]] of request.pipeline.entries()) {
    const found = await findProgram(name, cwd.realPath, folders);
    if (typeof found === "string") {
      return invalid(`"pipeline[${index}]" must name a program: ${found}`);
    }
    const changeable = changeableBy(found, uid);
    programs.push({ program: found.path, identity: identityOf(found), args, changeable });
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

/** The program of a name, or why there is none. */
async function findProgram(
  name: string,
  cwd: string,
  folders: readonly string[],
): Promise<Walk | string> {
  if (name.includes("/")) {
    const path = absolute(name.replace(/^(\.\/+)+/, ""), cwd);
    const found = await programAt(path);
    return typeof found === "string" ? `${path} ${found}` : found;
  }
  for (const folder of folders) {
    // An empty or relative entry means the working directory, which the asker chooses.
    if (!folder.startsWith("/")) continue;
    const found = await programAt(`${folder.replace(/\/+$/, "")}/${name}`);
    if (typeof found !== "string") return found;
  }
  return `"${name}" is not in ${folders.join(":")}`;
}

/** The program at a path, or what is wrong there, as the end of a sentence. */
async function programAt(path: string): Promise<Walk | string> {
  try {
    const found = await walk(path);
    const { isDirectory, isFile, mode } = found.info;
    if (isDirectory) return "is a folder";
    if (!isFile) return "is not a file";
    return ((mode ?? 0) & 0o111) === 0 ? "is not executable" : found;
  } catch (error) {
    const isNothing = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (isNothing) return "does not exist";
    const isBarred = error instanceof Deno.errors.NotCapable ||
      error instanceof UnfollowedPathError;
    return isBarred ? "leads where sudo-proxy does not look" : "can't be looked at by this user";
  }
}
