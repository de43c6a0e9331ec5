import { asciiJson } from "../gate/text.ts";
import { PathError, type Surroundings } from "../paths.ts";
import { hostFault, MAX_HOST_LENGTH } from "../remote/names.ts";
import {
  forgetHost,
  type HostEntry,
  hostTextFault,
  isConfirmed,
  MAX_DESCRIPTION_LENGTH,
  MAX_OS_LENGTH,
  readRegistry,
  type Registry,
  registryPath,
  updateHost,
} from "../remote/registry.ts";
import { visibleProse } from "../terminal/visible.ts";
import { errorMessage, fail, startAs } from "./fail.ts";

/** How a list or a host is printed. */
export interface PrintOptions {
  /** Whether as JSON. */
  readonly json?: true;
}

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

/**
 * `sudo-proxy hosts list`: a line for each host.
 *
 * @param options Whether JSON is wanted.
 */
export function listCommand({ json }: PrintOptions): void {
  const { hosts } = registry();
  if (json) return printJson([...hosts].map(([name, entry]) => jsonEntry(name, entry)));
  if (hosts.size === 0) return print("No host is known. sudo-proxy --host NAME adds one.");
  for (const [name, entry] of hosts) {
    const { description, os, version, lastConnected, policy } = entry;
    const about = [
      isConfirmed(entry) ? "" : "added by a model, not confirmed",
      description,
      os,
      version && `sudo-proxy ${version}`,
      lastConnected && `last connected ${lastConnected}`,
      policy === undefined ? undefined : "has a policy, which has no effect",
    ];
    print([name, ...about.filter((text) => text)].join(" · "));
  }
}

/**
 * `sudo-proxy hosts show`: all that is known of a host.
 *
 * @param host Its name.
 * @param options Whether JSON is wanted.
 */
export function showCommand(host: string, { json }: PrintOptions): void {
  const entry = registry().hosts.get(host);
  if (entry === undefined) fail(`The host "${visibleProse(host)}" is not in the registry`);
  if (json) return printJson(jsonEntry(host, entry));
  print(host);
  for (const [field, label] of LABELS) {
    const value = entry[field];
    if (value === undefined) continue;
    const text = visibleProse(typeof value === "string" ? value : JSON.stringify(value));
    console.log(`  ${label.padEnd(20)}${text}`);
  }
}

/**
 * `sudo-proxy hosts set`: describes a host.
 *
 * @param host Its name.
 * @param options What to set.
 */
export async function setCommand(
  host: string,
  options: { readonly description?: string; readonly os?: string },
): Promise<void> {
  const fault = hostFault(host);
  if (fault !== undefined) fail(`Cannot set "${visibleProse(host)}": the name ${fault}`);
  const { description, os } = options;
  if (description === undefined && os === undefined) {
    fail("Nothing to set: give --description, --os or both");
  }
  const texts = [
    ["description", description, MAX_DESCRIPTION_LENGTH],
    ["os", os, MAX_OS_LENGTH],
  ] as const;
  for (const [name, text, maxLength] of texts) {
    const fault = text === undefined ? undefined : hostTextFault(text, maxLength);
    if (fault !== undefined) fail(`Cannot use --${name}: it ${fault}`);
  }
  await change(async (path) => {
    const { isNew, movedTo } = await updateHost(path, host, options, "person");
    print(`${isNew ? "Added" : "Updated"} ${host}`);
    return movedTo;
  });
}

/**
 * `sudo-proxy hosts forget`: takes a host out of the registry.
 *
 * @param host Its name.
 */
export async function forgetCommand(host: string): Promise<void> {
  if (host.length > MAX_HOST_LENGTH) fail("Cannot forget that host: its name is too long");
  await change(async (path) => {
    const { wasThere, movedTo } = await forgetHost(path, host);
    if (!wasThere && movedTo === undefined) {
      fail(`The host "${visibleProse(host)}" is not in the registry`);
    }
    print(`Forgot ${host}`);
    return movedTo;
  });
}

async function change(run: (path: string) => Promise<string | undefined>): Promise<void> {
  const path = registryPath(start());
  if (path === undefined) throw new PathError(NO_PLACE);
  try {
    const movedTo = await run(path);
    if (movedTo !== undefined) {
      console.error(
        `sudo-proxy: the registry could not be parsed; it is now ${visibleProse(movedTo)}, and a ` +
          "new one was begun",
      );
    }
  } catch (error) {
    fail(`Nothing was changed in ${visibleProse(path)}: ${visibleProse(errorMessage(error))}`);
  }
}

const NO_PLACE = "There is no place for the registry: neither XDG_CONFIG_HOME nor HOME is set";

function registry(): Registry {
  const read = readRegistry(registryPath(start()));
  if (read.fault !== undefined) {
    fail(
      `The registry can't be used: ${
        visibleProse(read.fault)
      }. Mend or remove the file; the next ` +
        "change would put it aside",
    );
  }
  return read;
}

function start(): Surroundings {
  return startAs("hosts");
}

/** In the names that the file has. */
function jsonEntry(name: string, entry: HostEntry): Record<string, unknown> {
  const { lastConnected, uid, descriptionBy, osBy, confirmedAt, ...rest } = entry;
  return {
    name,
    ...rest,
    ...(descriptionBy === undefined ? {} : { description_by: descriptionBy }),
    ...(osBy === undefined ? {} : { os_by: osBy }),
    ...(confirmedAt === undefined ? {} : { confirmed_at: confirmedAt }),
    ...(lastConnected === undefined ? {} : { last_connected: lastConnected }),
    ...(uid === undefined ? {} : { uid: String(uid) }),
  };
}

function printJson(value: unknown): void {
  console.log(asciiJson(value, 2));
}

function print(line: string): void {
  console.log(visibleProse(line));
}
