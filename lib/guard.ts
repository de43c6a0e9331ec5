/**
 * Refuses a start that would leave the program open to others: without SIGUSR1 blocked, with a
 * variable that does what no grant allows, or with more than its own grants. An entry point calls it
 * before it loads anything else.
 *
 * @module
 */
import { PROC } from "./platform/grants.ts";
import { wrapForTerminal } from "./platform/wrap_words.ts";

/** SIGUSR1 in the mask of `SigBlk` in /proc/PID/status, which is hexadecimal (proc(5)). */
const SIGUSR1_BIT = 1n << 9n;

/**
 * Variables by which Deno does what no grant allows: NODE_OPTIONS loads other code (`--require`) or
 * opens a debugger (`--inspect`), OTEL_DENO connects to a collector.
 */
export const UNSET_VARIABLES: readonly string[] = ["NODE_OPTIONS", "OTEL_DENO"];

/** Grants that no entry point has: it gets a list of each. */
const BLANKETS: readonly (readonly [flag: string, Deno.PermissionDescriptor])[] = [
  ["--allow-run", { name: "run" }],
  ["--allow-write", { name: "write" }],
  ["--allow-write=/", { name: "write", path: "/" }],
  ["--allow-net", { name: "net" }],
  ["--allow-env", { name: "env" }],
  ["--allow-sys", { name: "sys" }],
  ["--allow-ffi", { name: "ffi" }],
];

/** Ends the program unless it was started safely; the message names the task that starts it. */
export async function guardStart(readsAll: boolean, task: string): Promise<void> {
  const { url } = import.meta;
  const advice = !url.startsWith("file:")
    ? ". The module jsr:@tarides/sudo-proxy/start prints the command that starts it"
    : url.endsWith("/lib/guard.ts")
    ? `. Start it with deno task ${task}, or by the command that setup installs`
    : ". Start it by its command, sudo-proxy";
  const excess = [
    ...BLANKETS,
    ...(readsAll ? [] : [["--allow-read", { name: "read" }] as const]),
  ].filter(([, descriptor]) => Deno.permissions.querySync(descriptor).state === "granted")
    .map(([flag]) => flag);
  if (excess.length > 0) {
    refuse(`it must not be started with ${excess.join(" ")}: it needs an exact list`, advice);
  }
  await guardProcess(advice);
  if (!readsAll) Deno.permissions.revokeSync({ name: "read", path: PROC });
}

/**
 * The part that looks at the machine and the process. A compiled program has no debugger, which is
 * in the `deno` command alone, and heeds neither variable; `lib/narrow.ts` looks at its grants.
 */
export async function guardProcess(advice: string): Promise<void> {
  const fault = systemFault() ?? (Deno.build.standalone ? undefined : await processFault());
  if (fault !== undefined) refuse(fault, advice);
}

/** Says why the program does not run on this system; `undefined` if it does. */
export function systemFault(
  { os, arch }: Pick<typeof Deno.build, "os" | "arch"> = Deno.build,
): string | undefined {
  if (os === "linux" && (arch === "x86_64" || arch === "aarch64")) return undefined;
  return `it needs Linux on x86_64 or aarch64, and this is ${os} on ${arch}`;
}

function refuse(fault: string, advice: string): never {
  console.error(wrapForTerminal(`sudo-proxy: Cannot start: ${fault}${advice}`));
  Deno.exit(1);
}

/** Since Deno 2.9.2, SIGUSR1 opens a debugger in any program that does not block it. */
async function processFault(): Promise<string | undefined> {
  let status: string;
  let variables: string[];
  try {
    status = await readProc("status");
    variables = (await readProc("environ")).split("\0").map((entry) => entry.replace(/=.*$/s, ""));
  } catch (error) {
    return `it can't tell how it was started: ${error instanceof Error ? error.message : error}`;
  }
  const variable = UNSET_VARIABLES.find((name) => variables.includes(name));
  if (variable !== undefined) return `it must not be started with ${variable} set`;
  const mask = /^SigBlk:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
  if ((BigInt(`0x${mask}`) & SIGUSR1_BIT) !== 0n) return undefined;
  return "SIGUSR1 is not blocked, so any program of this user could open a debugger in it";
}

async function readProc(name: string): Promise<string> {
  // A module from a registry would look for a path without "file:" there.
  const path = `file://${PROC}/${Deno.pid}/${name}`;
  const module: { readonly default: string } = await import(path, { with: { type: "text" } });
  return module.default;
}
