/**
 * The registry of hosts: `hosts.json` in the configuration folder of this user.
 *
 * @module
 */
import type { Surroundings } from "../paths.ts";
import { parseUid, parseVersion } from "./facts.ts";
import { hostFault } from "./names.ts";

/** The largest registry that is read or written, in bytes. */
const MAX_REGISTRY_BYTES = 1024 * 1024;
/** How many hosts models may add that no person confirmed. */
const MAX_UNCONFIRMED_HOSTS = 50;
/** The longest description, in UTF-16 units. */
export const MAX_DESCRIPTION_LENGTH = 500;
/** The longest name of an operating system, in UTF-16 units. */
export const MAX_OS_LENGTH = 100;
/** How long a change waits for another one, in milliseconds. */
const LOCK_TIMEOUT_MS = 5000;
const LOCK_POLL_MS = 25;
/** How many files that can't be parsed are kept. */
const MAX_BROKEN = 3;

/** What a host is, in words. */
export interface HostWords {
  /** What it is for, in words for the model. */
  readonly description?: string;
  /** Its operating system. */
  readonly os?: string;
}

/** Who wrote a text or added a host. */
export type Author = "person" | "model";

/** What is known of a host; fields that this version does not know are kept in the file. */
export interface HostEntry extends HostWords {
  /** Who wrote the description; unknown where it is left out. */
  readonly descriptionBy?: Author;
  /** Who wrote the operating system; unknown where it is left out. */
  readonly osBy?: Author;
  /** When a person first described or connected to the host, in ISO 8601. */
  readonly confirmedAt?: string;
  /** When a tunnel to it came up last, in ISO 8601. */
  readonly lastConnected?: string;
  /** The user's id there, where the folder for sockets there is `/run/user/UID`. */
  readonly uid?: number;
  /** The version of the daemon there. */
  readonly version?: string;
  /** What a program of another make noted about approvals. It is kept and shown, and means nothing. */
  readonly policy?: unknown;
}

/** What {@linkcode updateHost} sets; a `uid` of `null` is taken out. */
export interface HostChange extends Omit<HostEntry, "policy" | "uid"> {
  /** The user's id there. */
  readonly uid?: number | null;
}

/** The registry as it was read. */
export interface Registry {
  /** The hosts by name, sorted. */
  readonly hosts: ReadonlyMap<string, HostEntry>;
  /** Why the file can't be used, as a sentence; its hosts are not known then. */
  readonly fault?: string;
}

/** What {@linkcode updateHost} did. */
export interface HostUpdate {
  /** The host as it is now. */
  readonly entry: HostWords;
  /** Whether it was not in the registry before. */
  readonly isNew: boolean;
  /** Where the old file went, if it couldn't be parsed. */
  readonly movedTo?: string;
}

/** The registry can't be changed; the message says why, and what to do. */
export class RegistryError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "RegistryError";
}

/**
 * Where the registry is: `$XDG_CONFIG_HOME/sudo-proxy/hosts.json`, else below `~/.config`.
 *
 * @param here The surroundings.
 * @returns An absolute path, or `undefined` where neither variable is an absolute path.
 */
export function registryPath(here: Surroundings): string | undefined {
  // The XDG Base Directory Specification has relative paths ignored.
  const configured = here.env("XDG_CONFIG_HOME");
  if (configured?.startsWith("/")) return `${trimmed(configured)}/sudo-proxy/hosts.json`;
  const home = here.env("HOME");
  return home?.startsWith("/") ? `${trimmed(home)}/.config/sudo-proxy/hosts.json` : undefined;
}

/**
 * The files that reading and changing a registry touches, for grants.
 *
 * @param path The registry.
 * @returns Absolute paths.
 */
export function registryFiles(path: string): string[] {
  return [path, lockOf(path), newOf(path), ...brokenOf(path)];
}

/**
 * Reads the registry. It changes nothing, whatever the file holds.
 *
 * @param path Where it is; `undefined` stands for a registry that has no place.
 * @returns The hosts; none where there is no file.
 */
export function readRegistry(path: string | undefined): Registry {
  if (path === undefined) return { hosts: new Map() };
  let text: string | undefined;
  try {
    text = readBounded(path);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return { hosts: new Map(), fault: `${path} can't be read: ${words}` };
  }
  if (text === undefined) return { hosts: new Map() };
  const parsed = parse(text);
  if (typeof parsed === "string") return { hosts: new Map(), fault: `${path} ${parsed}` };
  const hosts = [...parsed.hosts]
    .filter(([name, entry]) => hostFault(name) === undefined && isPlainObject(entry))
    .map(([name, entry]) => [name, hostEntry(entry)] as const)
    .sort(([a], [b]) => a < b ? -1 : 1);
  return { hosts: new Map(hosts) };
}

/**
 * Tells whether a person uses a host: they described it, or a tunnel to it came up. To one that only
 * a model named, nothing connects before a person has confirmed it.
 *
 * @param entry The host.
 */
export function isConfirmed({ confirmedAt, lastConnected }: HostEntry): boolean {
  return confirmedAt !== undefined || lastConnected !== undefined;
}

/**
 * Tells why a text can't describe a host.
 *
 * @param text The description or operating system.
 * @param maxLength How long it may be, in UTF-16 units.
 * @returns The rule that it breaks, as the end of a sentence, or `undefined`.
 */
export function hostTextFault(text: string, maxLength: number): string | undefined {
  return text.length > maxLength || /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)
    ? `must be one line of at most ${maxLength} characters`
    : undefined;
}

/**
 * Changes what is known of a host, or adds it. Only what is given changes; everything else in the
 * file is kept. The file is replaced as a whole under a lock, so that neither a crash nor another
 * change at the same time loses anything.
 *
 * @param path The registry; its folder is made where it does not exist, with mode 0700.
 * @param name The host.
 * @param change What to set.
 * @param author Who wants it: a person confirms the host by that, a model never does. Left out where
 * a program notes facts.
 * @returns The host as it is now.
 * @throws {RegistryError} If the change breaks a limit, the file is locked for too long, or is too
 * broken to be moved aside. Nothing is changed then.
 */
export async function updateHost(
  path: string,
  name: string,
  change: HostChange,
  author?: Author,
): Promise<HostUpdate> {
  const fault = changeFault(name, change);
  if (fault !== undefined) throw new RegistryError(fault);
  const { result, movedTo } = await rewrite(path, (hosts) => {
    const before = hosts.get(name);
    if (before === undefined && author === "model") requireRoomForModels(hosts);
    const known = isPlainObject(before) ? before : {};
    const { confirmedAt = new Date().toISOString() } = hostEntry(known);
    const entry = {
      ...known,
      ...fileFields({
        ...change,
        ...(change.description === undefined ? {} : { descriptionBy: author }),
        ...(change.os === undefined ? {} : { osBy: author }),
        ...(author === "person" ? { confirmedAt } : {}),
      }),
    };
    if (change.uid === null) delete entry.uid;
    hosts.set(name, entry);
    const { description, os } = hostEntry(entry);
    return { entry: defined({ description, os }), isNew: before === undefined };
  });
  return { ...result, ...(movedTo === undefined ? {} : { movedTo }) };
}

/**
 * Takes a host out of the registry.
 *
 * @param path The registry.
 * @param name The host.
 * @returns Whether it was there, and where the old file went if it couldn't be parsed.
 * @throws {RegistryError} If the file is locked for too long, or is too broken to be moved aside.
 */
export async function forgetHost(
  path: string,
  name: string,
): Promise<{ readonly wasThere: boolean; readonly movedTo?: string }> {
  const { result, movedTo } = await rewrite(path, (hosts) => hosts.delete(name));
  return { wasThere: result, ...(movedTo === undefined ? {} : { movedTo }) };
}

function changeFault(name: string, { description, os }: HostWords): string | undefined {
  const fault = hostFault(name);
  if (fault !== undefined) return `the name of the host ${fault}`;
  const texts = [
    ["description", description, MAX_DESCRIPTION_LENGTH],
    ["os", os, MAX_OS_LENGTH],
  ] as const;
  for (const [field, text, maxLength] of texts) {
    const fault = text === undefined ? undefined : hostTextFault(text, maxLength);
    if (fault !== undefined) return `${field} ${fault}`;
  }
  return undefined;
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

/** Reads, changes and replaces the file under its lock. */
async function rewrite<Result>(
  path: string,
  change: (hosts: Map<string, unknown>) => Result,
): Promise<{ readonly result: Result; readonly movedTo: string | undefined }> {
  await makeRegistryFolder(path);
  using lock = await Deno.open(lockOf(path), { create: true, write: true, mode: 0o600 });
  await takeLock(lock, path);
  const text = readBounded(path);
  const parsed = text === undefined ? undefined : parse(text);
  const movedTo = typeof parsed === "string" ? await moveAside(path) : undefined;
  const file = typeof parsed === "object" ? parsed : { rest: {}, hosts: new Map() };
  const result = change(file.hosts);
  for (const [name, entry] of file.hosts) {
    // See FIELDS.
    if (!isPlainObject(entry) || typeof entry.uid !== "number") continue;
    file.hosts.set(name, { ...entry, uid: String(entry.uid) });
  }
  await replace(path, { ...file.rest, hosts: Object.fromEntries(file.hosts) });
  return { result, movedTo };
}

interface RegistryFile {
  /** What is in the file beside the hosts. */
  readonly rest: Readonly<Record<string, unknown>>;
  /** A map, since a host may be called `__proto__`. */
  readonly hosts: Map<string, unknown>;
}

/** The contents, or what is wrong with them as the end of a sentence. */
function parse(text: string): RegistryFile | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return "is not JSON";
  }
  if (!isPlainObject(json)) return "must be a JSON object";
  const { hosts = {}, ...rest } = json;
  if (!isPlainObject(hosts)) return 'must have an object as "hosts"';
  return { rest, hosts: new Map(Object.entries(hosts)) };
}

/** A field of a host: its name in the file, and what a value there means, if it is believed. */
type Field = readonly [field: keyof HostEntry, name: string, read: (value: unknown) => unknown];

/**
 * The names and types are those of sudo-proxy 1.x, which forgets all hosts when one field has
 * another type, and drops the fields of a host that it does not know.
 */
const FIELDS: readonly Field[] = [
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

function hostEntry(entry: unknown): HostEntry {
  const file = entry as Record<string, unknown>;
  return defined(Object.fromEntries(
    FIELDS.filter(([, name]) => Object.hasOwn(file, name))
      .map(([field, name, read]) => [field, read(file[name])]),
  ));
}

function fileFields(change: HostChange): Record<string, unknown> {
  const { uid, ...rest } = change;
  const values: Readonly<Record<string, unknown>> = {
    ...rest,
    uid: typeof uid === "number" ? String(uid) : undefined,
  };
  return defined(Object.fromEntries(FIELDS.map(([field, name]) => [name, values[field]])));
}

function textOf(value: unknown, pattern = /(?:)/): string | undefined {
  return typeof value === "string" && pattern.test(value) ? value : undefined;
}

function readBounded(path: string): string | undefined {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  using _ = file;
  const buffer = new Uint8Array(64 * 1024);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let count = file.readSync(buffer); count !== null; count = file.readSync(buffer)) {
    size += count;
    if (size > MAX_REGISTRY_BYTES) {
      throw new RegistryError(`it must have at most ${MAX_REGISTRY_BYTES} bytes`);
    }
    chunks.push(buffer.slice(0, count));
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return new TextDecoder().decode(bytes);
}

/**
 * Makes the folder of the registry, where this process may. It is only made, never looked at: the
 * grants name files, not the folder, where it is there already.
 *
 * @param path The registry.
 */
export async function makeRegistryFolder(path: string): Promise<void> {
  const folder = path.slice(0, path.lastIndexOf("/"));
  const { state } = await Deno.permissions.query({ name: "write", path: folder });
  if (state !== "granted") return;
  await Deno.mkdir(folder, { mode: 0o700, recursive: true });
}

async function takeLock(lock: Deno.FsFile, path: string): Promise<void> {
  const deadline = performance.now() + LOCK_TIMEOUT_MS;
  while (!await lock.tryLock(true)) {
    if (performance.now() > deadline) {
      throw new RegistryError(
        `another program holds ${lockOf(path)} for more than ${LOCK_TIMEOUT_MS / 1000} s`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
}

async function moveAside(path: string): Promise<string> {
  for (const target of brokenOf(path)) {
    if (await isThere(target)) continue;
    await Deno.rename(path, target);
    return target;
  }
  throw new RegistryError(
    `${path} can't be parsed, and there are ${MAX_BROKEN} files beside it that couldn't ` +
      "either: mend or remove them",
  );
}

async function replace(path: string, contents: unknown): Promise<void> {
  const text = new TextEncoder().encode(`${JSON.stringify(contents, null, 2)}\n`);
  if (text.length > MAX_REGISTRY_BYTES) {
    throw new RegistryError(
      `it would have ${text.length} bytes, and may have at most ${MAX_REGISTRY_BYTES}: ` +
        '"sudo-proxy hosts forget HOST" makes room',
    );
  }
  {
    using file = await Deno.open(newOf(path), {
      create: true,
      truncate: true,
      write: true,
      mode: 0o600,
    });
    // A leftover keeps its old mode.
    await Deno.chmod(newOf(path), 0o600);
    let bytes = text;
    while (bytes.length > 0) bytes = bytes.subarray(await file.write(bytes));
    await file.sync();
  }
  await Deno.rename(newOf(path), path);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function lockOf(path: string): string {
  return `${path}.lock`;
}

function newOf(path: string): string {
  return `${path}.new`;
}

function brokenOf(path: string): string[] {
  return Array.from({ length: MAX_BROKEN }, (_, index) => `${path}.broken-${index + 1}`);
}

function defined<Fields extends Record<string, unknown>>(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Fields;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, "");
}
