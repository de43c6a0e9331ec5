/**
 * The file of the registry of hosts: read with a limit, changed under a lock, replaced as a whole.
 *
 * @module
 */
import { infoOf } from "../platform/exists.ts";
import { waitForLock } from "../platform/lock.ts";
import { replaceFile } from "../platform/replace_file.ts";
import { folderOf, type HostEnvironment } from "../platform/paths.ts";

/** The largest registry that is read or written, in bytes. */
const MAX_REGISTRY_BYTES = 1024 * 1024;
/** How long a change waits for another one, in milliseconds. */
const LOCK_TIMEOUT_MS = 5000;

/**
 * Where the registry is: `$XDG_CONFIG_HOME/sudo-proxy/hosts.json`, else below `~/.config`; nowhere
 * if neither variable is an absolute path (the XDG Base Directory Specification has relative ones
 * ignored).
 */
export function registryPath(env: HostEnvironment): string | undefined {
  const [configured, home] = ["XDG_CONFIG_HOME", "HOME"].map(env.get)
    .map((path) => path?.startsWith("/") ? path.replace(/\/+$/, "") : undefined);
  const folder = configured ?? (home === undefined ? undefined : `${home}/.config`);
  return folder === undefined ? undefined : `${folder}/sudo-proxy/hosts.json`;
}

/** The files that reading and changing a registry touches. */
export function registryFiles(path: string): string[] {
  return [path, `${path}.lock`, `${path}.new`, ...brokenFiles(path)];
}

/** The new names for registries that can't be parsed. */
function brokenFiles(path: string): string[] {
  return [1, 2, 3].map((number) => `${path}.broken-${number}`);
}

/** The registry can't be changed; the message says why, and what to do. */
export class RegistryError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "RegistryError";
}

/** What is in the file. */
export interface RegistryFile {
  /** What is in it beside the hosts. */
  readonly rest: Readonly<Record<string, unknown>>;
  /** The hosts; a map, since a host may be called `__proto__`. */
  readonly hosts: Map<string, unknown>;
}

/**
 * Reads the file.
 *
 * @returns Its contents; nothing if there is none; or what is wrong with it, as the end of a
 * sentence.
 * @throws If it can't be read, or is too large.
 */
export function readRegistryFile(path: string): RegistryFile | string | undefined {
  const text = readBounded(path);
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return "is not JSON";
  }
  if (!isPlainObject(json)) return "must be a JSON object";
  const { hosts = {}, ...rest } = json;
  if (!isPlainObject(hosts)) return 'must have an object as "hosts"';
  return {
    rest,
    hosts: new Map(Object.entries(hosts).map(([name, host]) => [name, mended(host)])),
  };
}

/** Writes an id as a text: sudo-proxy 1.x forgets all hosts if one field has another type. */
function mended(host: unknown): unknown {
  return isPlainObject(host) && typeof host["uid"] === "number"
    ? { ...host, uid: String(host["uid"]) }
    : host;
}

/**
 * Changes the hosts and replaces the file under its lock. A file that can't be parsed is moved
 * aside first.
 *
 * @returns What the change returned, and where the old file went.
 * @throws {RegistryError} If the file is locked for too long, too large, or can't be moved aside.
 */
export async function rewriteRegistry<Result>(
  path: string,
  change: (hosts: Map<string, unknown>) => Result,
): Promise<{ readonly result: Result; readonly movedTo?: string }> {
  await makeRegistryFolder(path);
  using lock = await waitForLock(`${path}.lock`, performance.now() + LOCK_TIMEOUT_MS);
  if (lock === undefined) {
    const seconds = LOCK_TIMEOUT_MS / 1000;
    throw new RegistryError(`another program holds ${path}.lock for more than ${seconds} s`);
  }
  const read = readRegistryFile(path);
  const moved = typeof read === "string" ? { movedTo: await moveAside(path) } : {};
  const { rest, hosts } = typeof read === "object" ? read : { rest: {}, hosts: new Map() };
  const result = change(hosts);
  replace(path, { ...rest, hosts: Object.fromEntries(hosts) });
  return { result, ...moved };
}

/**
 * Makes the folder of the registry, if this process may. It does not look at the folder first: if
 * that exists, the grants name only the files in it.
 */
export async function makeRegistryFolder(path: string): Promise<void> {
  const folder = folderOf(path);
  const { state } = await Deno.permissions.query({ name: "write", path: folder });
  if (state === "granted") await Deno.mkdir(folder, { mode: 0o700, recursive: true });
}

/** Whether a value is a JSON object. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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
  const bytes = new Uint8Array(MAX_REGISTRY_BYTES + 1);
  let size = 0;
  while (size < bytes.length) {
    const count = file.readSync(bytes.subarray(size));
    if (count === null) return new TextDecoder().decode(bytes.subarray(0, size));
    size += count;
  }
  throw new RegistryError(`it must have at most ${MAX_REGISTRY_BYTES} bytes`);
}

async function moveAside(path: string): Promise<string> {
  const targets = brokenFiles(path);
  const target = targets.find((target) => infoOf(target) === undefined);
  if (target === undefined) {
    throw new RegistryError(
      `${path} can't be parsed, and there are ${targets.length} files beside it that couldn't ` +
        "either: mend or remove them",
    );
  }
  await Deno.rename(path, target);
  return target;
}

function replace(path: string, contents: unknown): void {
  const text = `${JSON.stringify(contents, null, 2)}\n`;
  const size = new TextEncoder().encode(text).length;
  if (size > MAX_REGISTRY_BYTES) {
    throw new RegistryError(
      `it would have ${size} bytes, and may have at most ${MAX_REGISTRY_BYTES}: ` +
        '"sudo-proxy hosts forget HOST" makes room',
    );
  }
  replaceFile(path, `${path}.new`, text, 0o600);
}
