import { type EntryPoint, grantFlags, grantsOf } from "../permissions.ts";
import { fail, startAs } from "./fail.ts";

/**
 * `sudo-proxy permissions`: prints the flags of an entry point on one line.
 *
 * @param entry Its name.
 * @param options The socket, where it isn't the standard one.
 */
export function permissionsCommand(
  entry: EntryPoint,
  options: { readonly socket?: string },
): void {
  const here = startAs("permissions");
  const flags = grantFlags(grantsOf(entry, here, options.socket));
  const split = flags.find((flag) => /\s/.test(flag));
  // A shell makes words of what is printed.
  if (split !== undefined) fail(`Cannot print the flag "${split}": it has a blank`);
  console.log(flags.join(" "));
}
