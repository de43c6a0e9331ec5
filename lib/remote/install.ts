/**
 * Decides whether a binary can be installed on a host, and whether it has to be.
 *
 * @module
 */
import { NO_SHELL, parseVersion, readFields, remotePathFault } from "./facts.ts";
import { isIdentity } from "./identity.ts";

/** The oldest glibc on which the binary starts. */
export const MIN_GLIBC = "2.27";

/** The architectures that there are binaries for, by `e_machine` of elf(5), as uname(1) says them. */
const MACHINES: ReadonlyMap<number, string> = new Map([[0x3e, "x86_64"], [0xb7, "aarch64"]]);

/** What a host says of itself before something is installed there. Every value has been checked. */
export interface InstallTarget {
  /** The operating system, as `uname -s` says it. */
  readonly system: string;
  /** The architecture, as `uname -m` says it. */
  readonly machine: string;
  /** The version of glibc; `undefined` if it has another libc, or says none. */
  readonly glibc: string | undefined;
  /** Where the program belongs there. */
  readonly path: string;
  /** Where the program that the launcher would start is; `undefined` if there is none. */
  readonly program: string | undefined;
  /** Whether that one is in the `PATH` there, and so comes before any other. */
  readonly isFirst: boolean;
  /** Its version, or `""` if it says none. */
  readonly version: string;
  /** Which machine it is, and as whom we are there. */
  readonly identity?: string;
}

/**
 * Reads what the remote host printed for `TARGET_COMMAND`.
 *
 * @returns The facts, or what is wrong as the end of a sentence that names no remote text.
 */
export function parseTarget(output: string): InstallTarget | string {
  const value = readFields(output);
  if (value === undefined) return NO_SHELL;
  const name = (field: string) => /^[A-Za-z0-9._-]{1,40}$/.exec(value(field))?.[0] ?? "unknown";
  const home = value("home");
  const homeFault = remotePathFault(home);
  if (homeFault !== undefined) return `the home of that account ${homeFault}`;
  const pathOf = (field: string) => value(field).replaceAll(/\/{2,}/g, "/") || undefined;
  const program = pathOf("program");
  const programFault = program === undefined ? undefined : remotePathFault(program);
  if (programFault !== undefined) return `the path of its sudo-proxy ${programFault}`;
  const [, plain, ofLdd] = /^glibc (\d+\.\d+)|^ldd \(.*\) (\d+\.\d+)/.exec(value("libc")) ?? [];
  const identity = value("identity");
  return {
    system: name("system"),
    machine: name("machine"),
    glibc: plain ?? ofLdd,
    path: `${home.replace(/\/+$/, "")}/.local/bin/sudo-proxy`,
    program,
    isFirst: program === pathOf("first"),
    version: parseVersion(value("version")),
    ...(isIdentity(identity) ? { identity } : {}),
  };
}

/** The architecture that the head of a file is for; `undefined` if it is no program for Linux. */
export function machineOf(head: Uint8Array): string | undefined {
  // elf(5): 64 bits, the low byte first; e_machine stands at 18.
  const isElf = [0x7f, 0x45, 0x4c, 0x46, 2, 1].every((byte, at) => head[at] === byte);
  return isElf ? MACHINES.get((head[18] ?? 0) + (head[19] ?? 0) * 256) : undefined;
}

/** Tells why a binary for an architecture can't run on a host, as the end of a sentence. */
export function systemFault(
  { system, machine, glibc }: Pick<InstallTarget, "system" | "machine" | "glibc">,
  wanted: string,
): string | undefined {
  if (system !== "Linux") return `it runs ${system}, and sudo-proxy runs on Linux only`;
  const real = { amd64: "x86_64", arm64: "aarch64" }[machine] ?? machine;
  if (real !== wanted) return `it is ${machine}, and this binary is for ${wanted}`;
  if (glibc === undefined) return `it has no glibc, and this binary needs ${MIN_GLIBC} or later`;
  return compareVersions(glibc, MIN_GLIBC) < 0
    ? `it has glibc ${glibc}, and this binary needs ${MIN_GLIBC} or later`
    : undefined;
}

/** What an installation would be: the program is missing, can be replaced, or is left alone. */
export type InstallStep = "new" | "update" | "same" | "newer" | "elsewhere";

/** Decides what an installation of this version would be. */
export function installStep(
  { path, program, isFirst, version }: InstallTarget,
  wanted: string,
): InstallStep {
  if (program === undefined) return "new";
  const order = version === "" ? -1 : compareVersions(version, wanted);
  if (order >= 0) return order === 0 ? "same" : "newer";
  // The launcher would go on to start that one.
  return isFirst && program !== path ? "elsewhere" : "update";
}

/** Negative if the first version is older, 0 if both are the same (Semantic Versioning 11). */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => {
    const [, numbers = "", rest = ""] = /^([\d.]*)(-[^+]*)?/.exec(text) ?? [];
    return { numbers: numbers.split(".").map(Number), rest };
  });
  if (a === undefined || b === undefined) return 0;
  for (let at = 0; at < Math.max(a.numbers.length, b.numbers.length); at++) {
    const difference = (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if (a.rest === b.rest) return 0;
  // A version before the release has a suffix.
  if (a.rest === "" || b.rest === "") return a.rest === "" ? 1 : -1;
  return a.rest < b.rest ? -1 : 1;
}
