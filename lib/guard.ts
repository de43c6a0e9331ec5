/**
 * Refuses a start that would leave the program open to others: without SIGUSR1 blocked, with a
 * variable that does what no grant allows, or with more than its own grants. An entry point calls it
 * before it loads anything else.
 *
 * @module
 */
import { wrapForTerminal } from "./wrap_words.ts";

/**
 * Deno reads a file below /proc only with all permissions, but imports one as text with this grant.
 * It is given back before anything else is loaded.
 */
export const PROC = "/proc";

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

/**
 * Ends the program unless it was started safely.
 *
 * @param readsAll Whether this entry point may read every file.
 * @param task The task that starts it, for the message.
 */
export async function guardStart(readsAll: boolean, task: string): Promise<void> {
  const refuse = (fault: string): never => {
    const advice = `Start it with deno task ${task}, or by the command that setup installs`;
    console.error(wrapForTerminal(`sudo-proxy: Cannot start: ${fault}. ${advice}`));
    Deno.exit(1);
  };
  const excess = [
    ...BLANKETS,
    ...(readsAll || Deno.build.standalone ? [] : [["--allow-read", { name: "read" }] as const]),
  ].filter(([, descriptor]) => Deno.permissions.querySync(descriptor).state === "granted")
    .map(([flag]) => flag);
  if (excess.length > 0) {
    refuse(`it must not be started with ${excess.join(" ")}: it needs an exact list`);
  }
  if (Deno.build.standalone) {
    // The signal ends it. Its one list of grants is for several entry points.
    if (!readsAll) Deno.permissions.revokeSync({ name: "run" });
    return;
  }
  const fault = await processFault();
  if (fault !== undefined) refuse(fault);
  if (!readsAll) Deno.permissions.revokeSync({ name: "read", path: PROC });
}

/** Since Deno 2.9.2, SIGUSR1 opens a debugger in any program that does not block it. */
async function processFault(): Promise<string | undefined> {
  let status: string;
  let variables: string[];
  try {
    status = await readProc("status");
    variables = (await readProc("environ")).split("\0").map((entry) => entry.split("=", 1)[0]);
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
  const path = `${PROC}/${Deno.pid}/${name}`;
  const module: { readonly default: string } = await import(path, { with: { type: "text" } });
  return module.default;
}
