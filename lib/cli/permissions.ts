import { type EntryPoint, grantsOf } from "../grants.ts";
import { grantFlags } from "../platform/grants.ts";
import { socketPath } from "../platform/paths.ts";
import { destinationOf } from "../remote/names.ts";
import { visibleProse } from "../view/visible.ts";
import { fail, startAs } from "./fail.ts";

/**
 * `sudo-proxy permissions`: prints the flags of an entry point on one line, for a socket where it
 * isn't the standard one, or for the tunnel of a host.
 */
export function permissionsCommand(
  entry: EntryPoint,
  { host, socket }: { readonly socket?: string; readonly host?: string },
): void {
  if (entry === "host" && host === undefined) {
    fail("Cannot print the permissions of host: it must be said which one, with --host");
  }
  const fault = host === undefined ? undefined : destinationOf(host);
  if (host !== undefined && typeof fault === "string") {
    const name = visibleProse(host);
    fail(`Cannot print the permissions for "${name}": the name of the host ${fault}`);
  }
  const env = startAs("permissions");
  const path = host === undefined ? socket : socketPath(env, host);
  const flags = grantFlags(grantsOf(entry, env, path));
  const split = flags.find((flag) => /\s/.test(flag));
  // A shell makes words of what is printed.
  if (split !== undefined) fail(`Cannot print the flag "${split}": it has a blank`);
  console.log(flags.join(" "));
}
