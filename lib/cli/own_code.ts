/**
 * Who can change the program itself: Deno, the sources and the packages. Anyone who can change
 * these decides what a key starts.
 *
 * @module
 */
import { exists } from "../platform/exists.ts";
import { folderOf } from "../platform/paths.ts";
import { FORM, PACKAGE_COMMAND, PROJECT } from "../start.ts";
import { walk } from "../run/walk.ts";

const GROUP_WRITE = 0o020;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;

const SOURCES = `${PROJECT}lib`;
/** What the program is made of, beside that folder. */
const BESIDE = ["main_proxy.ts", "main_mcp.ts", "main_permissions.ts", "deno.json", "deno.lock"];

/**
 * Finds out whether anyone but root and the user can change the program.
 *
 * @returns What is wrong and how to mend it, as sentences, or `undefined`.
 */
export async function ownCodeFault(uid: number): Promise<string | undefined> {
  // In a compiled program all is one file. From a registry, the sources are in `DENO_DIR`.
  const isFile = import.meta.url.startsWith("file:");
  const hasSources = isFile && FORM === "sources";
  // A bundle has everything in one folder.
  const { pathname } = new URL(import.meta.url);
  const bundle = isFile && FORM === "bundle" ? folderOf(decodeURIComponent(pathname)) : undefined;
  const packages = hasSources ? packageFolder() : undefined;
  const roots = [
    Deno.execPath(),
    ...(hasSources ? [SOURCES] : []),
    ...(packages ? [packages] : []),
    ...(bundle ? pathsIn(bundle) : []),
    ...(PACKAGE_COMMAND !== undefined && exists(PACKAGE_COMMAND) ? [PACKAGE_COMMAND] : []),
  ];
  for (const { visited } of await Promise.all(roots.map(walk))) {
    for (const [path, info] of visited) {
      const fault = writableFault(path, info, uid);
      if (fault !== undefined) return fault;
    }
  }
  return hasSources ? insideFault(packages, uid) : undefined;
}

/** The path to these folders was checked before; this checks what is in them. */
function insideFault(packages: string | undefined, uid: number): string | undefined {
  const denoFolder = packages?.slice(0, packages.lastIndexOf("/npm/"));
  const todo = [
    ...BESIDE.map((name) => `${PROJECT}${name}`),
    ...pathsIn(SOURCES),
    ...(denoFolder === undefined ? [] : pathsIn(denoFolder)),
  ];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    const info = Deno.lstatSync(path);
    const fault = writableFault(path, info, uid);
    if (fault !== undefined) return fault;
    if (info.isDirectory && path.startsWith(`${SOURCES}/`)) todo.push(...pathsIn(path));
  }
  return undefined;
}

function pathsIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`);
}

/**
 * The folder of one package: the way to it leads through `DENO_DIR`, which also holds what Deno has
 * compiled. The thousands of files of the packages are ours where these folders are.
 */
function packageFolder(): string | undefined {
  const { protocol, pathname } = new URL(import.meta.resolve("zod"));
  const path = decodeURIComponent(pathname);
  return protocol === "file:" && path.includes("/npm/") ? folderOf(path) : undefined;
}

/** Tells why others can change a file, and how to mend it, as sentences. */
export function writableFault(path: string, info: Deno.FileInfo, uid: number): string | undefined {
  const fault = modeFault(info, uid);
  return fault && `${path} ${fault}, so others can change this program. Only you and root may: ` +
      "see to it with chown or chmod, or install sudo-proxy in a folder of your own";
}

function modeFault(info: Deno.FileInfo, user: number): string | undefined {
  const { uid, gid, isSymlink, isDirectory } = info;
  if (uid !== 0 && uid !== user) return `belongs to the user with the id ${uid}`;
  // The mode of a link means nothing (symlink(7)).
  const mode = isSymlink ? 0 : info.mode ?? 0;
  // In a sticky folder such as /tmp others can't replace what isn't theirs.
  if (isDirectory && (mode & STICKY) !== 0) return undefined;
  if ((mode & OTHERS_WRITE) !== 0) return "can be written by every user";
  // Many systems give each user a group of their own, with the same id and a mask of 002.
  const isOwnGroup = gid === 0 || gid === user;
  if ((mode & GROUP_WRITE) === 0 || isOwnGroup) return undefined;
  return `can be written by the group with the id ${gid}`;
}
