import { type EntryPoint, grantsOf } from "../grants.ts";
import { FIRST_GRANTS, type Grants, missingFlags } from "../platform/grants.ts";
import {
  type HostEnvironment,
  hostEnvironment,
  socketPath,
  withVariables,
} from "../platform/paths.ts";
import { messageOf } from "../platform/message_of.ts";
import { wrapForTerminal } from "../platform/wrap_words.ts";

/** Ends the program with a message: what happened, to what, and what to do next. */
export function fail(message: string, code = 1): never {
  printError(message);
  Deno.exit(code);
}

/** Prints a message for the person on standard error. */
export function printError(message: string): void {
  // A last wall: what comes from elsewhere has been made visible before.
  console.error(wrapForTerminal(`sudo-proxy: ${withoutControls(message)}`));
}

/** Writes what could turn, hide or move text on a terminal as an escape; newlines stay. */
export function withoutControls(text: string): string {
  return text.replace(
    /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/**
 * Ends the program if Deno does not let it do what it needs; the message names each flag to add.
 *
 * @param socket The daemon's socket if it isn't the standard one, or how to find it.
 * @param instead Variables that the command line sets.
 * @returns The environment.
 * @throws {PathError} If the socket or the runtime folder is not an absolute path.
 */
export function startAs(
  entry: EntryPoint,
  socket?: string | ((env: HostEnvironment) => string),
  code = 1,
  instead: Readonly<Record<string, string | undefined>> = {},
): HostEnvironment {
  requireGrants(FIRST_GRANTS, code);
  const env = withVariables(hostEnvironment(), instead);
  const path = typeof socket === "function" ? socket(env) : socket;
  requireGrants(grantsOf(entry, env, path), code);
  return env;
}

/**
 * The same for the launcher of a tunnel, whose grants depend on the host. The name of the host has
 * been checked.
 *
 * @throws {PathError} If the runtime folder is not an absolute path.
 */
export function startAsHost(host: string, socket?: string): HostEnvironment {
  const hint = `deno task remote ${host} starts it with them; sudo-proxy permissions host ` +
    `--host ${host} prints all of them`;
  requireRegistryVariables(hint);
  const env = hostEnvironment();
  requireGrants(grantsOf("host", env, socket ?? socketPath(env, host)), 1, hint);
  return env;
}

/** What finds the socket and the registry, on which other grants depend. */
export function requireRegistryVariables(hint: string): void {
  requireGrants(FIRST_GRANTS, 1, hint);
  const env = [...FIRST_GRANTS.env, "HOME", "XDG_CONFIG_HOME"];
  requireGrants({ ...FIRST_GRANTS, env }, 1, hint);
}

/** Ends the program unless Deno grants all of this; the hint says where to find what it needs. */
export function requireGrants(
  grants: Grants,
  code = 1,
  hint = "sudo-proxy permissions prints all that an entry point needs",
): void {
  const missing = missingFlags(grants);
  if (missing.length === 0) return;
  fail(`Deno permissions are missing. Add ${missing.join(" ")}\n(${hint})`, code);
}

const FETCH = import.meta.url.startsWith("file:")
  ? "deno task fetch in the folder of sudo-proxy"
  : "deno cache jsr:@tarides/sudo-proxy/mcp jsr:@tarides/sudo-proxy/proxy";

/** The message of an error, for a person. */
export function errorMessage(error: unknown): string {
  const message = messageOf(error);
  return message.includes("--cached-only is specified")
    ? `Cannot start: packages are missing. Run ${FETCH}`
    : message;
}
