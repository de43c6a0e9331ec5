import {
  type FileIdentity,
  type NamedPath,
  type RequestFields,
  type ResolvedRequest,
  resolvedRequest,
  type ResolvedStage,
  validatedRequest,
} from "../../lib/admit/request.ts";

/** What a test may choose about a request; everything else is plausible. */
export type Choice = Partial<Omit<RequestFields, "action" | "target">>;

/**
 * Makes a request that is ready to be shown, as the steps before the session would.
 *
 * @param id Names it.
 * @param choice The fields that matter to the test.
 * @param found What the arguments of each stage name; nothing if left out.
 * @returns The request, `/usr/bin/true` as root if nothing else is chosen.
 */
export function resolved(
  id: string,
  choice: Choice = {},
  found: Partial<Pick<ResolvedStage, "named" | "unseen" | "unlooked">> = {},
): ResolvedRequest {
  const request = validatedRequest({
    id,
    action: "exec",
    pipeline: [["/usr/bin/true"]],
    env: [],
    privileged: true,
    forwardAgent: false,
    reason: "a test",
    host: "",
    session: "tests",
    version: "1.0.0",
    stream: false,
    cwd: "/",
    stdin: undefined,
    timeoutMs: undefined,
    target: undefined,
    ...choice,
  });
  const stages = request.pipeline.map(([program = "", ...args], index) => ({
    program,
    identity: identity(program, index),
    args,
    changeable: undefined,
    named: [],
    unseen: [],
    unlooked: 0,
    ...found,
  }));
  return resolvedRequest(request, stages, {
    asRoot: request.privileged,
    cwdIdentity: identity("/", 2),
    cwdChangeable: undefined,
  });
}

/** What an argument names, where nobody but root can change it. */
export function namedPath(
  argument: number,
  at: string,
  choice: Partial<NamedPath> = {},
): NamedPath {
  return {
    argument,
    path: at,
    at,
    isFile: true,
    identity: identity(at, argument),
    changeable: undefined,
    compared: "content",
    ...choice,
  };
}

function identity(realPath: string, ino: number): FileIdentity {
  const mtimeMs = Date.UTC(2026, 0, 1);
  return { realPath, dev: 2049, ino: 1000 + ino, size: 35_288, mtimeMs, ctimeMs: mtimeMs };
}
