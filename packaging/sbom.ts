/**
 * The software bill of materials, in CycloneDX: which packages of npm the program is made of, with
 * the hashes of deno.lock. cdxgen, the generator of CycloneDX's own project, makes it.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { DIST, epoch, freshFolder, PROJECT, run, VERSION, writeFile } from "./common.ts";
import { toolPath } from "./tools.ts";

/** What only tests, checks and pictures import. */
export const TEST_PACKAGES: readonly string[] = [
  "@types/mdast",
  "@xterm/headless",
  "ajv",
  "dictionary-en",
  "fast-check",
  "mdast",
  "nspell",
  "remark-gfm",
  "remark-man",
  "remark-parse",
  "unified",
];

/** Where this script put the lock file, as cdxgen writes it. */
const OWN_PATH = /"[^"]*packaging\/sbom\/deno\.lock"/g;

/** A package in deno.lock, as far as this reads it. */
interface Locked {
  readonly integrity?: string;
  readonly dependencies?: readonly string[];
}

/** Deno adds the peers that a package was resolved with to its version: they are no part of it. */
function withoutPeers(name: string): string {
  const at = name.indexOf("_", name.lastIndexOf("@", name.indexOf("_")));
  return at === -1 ? name : name.slice(0, at);
}

interface LockFile {
  readonly version: string;
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, Locked>>;
}

/** The part of deno.lock that the program needs, and what it is resolved from. */
function programLock(lock: LockFile): LockFile {
  const all = lock.npm;
  const packages = new Map(Object.entries(all).map(([key, value]) => [withoutPeers(key), value]));
  const find = (name: string) =>
    packages.has(withoutPeers(name))
      ? [withoutPeers(name)]
      : [...packages.keys()].filter((key) => key.slice(0, key.lastIndexOf("@")) === name);
  const specifiers = Object.entries(lock.specifiers)
    .map(([key, value]) => [key, withoutPeers(`@${value}`).slice(1)] as const)
    .filter(([key]) => !TEST_PACKAGES.some((name) => key.startsWith(`npm:${name}@`)));
  const needed = specifiers.map(([key, version]) =>
    `${key.slice("npm:".length, key.lastIndexOf("@"))}@${version}`
  );
  const npm: Record<string, Locked> = {};
  for (const key of needed) {
    const { integrity, dependencies = [] } = packages.get(key) ?? {};
    if (integrity === undefined || npm[key] !== undefined) continue;
    const names = dependencies.flatMap(find);
    npm[key] = { integrity, dependencies: names };
    needed.push(...names);
  }
  return { version: lock.version, specifiers: Object.fromEntries(specifiers), npm };
}

/** Makes the bill of materials, and gives back its path. */
export async function makeSbom(output: string): Promise<string> {
  const folder = `${DIST}/packaging/sbom`;
  const lock: LockFile = JSON.parse(await Deno.readTextFile(`${PROJECT}deno.lock`));
  await freshFolder(folder);
  const imports = Object.entries(config.imports).filter(([name]) => !TEST_PACKAGES.includes(name));
  const { name, version, license } = config;
  const manifest = { name, version, license, imports: Object.fromEntries(imports) };
  await writeFile(`${folder}/deno.json`, JSON.stringify(manifest));
  await writeFile(`${folder}/deno.lock`, JSON.stringify(programLock(lock)));
  const options = ["--type=deno", "--spec-version=1.6", "--no-recurse", "--no-install-deps"];
  await run(["node", await toolPath("cdxgen"), ...options, "--output=bom.json", "."], {
    cwd: folder,
  });
  const bom = JSON.parse(await Deno.readTextFile(`${folder}/bom.json`));
  // A number of its own and the time would make two runs differ.
  delete bom.serialNumber;
  // A sentence about when and by whom it was made.
  delete bom.annotations;
  bom.metadata.timestamp = new Date(await epoch() * 1000).toISOString();
  await Deno.mkdir(output, { recursive: true });
  const file = `${output}/sudo-proxy-${VERSION}.cdx.json`;
  await writeFile(file, `${JSON.stringify(bom, undefined, 2).replace(OWN_PATH, '"deno.lock"')}\n`);
  return file;
}
