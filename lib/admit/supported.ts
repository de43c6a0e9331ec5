import type { Fault } from "../protocol/codes.ts";
import type { ValidatedRequest } from "./request.ts";

/** What a daemon has for the requests that need more than its own user. */
export interface Support {
  /**
   * How it becomes root: `perProgram` if each program needs a question (polkit), `once` if one
   * question serves a whole pipeline, `none` if it can't.
   */
  readonly root: "none" | "once" | "perProgram";
  /** Whether it can start a pipeline for root into which no other program can write. */
  readonly canFeedRoot: boolean;
  /** Whether it has an ssh agent. */
  readonly hasSshAgent: boolean;
}

/**
 * Finds what a request needs and this daemon does not have.
 *
 * @returns The fault, or `undefined` if the daemon has everything.
 */
export function unsupportedFault(
  { privileged, pipeline, stdin, forwardAgent }: ValidatedRequest,
  { root, canFeedRoot, hasSshAgent }: Support,
): Fault | undefined {
  const rule = privileged && root === "none"
    ? '"privileged" must be false, since sudo is not installed here'
    : privileged && root === "perProgram" && pipeline.length > 1
    ? '"pipeline" must have one stage where it is privileged, since this daemon uses polkit, ' +
      "which asks for each program: send the stages one by one"
    : privileged && !canFeedRoot && (pipeline.length > 1 || stdin !== undefined)
    ? '"privileged" must be false where there is "stdin" or a second stage, since perl is not ' +
      "installed here: without it, other programs could write into a pipe of root's"
    // Run without the agent, the command would fail for a reason that nobody could see.
    : forwardAgent && !hasSshAgent
    ? '"forward_agent" must be false, since this daemon has no ssh agent: SSH_AUTH_SOCK is not ' +
      "set here; a tunnel brings one only with --forward-agent"
    : undefined;
  return rule === undefined
    ? undefined
    : { code: "unsupported", message: `invalid request: ${rule}` };
}
