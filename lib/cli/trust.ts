import { forgetTrust, readTrust } from "../daemon/trust.ts";
import { stateFolder, trustPath } from "../paths.ts";
import { errorMessage, fail, startAs } from "./fail.ts";

/**
 * `sudo-proxy trust`: tells what is remembered of the key `a` on this machine, or forgets it.
 *
 * @param action `show` or `revoke`.
 */
export function trustCommand(action: "show" | "revoke"): void {
  const state = stateFolder(startAs("trust"));
  if (state === undefined) {
    fail("Cannot find what is remembered: HOME or XDG_STATE_HOME must be an absolute path");
  }
  const path = trustPath(state);
  try {
    console.log(action === "show" ? storedWords(path) : revokedWords(path));
  } catch (error) {
    fail(errorMessage(error));
  }
}

function storedWords(path: string): string {
  const stored = readTrust(path);
  if (stored === undefined) return "Nothing is remembered: the key a was not pressed.";
  if ("fault" in stored) fail(`${path} ${stored.fault}`);
  return `The key a was pressed at ${stored.since}. The next daemon asks whether that goes on.`;
}

function revokedWords(path: string): string {
  return forgetTrust(path)
    ? "Forgotten. A daemon that runs now goes on as it is: quit it with q to end its trust."
    : "Nothing was remembered.";
}
