import { asciiJson } from "../admit/text.ts";
import { PathError } from "../platform/paths.ts";
import { registryPath } from "../remote/registry_file.ts";
import { MAX_HOST_LENGTH } from "../remote/names.ts";
import {
  fileFields,
  forgetHost,
  type HostEntry,
  isConfirmed,
  readRegistry,
  type Registry,
  updateHost,
} from "../remote/registry.ts";
import { visibleProse } from "../view/visible.ts";
import { errorMessage, fail, startAs } from "./fail.ts";

/** The labels of the fields, in the order in which they are shown. */
const LABELS: readonly (readonly [keyof HostEntry, string])[] = [
  ["description", "description"],
  ["descriptionBy", "described by"],
  ["os", "os"],
  ["osBy", "os noted by"],
  ["version", "sudo-proxy"],
  ["confirmedAt", "confirmed"],
  ["lastConnected", "last connected"],
  ["uid", "user id there"],
  ["policy", "policy (no effect)"],
];

/** `sudo-proxy hosts list`: a line for each host. */
export function listCommand({ json }: { readonly json?: true | undefined }): void {
  const { hosts } = registry();
  if (json) return printJson([...hosts].map(([name, entry]) => ({ name, ...fileFields(entry) })));
  if (hosts.size === 0) return print("No host is known. sudo-proxy --host NAME adds one.");
  for (const [name, entry] of hosts) {
    const { description, os, version, lastConnected, policy } = entry;
    const about = [
      isConfirmed(entry) ? "" : "added by a model, not confirmed",
      description,
      os,
      version && `sudo-proxy ${version}`,
      lastConnected && `last connected ${lastConnected}`,
      policy === undefined ? "" : "has a policy, which has no effect",
    ];
    print([name, ...about.filter((text) => text)].join(" · "));
  }
}

/** `sudo-proxy hosts show`: all that is known of a host. */
export function showCommand(host: string, { json }: { readonly json?: true | undefined }): void {
  const entry = registry().hosts.get(host) ?? unknown(host);
  if (json) return printJson({ name: host, ...fileFields(entry) });
  print(host);
  for (const [field, label] of LABELS) {
    const value = entry[field];
    if (value === undefined) continue;
    const text = visibleProse(typeof value === "string" ? value : JSON.stringify(value));
    console.log(`  ${label.padEnd(20)}${text}`);
  }
}

/** `sudo-proxy hosts set`: describes a host. */
export async function setCommand(
  host: string,
  options: { readonly description?: string | undefined; readonly os?: string | undefined },
): Promise<void> {
  if (options.description === undefined && options.os === undefined) {
    fail("Nothing to set: give --description, --os or both");
  }
  await change(async (path) => {
    const { isNew, movedTo } = await updateHost(path, host, options, "person");
    print(`${isNew ? "Added" : "Updated"} ${host}`);
    return movedTo;
  });
}

/** `sudo-proxy hosts forget`: takes a host out of the registry. */
export async function forgetCommand(host: string): Promise<void> {
  if (host.length > MAX_HOST_LENGTH) fail("Cannot forget that host: its name is too long");
  await change(async (path) => {
    const { wasThere, movedTo } = await forgetHost(path, host);
    if (!wasThere && movedTo === undefined) unknown(host);
    print(`Forgot ${host}`);
    return movedTo;
  });
}

async function change(run: (path: string) => Promise<string | undefined>): Promise<void> {
  const path = registryPath(startAs("hosts"));
  if (path === undefined) {
    throw new PathError(
      "There is no place for the registry: neither XDG_CONFIG_HOME nor HOME is set",
    );
  }
  try {
    const movedTo = await run(path);
    if (movedTo === undefined) return;
    console.error(
      `sudo-proxy: the registry could not be parsed; it is now ${visibleProse(movedTo)}, and a ` +
        "new one was begun",
    );
  } catch (error) {
    fail(`Nothing was changed in ${visibleProse(path)}: ${visibleProse(errorMessage(error))}`);
  }
}

function registry(): Registry {
  const read = readRegistry(registryPath(startAs("hosts")));
  if (read.fault === undefined) return read;
  const fault = visibleProse(read.fault);
  fail(
    `The registry can't be used: ${fault}. Mend or remove the file; the next change would put it ` +
      "aside",
  );
}

function unknown(host: string): never {
  fail(`The host "${visibleProse(host)}" is not in the registry`);
}

function printJson(value: unknown): void {
  console.log(asciiJson(value, 2));
}

function print(line: string): void {
  console.log(visibleProse(line));
}
