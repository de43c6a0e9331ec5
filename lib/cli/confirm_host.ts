import type { Destination } from "../remote/names.ts";
import { isConfirmed, readRegistry, updateHost } from "../remote/registry.ts";
import { visibleProse } from "../terminal/visible.ts";
import { errorMessage } from "./fail.ts";
import type { TerminalKeeper } from "./keeper.ts";

/**
 * Asks the person whether a model may have this host connected, unless a person confirmed it
 * before. Nothing has been connected yet.
 *
 * @param host The name that the model gave.
 * @param destination What of it ssh gets.
 * @param configuration What `ssh -G` says of that.
 * @param registry The registry of hosts, or `undefined` where it has no place.
 * @param keeper The terminal.
 * @returns Whether to connect; only the word `yes` does it, and then the registry has the host as
 * confirmed, where it can be changed.
 */
export async function confirmHost(
  host: string,
  destination: Destination,
  configuration: ReadonlyMap<string, string>,
  registry: string | undefined,
  keeper: TerminalKeeper,
): Promise<boolean> {
  const entry = readRegistry(registry).hosts.get(host);
  if (entry !== undefined && isConfirmed(entry)) return true;
  const line = await keeper.readLine(
    `A model asks for a connection to a host that no person here has used before:\n\n` +
      `  ${visibleProse(host)}\n  ${leadsTo(destination, configuration)}\n\n` +
      "Type yes to connect, Enter to close this window without a connection: ",
  );
  if (line !== "yes") return false;
  try {
    if (registry !== undefined) await updateHost(registry, host, {}, "person");
  } catch (error) {
    console.log(`The registry of hosts was not changed: ${visibleProse(errorMessage(error))}`);
  }
  return true;
}

function leadsTo(
  { address }: Destination,
  configuration: ReadonlyMap<string, string>,
): string {
  const value = (name: string) => visibleProse(configuration.get(name) ?? "");
  if (configuration.size === 0) return `ssh takes it for ${visibleProse(address)}`;
  const [way, command] = [value("proxyjump"), value("proxycommand")];
  return `ssh connects to ${value("user")}@${value("hostname")}:${value("port")}` +
    (way === "" || way === "none" ? "" : ` by way of ${way}`) +
    (command === "" || command === "none" ? "" : ` with the command ${command}`);
}
