import { grantFlags, type Grants, missingFlags } from "../permissions.ts";

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
 * Ends the program if Deno does not let it do what it needs; the message names each flag to add.
 *
 * @param grants What it needs.
 * @param code The exit code.
 */
export function requireGrants(grants: Grants, code = 1): void {
  const missing = missingFlags(grants);
  if (missing.length === 0) return;
  fail(
    `Deno permissions are missing. Add ${missing.join(" ")}\nAll that it needs: ${
      grantFlags(grants).join(" ")
    }`,
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
