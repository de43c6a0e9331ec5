import {
  type ResolvedRequest,
  resolvedRequest,
  type ResolvedStage,
  type ValidatedRequest,
} from "../gate/request.ts";
import { scriptArguments } from "../gate/notes.ts";
import { SYSTEM_FOLDERS } from "../paths.ts";
import { changeableBy } from "./changeable.ts";
import { identify } from "./identity.ts";

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
  const cwdIdentity = await identify(request.cwd).catch(() => undefined);
  if (!cwdIdentity || !(await Deno.stat(request.cwd)).isDirectory) {
    return { fault: `invalid request: "cwd" must be a folder that can be entered: ${request.cwd}` };
  }
  const folders = request.privileged ? SYSTEM_FOLDERS : options.userPath.split(":");
  const stages: ResolvedStage[] = [];
  for (const [index, [name, ...args]] of request.pipeline.entries()) {
    try {
      const program = await findProgram(name, request.cwd, folders);
      const identity = await identify(program);
      const changeable = await changeableBy(program, options.uid);
      const script = await findScript(program, args, request.cwd, options.uid);
      stages.push({ program, identity, args, changeable, script });
    } catch (error) {
      return { fault: `invalid request: "pipeline[${index}]" ${reasonOf(error)}` };
    }
  }
  return {
    request: resolvedRequest(request, stages, {
      asRoot: request.privileged || options.uid === 0,
      cwdIdentity,
      cwdChangeable: await changeableBy(request.cwd, options.uid).catch(() => undefined),
    }),
  };
}

/** A name that leads to no program; the message is the end of a sentence. */
class NoProgramError extends Error {}

async function findProgram(
  name: string,
  cwd: string,
  folders: readonly string[],
): Promise<string> {
  if (name.includes("/")) {
    const path = name.startsWith("/")
      ? name
      : `${cwd === "/" ? "" : cwd}/${name.replace(/^(\.\/+)+/, "")}`;
    const fault = await programFault(path);
    if (fault !== undefined) throw new NoProgramError(`must name a program: ${path} ${fault}`);
    return path;
  }
  for (const folder of folders) {
    // An empty or relative entry means the working directory, which the asker chooses.
    if (!folder.startsWith("/")) continue;
    const path = `${folder.replace(/\/+$/, "")}/${name}`;
    if (await programFault(path) === undefined) return path;
  }
  throw new NoProgramError(`must name a program: "${name}" is not in ${folders.join(":")}`);
}

/** A script that is not there, or can't be looked at, is the interpreter's own business. */
async function findScript(
  program: string,
  args: readonly string[],
  cwd: string,
  uid: number,
): Promise<ResolvedStage["script"]> {
  for (const name of scriptArguments(program, args)) {
    const path = name.startsWith("/") ? name : `${cwd === "/" ? "" : cwd}/${name}`;
    try {
      if (!(await Deno.stat(path)).isFile) continue;
      return { path, identity: await identify(path), changeable: await changeableBy(path, uid) };
    } catch {
      continue;
    }
  }
  return undefined;
}

async function programFault(path: string): Promise<string | undefined> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "does not exist";
    if (error instanceof Deno.errors.NotCapable) {
      return "is in a place that sudo-proxy does not read";
    }
    return "can't be looked at by this user";
  }
  if (info.isDirectory) return "is a folder";
  if (!info.isFile) return "is not a file";
  return ((info.mode ?? 0) & 0o111) === 0 ? "is not executable" : undefined;
}

function reasonOf(error: unknown): string {
  if (error instanceof NoProgramError) return error.message;
  return `must name a program that can be looked at: ${
    error instanceof Error ? error.message : error
  }`;
}
