import { socketPath, type Surroundings, surroundings, withVariables } from "../paths.ts";
import {
  type EntryPoint,
  FIRST_GRANTS,
  type Grants,
  grantsOf,
  missingFlags,
} from "../permissions.ts";
import { wrapForTerminal } from "../wrap_words.ts";

/**
 * Ends the program with a message for the person.
 *
 * @param message What happened, to what, and what to do next.
 * @param code The exit code.
 */
export function fail(message: string, code = 1): never {
  printError(message);
  Deno.exit(code);
}

/**
 * Prints a message for the person on standard error.
 *
 * @param message What happened, to what, and what to do next.
 */
export function printError(message: string): void {
  // A last wall: what comes from elsewhere has been made visible before.
  console.error(wrapForTerminal(`sudo-proxy: ${withoutControls(message)}`));
}

/**
 * Writes what could turn, hide or move text on a terminal as an escape.
 *
 * @param text Any text.
 * @returns The text; newlines stay.
 */
export function withoutControls(text: string): string {
  return text.replace(
    /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

/**
 * Looks at the surroundings, and ends the program if Deno does not let it do what it needs; the
 * message names each flag to add.
 *
 * @param entry Which program this is.
 * @param socket The daemon's socket where it isn't the standard one, or how to find it.
 * @param code The exit code.
 * @param instead Variables that the command line sets.
 * @returns The surroundings.
 * @throws {PathError} If the socket or the runtime folder is not an absolute path.
 */
export function startAs(
  entry: EntryPoint,
  socket?: string | ((here: Surroundings) => string),
  code = 1,
  instead: Readonly<Record<string, string | undefined>> = {},
): Surroundings {
  requireGrants(FIRST_GRANTS, code);
  const here = withVariables(surroundings(), instead);
  const path = typeof socket === "function" ? socket(here) : socket;
  requireGrants(grantsOf(entry, here, path), code);
  return here;
}

/**
 * The same for the launcher of a tunnel: its grants depend on the host.
 *
 * @param host The host; its name has been checked.
 * @param socket The local end of the tunnel where it isn't the standard one.
 * @returns The surroundings.
 * @throws {PathError} If the runtime folder is not an absolute path.
 */
export function startAsHost(host: string, socket?: string): Surroundings {
  const hint = `deno task remote ${host} starts it with them; sudo-proxy permissions host ` +
    `--host ${host} prints all of them`;
  requireGrants(FIRST_GRANTS, 1, hint);
  const here = surroundings();
  requireGrants(
    { ...FIRST_GRANTS, env: [...FIRST_GRANTS.env, "HOME", "XDG_CONFIG_HOME"] },
    1,
    hint,
  );
  requireGrants(grantsOf("host", here, socket ?? socketPath(here, host)), 1, hint);
  return here;
}

/**
 * Ends the program if Deno does not let it do what it needs; the message names each flag to add.
 *
 * @param grants What it needs.
 * @param code The exit code.
 * @param hint Where all that it needs is to be had.
 */
export function requireGrants(
  grants: Grants,
  code = 1,
  hint = "sudo-proxy permissions prints all that an entry point needs",
): void {
  const missing = missingFlags(grants);
  if (missing.length === 0) return;
  fail(`Deno permissions are missing. Add ${missing.join(" ")}\n(${hint})`, code);
}

/**
 * The words of an error.
 *
 * @param error What was thrown.
 * @returns Its message.
 */
export function errorMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.includes("--cached-only is specified")
    ? "Cannot start: packages are missing. Run deno task fetch in the folder of sudo-proxy"
    : message;
}
