import { type Grants, programs } from "../platform/grants.ts";

/** The login of unprivileged commands. */
export const LOGIN_VARIABLES: readonly string[] = [
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "PATH",
  "SSH_AUTH_SOCK",
];

/** The language of sudo's question. */
const LANGUAGE_VARIABLES = ["LANG", "LC_ALL", "LC_MESSAGES"];

/** A request may name any program, and the program is looked at before the request is shown. */
const COMMON = { read: true, env: [...LOGIN_VARIABLES, ...LANGUAGE_VARIABLES] } as const;

/** Root's commands by sudo. */
export function sudoGrants(): Partial<Grants> {
  return { ...COMMON, run: programs("sudo", "setsid", "timeout", "perl") };
}

/** Root's commands by polkit. */
export function pkexecGrants(): Partial<Grants> {
  return { ...COMMON, run: programs("pkttyagent", "setsid", "timeout") };
}
