import type { ResolvedRequest } from "../gate/request.ts";
import { SYSTEM_FOLDERS } from "../paths.ts";
import type { Login } from "./login.ts";

/**
 * The whole environment of an unprivileged command: login defaults, and the request's own entries
 * over them.
 *
 * @param request What was approved.
 * @param login The daemon's user.
 * @returns Every variable that the command gets.
 */
export function userEnvironment(request: ResolvedRequest, login: Login): Record<string, string> {
  return {
    HOME: login.home,
    USER: login.user,
    LOGNAME: login.user,
    SHELL: login.shell,
    PATH: login.path,
    ...(request.forwardAgent && login.sshAgent ? { SSH_AUTH_SOCK: login.sshAgent } : {}),
    ...Object.fromEntries(request.env),
  };
}

/**
 * The whole environment of a command that root runs where there is no sudo.
 *
 * @param env The request's own entries.
 * @returns Every variable that the command gets.
 */
export function rootEnvironment(
  env: readonly (readonly [name: string, value: string])[],
): Record<string, string> {
  return {
    HOME: "/root",
    USER: "root",
    LOGNAME: "root",
    SHELL: "/bin/sh",
    PATH: SYSTEM_FOLDERS.join(":"),
    ...Object.fromEntries(env),
  };
}

/** The environment of the system's own programs. */
export function systemEnvironment(): Record<string, string> {
  return { PATH: SYSTEM_FOLDERS.join(":") };
}
