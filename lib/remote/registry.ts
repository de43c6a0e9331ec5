/**
 * The registry of hosts: `hosts.json` in the configuration folder of this user.
 *
 * @module
 */
import { messageOf } from "../platform/message_of.ts";
import { parseUid, parseVersion } from "./facts.ts";
import { hostFault } from "./names.ts";
import {
  isPlainObject,
  readRegistryFile,
  RegistryError,
  rewriteRegistry,
} from "./registry_file.ts";

export { makeRegistryFolder, RegistryError, registryPath } from "./registry_file.ts";

/** How many unconfirmed hosts models may add. */
const MAX_UNCONFIRMED_HOSTS = 50;
/** The longest description, in UTF-16 units. */
export const MAX_DESCRIPTION_LENGTH = 500;
/** The longest name of an operating system, in UTF-16 units. */
export const MAX_OS_LENGTH = 100;

/** Who wrote a text or added a host. */
export type Author = "person" | "model";

/** What is known of a host; fields that this version does not know are kept in the file. */
export interface HostEntry {
  /** What it is for, in words for the model. */
  readonly description?: string;
  /** Its operating system. */
  readonly os?: string;
  /** Who wrote the description; unknown if it is left out. */
  readonly descriptionBy?: Author;
  /** Who wrote the operating system; unknown if it is left out. */
  readonly osBy?: Author;
  /** When a person first described or connected to the host, in ISO 8601. */
  readonly confirmedAt?: string;
  /** When a tunnel to it came up last, in ISO 8601. */
  readonly lastConnected?: string;
  /** The user's id there, where the folder for sockets there is `/run/user/UID`. */
  readonly uid?: number;
  /** The version of the daemon there. */
  readonly version?: string;
  /** What another implementation noted about approvals. It is kept and shown, without effect. */
  readonly policy?: unknown;
}

/** What {@linkcode updateHost} sets; a `uid` of `null` is taken out. */
export type HostChange =
  & {
    readonly [Field in Exclude<keyof HostEntry, "uid" | "policy">]?: HostEntry[Field] | undefined;
  }
  & { readonly uid?: number | null | undefined };

/** The registry as it was read; if the file can't be used, `fault` is a sentence that says why. */
export interface Registry {
  /** The hosts by name, sorted. */
  readonly hosts: ReadonlyMap<string, HostEntry>;
  /** Why no host is known. */
  readonly fault?: string;
}

/**
 * A field of a host: its name in the file, and what a value there means, if it is believed. Names
 * and types are those of sudo-proxy 1.x, which drops the fields of a host that it does not know.
 */
const FIELDS: readonly (readonly [keyof HostEntry, string, (value: unknown) => unknown])[] = [
  ["description", "description", (value) => textOf(value)],
  ["os", "os", (value) => textOf(value)],
  ["descriptionBy", "description_by", (value) => textOf(value, /^(?:person|model)$/)],
  ["osBy", "os_by", (value) => textOf(value, /^(?:person|model)$/)],
  ["confirmedAt", "confirmed_at", (value) => textOf(value, /^[\d:.TZ+-]{10,40}$/)],
  ["lastConnected", "last_connected", (value) => textOf(value, /^[\d:.TZ+-]{10,40}$/)],
  ["uid", "uid", (value) => parseUid(String(value))],
  ["version", "version", (value) => parseVersion(String(value)) === value ? value : undefined],
  ["policy", "policy", (value) => value],
];

/**
 * Reads the registry. It changes nothing, whatever the file holds.
 *
 * @param path Where it is; `undefined` stands for a registry that has no place.
 * @returns The hosts; none if there is no file.
 */
export function readRegistry(path: string | undefined): Registry {
  let file: ReturnType<typeof readRegistryFile>;
  try {
    file = path === undefined ? undefined : readRegistryFile(path);
  } catch (error) {
    return { hosts: new Map(), fault: `${path} can't be read: ${messageOf(error)}` };
  }
  if (typeof file === "string") return { hosts: new Map(), fault: `${path} ${file}` };
  const hosts = [...file?.hosts ?? []]
    .flatMap(([name, entry]) =>
      hostFault(name) === undefined && isPlainObject(entry)
        ? [[name, hostEntry(entry)] as const]
        : []
    )
    .sort(([a], [b]) => a < b ? -1 : 1);
  return { hosts: new Map(hosts) };
}

/**
 * Tells whether a person uses a host: they described it, or a tunnel to it came up. If only a model
 * named a host, nothing connects to it before a person has confirmed it.
 */
export function isConfirmed({ confirmedAt, lastConnected }: HostEntry): boolean {
  return confirmedAt !== undefined || lastConnected !== undefined;
}

/**
 * Tells which rule a description or operating system breaks, as the end of a sentence.
 *
 * @param maxLength How long it may be, in UTF-16 units.
 */
export function hostTextFault(text: string, maxLength: number): string | undefined {
  return text.length > maxLength || /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)
    ? `must be one line of at most ${maxLength} characters`
    : undefined;
}

/**
 * Changes what is known of a host, or adds it. Only what is given changes; everything else in the
 * file is kept, and neither a crash nor another change at the same time loses anything.
 *
 * @param path The registry; its folder is made if it does not exist, with mode 0700.
 * @param author Who wants the change. A person thereby confirms the host, a model never does. Left
 * out if a program notes facts.
 * @returns The host as it is now, and where the old file went if it couldn't be parsed.
 * @throws {RegistryError} If the change breaks a limit, the file is locked for too long, or is too
 * broken to be moved aside. Nothing is changed then.
 */
export async function updateHost(
  path: string,
  name: string,
  change: HostChange,
  author?: Author,
): Promise<{
  readonly entry: Pick<HostEntry, "description" | "os">;
  readonly isNew: boolean;
  readonly movedTo?: string;
}> {
  requireValid(name, change);
  const { result, ...moved } = await rewriteRegistry(path, (hosts) => {
    const before = hosts.get(name);
    if (before === undefined && author === "model") requireRoomForModels(hosts);
    const known = isPlainObject(before) ? before : {};
    const { confirmedAt = new Date().toISOString() } = hostEntry(known);
    const { uid: _, ...rest } = known;
    const entry = {
      ...(change.uid === null ? rest : known),
      ...fileFields({
        ...change,
        descriptionBy: change.description === undefined ? undefined : author,
        osBy: change.os === undefined ? undefined : author,
        confirmedAt: author === "person" ? confirmedAt : change.confirmedAt,
      }),
    };
    hosts.set(name, entry);
    const { description, os } = hostEntry(entry);
    return { entry: hostEntry({ description, os }), isNew: before === undefined };
  });
  return { ...result, ...moved };
}

/**
 * Takes a host out of the registry.
 *
 * @returns Whether it was there, and where the old file went if it couldn't be parsed.
 * @throws {RegistryError} If the file is locked for too long, or is too broken to be moved aside.
 */
export async function forgetHost(
  path: string,
  name: string,
): Promise<{ readonly wasThere: boolean; readonly movedTo?: string }> {
  const { result, ...moved } = await rewriteRegistry(path, (hosts) => hosts.delete(name));
  return { wasThere: result, ...moved };
}

/** What is known of a host, with the names and types that the file has. */
export function fileFields(
  values: HostChange & Pick<HostEntry, "policy">,
): Record<string, unknown> {
  const uid = typeof values.uid === "number" ? String(values.uid) : undefined;
  const all: Readonly<Record<string, unknown>> = { ...values, uid };
  const fields = FIELDS.map(([field, name]) => [name, all[field]] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function hostEntry(file: Readonly<Record<string, unknown>>): HostEntry {
  const fields = FIELDS.filter(([, name]) => Object.hasOwn(file, name))
    .map(([field, name, read]) => [field, read(file[name])] as const);
  // Safe, since the reader of each field gives a value of its type.
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined)) as HostEntry;
}

function textOf(value: unknown, pattern = /(?:)/): string | undefined {
  return typeof value === "string" && pattern.test(value) ? value : undefined;
}

function requireValid(name: string, { description = "", os = "" }: HostChange): void {
  const faults = [
    ["the name", hostFault(name)],
    ["description", hostTextFault(description, MAX_DESCRIPTION_LENGTH)],
    ["os", hostTextFault(os, MAX_OS_LENGTH)],
  ] as const;
  const found = faults.find(([, fault]) => fault !== undefined);
  if (found !== undefined) throw new RegistryError(found.join(" "));
}

function requireRoomForModels(hosts: ReadonlyMap<string, unknown>): void {
  const unconfirmed = [...hosts.values()].filter((entry) =>
    isPlainObject(entry) && !isConfirmed(hostEntry(entry))
  );
  if (unconfirmed.length < MAX_UNCONFIRMED_HOSTS) return;
  throw new RegistryError(
    `it has ${unconfirmed.length} hosts that no person confirmed, and may have at most ` +
      `${MAX_UNCONFIRMED_HOSTS} of them: "sudo-proxy hosts forget HOST" removes one`,
  );
}
