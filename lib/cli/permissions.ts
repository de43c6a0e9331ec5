import { ENTRY_POINTS, type EntryPoint, grantFlags, grantsOf } from "../permissions.ts";
import { fail, startAs } from "./fail.ts";

/**
 * `sudo-proxy permissions`: prints the flags of an entry point on one line.
 *
 * @param entry Its name.
 * @param options The socket, where it isn't the standard one.
 */
export function permissionsCommand(entry: string, options: { readonly socket?: string }): void {
  if (!isEntryPoint(entry)) {
    fail(
      `Cannot print the permissions of "${entry}": it must be one of ${ENTRY_POINTS.join(", ")}`,
    );
  }
  const here = startAs("permissions");
  console.log(grantFlags(grantsOf(entry, here, options.socket)).join(" "));
}

function isEntryPoint(entry: string): entry is EntryPoint {
  return (ENTRY_POINTS as readonly string[]).includes(entry);
}
