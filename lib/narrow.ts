/**
 * A compiled program has its permissions baked in for every account and every subcommand. At its
 * start it computes the exact grants for its arguments, gives up the rest for good, and asks Deno
 * whether anything is left over. This happens before a package is loaded and before input is read.
 *
 * Deno can't narrow the network in place. So a program that needs a socket runs in a worker, which
 * gets exact permissions (`main_worker.ts`); the thread that made it loads no package.
 *
 * @module
 */
import { ENTRY_POINTS, grantsOf } from "./grants.ts";
import { TERMINAL_PROGRAMS } from "./mcp/terminals.ts";
import type { Grants } from "./platform/grants.ts";
import { folderOf, SYSTEM_FOLDERS } from "./platform/paths.ts";

/** Every program that an entry point may start. */
const PROGRAMS = ["sudo", "setsid", "timeout", "perl", "pkttyagent", "ssh", "stty", "cat"]
  .concat(TERMINAL_PROGRAMS);

/** No entry point has any of these; each is granted by a bare flag alone. */
const NEVER = ["read", "write", "run", "env", "sys", "ffi", "import"] as const;

/** Facts about the system that Deno would tell, beside those that are baked in. */
const OTHER_FACTS = [
  "osRelease",
  "loadavg",
  "networkInterfaces",
  "gid",
  "cpus",
  "homedir",
] as const;

/** Folders that nobody needs as a whole, beside those around what is granted. */
const OTHER_FOLDERS = ["/", "/etc", "/proc", "/root", "/home", "/tmp"];

/** A socket and hosts, none of which is ours. */
const OTHER_HOSTS = ["unix:/run/dbus/system_bus_socket", "127.0.0.1:22", "[::1]:22"];

/** Computes what any account may need, without looking at this one. */
function baked(): Pick<Grants, "run" | "env" | "sys"> {
  const anybody = { get: () => undefined, uid: 0 };
  const all = ENTRY_POINTS.map((entry) => grantsOf(entry, anybody, "/run/sudo-proxy.sock"));
  return {
    run: SYSTEM_FOLDERS.flatMap((folder) => PROGRAMS.map((name) => `${folder}/${name}`)),
    env: [...new Set(all.flatMap(({ env }) => env))],
    sys: ["uid", "hostname"],
  };
}

/**
 * The flags that are baked into a compiled program. Paths are granted as `/`, since a bare
 * `--allow-read` can't be narrowed.
 */
export function bakedFlags(): string[] {
  const { run, env, sys } = baked();
  return [
    "--no-prompt",
    "--cached-only",
    "--unstable-worker-options",
    "--allow-read=/",
    "--allow-write=/",
    "--allow-net",
    `--allow-run=${run.join(",")}`,
    `--allow-env=${env.join(",")}`,
    `--allow-sys=${sys.join(",")}`,
  ];
}

/** Whether Deno lets this thread do something. */
function may(descriptor: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}

/**
 * Gives up everything but these grants. The network goes as a whole, or stays as a whole where the
 * grants have a socket: {@linkcode permissionsOf} is for the thread that uses it.
 */
export function giveUpAllBut({ read, write, net, run, env, sys }: Grants): void {
  const all = baked();
  if (read !== true) {
    for (const path of read) Deno.permissions.requestSync({ name: "read", path });
    Deno.permissions.revokeSync({ name: "read", path: "/" });
  }
  for (const path of write) Deno.permissions.requestSync({ name: "write", path });
  Deno.permissions.revokeSync({ name: "write", path: "/" });
  if (net.length === 0) Deno.permissions.revokeSync({ name: "net" });
  for (const command of without(all.run, run)) {
    Deno.permissions.revokeSync({ name: "run", command });
  }
  for (const variable of without(all.env, env)) {
    Deno.permissions.revokeSync({ name: "env", variable });
  }
  for (const kind of without(all.sys, sys)) Deno.permissions.revokeSync({ name: "sys", kind });
  Deno.permissions.revokeSync({ name: "import" });
}

/** The same grants for a worker, which has no others. */
export function permissionsOf({ read, write, net, run, env, sys }: Grants): Deno.PermissionOptions {
  return {
    read: read === true ? ["/"] : [...read],
    write: [...write],
    net: [...net],
    run: [...run],
    env: [...env],
    sys: [...sys],
    ffi: false,
    import: false,
  };
}

/**
 * Names what this thread may do beyond these grants; empty if all of it is gone.
 *
 * @param keepsNet Whether this thread only makes a worker that uses the network, and so has all of it.
 */
export function excessOf(
  { read, write, net, run, env, sys }: Grants,
  keepsNet = false,
): string[] {
  const all = baked();
  const paths = (wanted: readonly string[]) =>
    [...OTHER_FOLDERS, ...wanted.map(folderOf)].filter((path) => !isWithin(path, wanted));
  const excess: Deno.PermissionDescriptor[] = [
    ...NEVER.map((name) => ({ name })),
    ...(read === true ? [] : paths(read).map((path) => ({ name: "read", path } as const))),
    ...paths(write).map((path) => ({ name: "write", path } as const)),
    ...without(all.run, run).map((command) => ({ name: "run", command } as const)),
    ...without(all.env, env).map((variable) => ({ name: "env", variable } as const)),
    ...[...without(all.sys, sys), ...OTHER_FACTS].map((kind) => ({ name: "sys", kind } as const)),
    ...(keepsNet ? [] : [
      { name: "net" } as const,
      ...without(OTHER_HOSTS, net).filter(isKnown).map((host) => ({ name: "net", host } as const)),
    ]),
  ];
  return excess.filter(may).map((found) => Object.values(found).filter(Boolean).join(" "));
}

/** Whether this runtime knows such a grant: before Deno 2.9 there was none for a socket. */
function isKnown(host: string): boolean {
  try {
    Deno.permissions.querySync({ name: "net", host });
    return true;
  } catch {
    return false;
  }
}

function without<Item>(all: readonly Item[], wanted: readonly Item[]): Item[] {
  return all.filter((item) => !wanted.includes(item));
}

function isWithin(path: string, wanted: readonly string[]): boolean {
  return wanted.some((granted) => path === granted || path.startsWith(`${granted}/`));
}
