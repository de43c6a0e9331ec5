import { socketPath } from "../paths.ts";
import { type EntryPoint, grantFlags, grantsOf } from "../permissions.ts";
import { destinationOf } from "../remote/names.ts";
import { visibleProse } from "../terminal/visible.ts";
import { fail, startAs } from "./fail.ts";

/**
 * `sudo-proxy permissions`: prints the flags of an entry point on one line.
 *
 * @param entry Its name.
 * @param options The socket, where it isn't the standard one, or the host whose tunnel is meant.
 */
export function permissionsCommand(
  entry: EntryPoint,
  options: { readonly socket?: string; readonly host?: string },
): void {
  const { host, socket } = options;
  if (entry === "host" && host === undefined) {
    fail("Cannot print the permissions of host: it must be said which one, with --host");
  }
  const fault = host === undefined ? undefined : destinationOf(host);
  if (typeof fault === "string") {
    fail(
      `Cannot print the permissions for "${visibleProse(host!)}": the name of the host ${fault}`,
    );
  }
  const here = startAs("permissions");
  const path = host === undefined ? socket : socketPath(here, host);
  const flags = grantFlags(grantsOf(entry, here, path));
  const split = flags.find((flag) => /\s/.test(flag));
  // A shell makes words of what is printed.
  if (split !== undefined) fail(`Cannot print the flag "${split}": it has a blank`);
  console.log(flags.join(" "));
}
