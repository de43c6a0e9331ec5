/** The variables that a request may set, as they are written in messages and documents. */
export const ALLOWED_ENVIRONMENT = "LANG, LC_*, TZ, HOME, DEBIAN_FRONTEND, TERM";

const ALLOWED_NAME = /^(?:LANG|LC_[A-Z]+|TZ|HOME|DEBIAN_FRONTEND|TERM)$/;

/**
 * Tells whether a request may set a variable. Everything else is an error, never dropped in
 * silence: `LD_PRELOAD`, `PATH`, `IFS` or `BASH_ENV` would change what an approved command does.
 */
export function isAllowedVariable(name: string): boolean {
  return ALLOWED_NAME.test(name);
}
