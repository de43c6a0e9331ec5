/**
 * Makes all that a release has, in dist/release: packages, compiled programs, bill of materials,
 * server.json, SHA256SUMS and its signature. Two runs from one commit give the same bytes, with the
 * same Deno, npm, dpkg and xz.
 *
 * `--denort-x64=FILE` and `--denort-arm64=FILE` name what Deno makes programs from; it is never
 * fetched here, and its hash has to be in packaging/denort.sha256, or in the file that `--pins=FILE`
 * names. `--key=FILE` signs with minisign. `SUDO_PROXY_COMPILER` names another Deno that compiles.
 * What is not given is left out, and named at the end.
 *
 * @module
 */
import { systemProgram } from "../lib/platform/paths.ts";
import { bundleToCompile, compileArguments } from "../tools/build.ts";
import {
  COMPILER,
  DIST,
  epoch,
  freshFolder,
  namesIn,
  PROJECT,
  run,
  sha256,
  VERSION,
  writeFile,
} from "./common.ts";
import { makeDebian } from "./debian.ts";
import { makeMcpb } from "./mcpb.ts";
import { makeNpm } from "./npm.ts";
import { makeSbom } from "./sbom.ts";
import { serverJson } from "./server_json.ts";

const RELEASE = `${DIST}/release`;
const PINS = `${PROJECT}packaging/denort.sha256`;

/** Each option for denort, and the machine that it is for, as Deno names it. */
const MACHINES: readonly (readonly [option: string, machine: string])[] = [
  ["denort-x64", "x86_64"],
  ["denort-arm64", "aarch64"],
];

/** Reads options, all of which are of the form `--name=value`. */
function options(args: readonly string[]): ReadonlyMap<string, string> {
  const known = ["key", "pins", ...MACHINES.map(([option]) => option)];
  return new Map(args.map((arg) => {
    const [, name = "", value = ""] = /^--([a-z0-9-]+)=(.+)$/.exec(arg) ?? [];
    if (!known.includes(name)) {
      throw new Error(`Cannot use "${arg}": give --${known.join("=, --")}=`);
    }
    return [name, value];
  }));
}

/** Finds out for which runtimes nobody has written down the hash: each compiled program begins with one. */
async function pinFaults(given: ReadonlyMap<string, string>): Promise<string[]> {
  const path = given.get("pins") ?? PINS;
  const pins = (await Deno.readTextFile(path)).split("\n");
  const faults: string[] = [];
  for (const [option, machine] of MACHINES) {
    const denort = given.get(option);
    if (denort === undefined) continue;
    const line = `${await sha256(denort)}  ${machine}/denort`;
    if (pins.includes(line)) continue;
    const isOther = pins.some((pin) => pin.endsWith(`  ${machine}/denort`));
    faults.push(
      `Cannot release: ${path} has ${
        isOther ? "another" : "no"
      } hash for the denort of ${machine}. ` +
        `Check ${denort}, and add this line once you trust it:\n${line}`,
    );
  }
  return faults;
}

/** Compiles the bundle for each machine, and makes the packages with the result. */
async function makeBinaries(given: ReadonlyMap<string, string>, omit: (what: string) => void) {
  const bundle = `${DIST}/packaging/bundle`;
  await freshFolder(bundle);
  await bundleToCompile(bundle);
  // Deno writes the time of each file into the program.
  const time = await epoch();
  for (const name of namesIn(bundle)) await Deno.utime(`${bundle}/${name}`, time, time);
  for (const [option, machine] of MACHINES) {
    const denort = given.get(option);
    if (denort === undefined) {
      omit(`the program for ${machine}, and its packages: no --${option}=FILE was given`);
      continue;
    }
    const binary = `${RELEASE}/sudo-proxy-${VERSION}-linux-${machine}`;
    const args = compileArguments(bundle, binary);
    const target = `--target=${machine}-unknown-linux-gnu`;
    // Nothing is fetched, and nothing that is cached gets in.
    const env = { DENORT_BIN: denort, DENO_DIR: `${DIST}/packaging/deno-dir` };
    await run([COMPILER ?? Deno.execPath(), ...args.toSpliced(1, 0, target)], { env });
    await makeDebian(RELEASE, binary, machine);
    await makeMcpb(RELEASE, binary, machine);
  }
}

/** Lists the files with their hashes, as `sha256sum --check` reads them. */
async function writeSums(): Promise<string> {
  const names = namesIn(RELEASE);
  const lines: string[] = [];
  for (const name of names) lines.push(`${await sha256(`${RELEASE}/${name}`)}  ${name}\n`);
  await writeFile(`${RELEASE}/SHA256SUMS`, lines.join(""));
  return lines.join("");
}

/** The comment is fixed: minisign would write the time. */
async function sign(key: string | undefined, omit: (what: string) => void): Promise<void> {
  if (key === undefined) return omit("the signature of SHA256SUMS: no --key=FILE was given");
  if (systemProgram("minisign") === undefined) {
    return omit("the signature of SHA256SUMS: minisign is missing");
  }
  const comment = `sudo-proxy ${VERSION}`;
  await run(["minisign", "-S", "-s", key, "-m", `${RELEASE}/SHA256SUMS`, "-t", comment]);
}

if (import.meta.main) {
  const given = options(Deno.args);
  const omitted: string[] = [];
  const omit = (what: string) => void omitted.push(what);
  const faults = await pinFaults(given);
  if (faults.length > 0) {
    console.error(faults.join("\n"));
    Deno.exit(1);
  }
  await freshFolder(RELEASE);
  const npm = await makeNpm(RELEASE);
  await makeDebian(RELEASE);
  const mcpb = await makeMcpb(RELEASE);
  await makeBinaries(given, omit);
  await makeSbom(RELEASE);
  await writeFile(`${RELEASE}/server.json`, await serverJson({ npm, mcpb }));
  console.log(await writeSums());
  await sign(given.get("key"), omit);
  for (const what of omitted) console.log(`Left out: ${what}`);
}
