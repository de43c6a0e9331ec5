/**
 * Who can change the program itself: Deno, the sources and the packages. Whoever can change these
 * decides what a key starts.
 *
 * @module
 */
import { folderOf } from "../paths.ts";
import { walk } from "../run/walk.ts";

const GROUP_WRITE = 0o020;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;

/** The folder of the sources. */
const SOURCES = decodeURIComponent(new URL("../", import.meta.url).pathname);
/** What else the program is made of, beside that folder. */
const BESIDE = ["main_proxy.ts", "main_mcp.ts", "deno.json", "deno.lock"];

/**
 * Finds out whether anyone but root and the user can change the program.
 *
 * @param uid The user that runs it.
 * @returns What is wrong and how to mend it, as sentences, or `undefined`.
 */
export async function ownCodeFault(uid: number): Promise<string | undefined> {
  const program = Deno.execPath();
  // In a compiled program all is one file. From a registry, the sources are in `DENO_DIR`.
  const hasSources = !Deno.build.standalone && import.meta.url.startsWith("file:");
  const packages = hasSources ? packageFolder() : undefined;
  const roots = [program, ...(hasSources ? [SOURCES] : []), ...(packages ? [packages] : [])];
  for (const { places } of await Promise.all(roots.map(walk))) {
    for (const [place, info] of places) {
      const fault = writableFault(info, uid);
      if (fault !== undefined) return faultWords(place, fault);
    }
  }
  return hasSources ? insideFault(packages, uid) : undefined;
}

/** The way to these folders was looked at: what is in them counts. */
function insideFault(packages: string | undefined, uid: number): string | undefined {
  const denoFolder = packages?.slice(0, packages.lastIndexOf("/npm/"));
  const todo = [
    ...BESIDE.map((name) => `${folderOf(SOURCES.slice(0, -1))}/${name}`),
    ...namesIn(SOURCES.slice(0, -1)),
    ...(denoFolder === undefined ? [] : namesIn(denoFolder)),
  ];
  for (let place = todo.pop(); place !== undefined; place = todo.pop()) {
    const info = Deno.lstatSync(place);
    const fault = writableFault(info, uid);
    if (fault !== undefined) return faultWords(place, fault);
    if (info.isDirectory && place.startsWith(SOURCES)) todo.push(...namesIn(place));
  }
  return undefined;
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`);
}

function faultWords(place: string, fault: string): string {
  return `${place} ${fault}, so others can change this program. Only you and root may: see to it ` +
    "with chown or chmod, or install sudo-proxy in a folder of your own";
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

function writableFault(info: Deno.FileInfo, uid: number): string | undefined {
  if (info.uid !== 0 && info.uid !== uid) return `belongs to the user with the id ${info.uid}`;
  // The mode of a link means nothing (symlink(7)).
  const mode = info.isSymlink ? 0 : info.mode ?? 0;
  // In a sticky folder such as /tmp others can't replace what isn't theirs.
  if (info.isDirectory && (mode & STICKY) !== 0) return undefined;
  if ((mode & OTHERS_WRITE) !== 0) return "can be written by every user";
  // Many systems give each user a group of their own, with the same id and a mask of 002.
  const isOwnGroup = info.gid === 0 || info.gid === uid;
  if ((mode & GROUP_WRITE) !== 0 && !isOwnGroup) {
    return `can be written by the group with the id ${info.gid}`;
  }
  return undefined;
}
