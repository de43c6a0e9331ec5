import { wireTime } from "../protocol/time.ts";
import { parseVersion } from "../remote/facts.ts";
import { isConfirmed, readRegistry, registryPath, updateHost } from "../remote/registry.ts";
import type { Place } from "./place.ts";
import type { ToolCall } from "./tool.ts";

/**
 * Notes in the registry that the daemons of hosts answered, with their versions. It adds no host,
 * and none that only a model added: an answer must not stand for a person's confirmation.
 *
 * @param call The surroundings, and the log for what goes wrong.
 * @param answers Who answered.
 * @internal
 */
export async function noteAnswers(
  { here, log }: Pick<ToolCall, "here" | "log">,
  answers: readonly { readonly place: Place; readonly version: string }[],
): Promise<void> {
  const path = registryPath(here);
  const { hosts } = readRegistry(path);
  for (const { place: { host }, version } of answers) {
    const entry = host === undefined ? undefined : hosts.get(host);
    if (path === undefined || host === undefined || !entry || !isConfirmed(entry)) continue;
    try {
      const known = parseVersion(version);
      await updateHost(path, host, {
        lastConnected: wireTime(),
        ...(known === "" ? {} : { version: known }),
      });
    } catch (error) {
      log.warning("the answer of {host} was not noted: {error}", { host, error: String(error) });
    }
  }
}
