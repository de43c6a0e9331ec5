import { type Surroundings, surroundings, withVariables } from "../paths.ts";
import {
  type EntryPoint,
  FIRST_GRANTS,
  type Grants,
  grantsOf,
  missingFlags,
} from "../permissions.ts";

/**
 * Ends the program with a message for the person.
 *
 * @param message What happened, to what, and what to do next.
 * @param code The exit code.
 */
export function fail(message: string, code = 1): never {
  console.error(`sudo-proxy: ${message}`);
  Deno.exit(code);
}

/**
 * Looks at the surroundings, and ends the program if Deno does not let it do what it needs; the
 * message names each flag to add.
 *
 * @param entry Which program this is.
 * @param socket The daemon's socket where it isn't the standard one.
 * @param code The exit code.
 * @param instead Variables that the command line sets.
 * @returns The surroundings.
 * @throws {PathError} If the socket or the runtime folder is not an absolute path.
 */
export function startAs(
  entry: EntryPoint,
  socket?: string,
  code = 1,
  instead: Readonly<Record<string, string | undefined>> = {},
): Surroundings {
  requireGrants(FIRST_GRANTS, code);
  const here = withVariables(surroundings(), instead);
  requireGrants(grantsOf(entry, here, socket), code);
  return here;
}

/**
 * Ends the program if Deno does not let it do what it needs; the message names each flag to add.
 *
 * @param grants What it needs.
 * @param code The exit code.
 */
export function requireGrants(grants: Grants, code = 1): void {
  const missing = missingFlags(grants);
  if (missing.length === 0) return;
  fail(
    `Deno permissions are missing. Add ${
      missing.join(" ")
    }\n(sudo-proxy permissions prints all that an entry point needs)`,
    code,
  );
}

/**
 * The words of an error.
 *
 * @param error What was thrown.
 * @returns Its message.
 */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
