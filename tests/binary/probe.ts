/**
 * Takes the place of what the compiled program runs once it has narrowed itself, and tries what is
 * no longer granted. Prints what was possible, as JSON.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import * as inspector from "node:inspector";
import { connect } from "node:net";
import { hostEnvironment } from "../../lib/platform/paths.ts";
import { grantsFor } from "../../lib/start.ts";

const run = (program: string) =>
  void new Deno.Command(program, { args: ["--version"] }).outputSync();

/** Not known before it is called, so that no bundle has it in it. */
const load = (specifier: string, options?: ImportCallOptions) => import(specifier, options);

/** A worker that is given more than this thread has. */
function greaterWorker(): void {
  const worker = new Worker("data:application/javascript,", {
    type: "module",
    // @ts-ignore: the types know it with --unstable-worker-options alone
    deno: { permissions: { net: true, read: true, run: true } },
  });
  worker.terminate();
}

/**
 * Everything that is tried, by name.
 *
 * @param own A folder of the tests with `secret` and `evil.js`.
 * @param mine A file that this subcommand may write, if there is any.
 */
function attempts(own: string, port: number, mine: string): Record<string, () => unknown> {
  const address = { hostname: "127.0.0.1", port };
  return {
    "read a file": () => Deno.readTextFileSync(`${own}/secret`),
    "read a file by node:fs": () => readFileSync(`${own}/secret`),
    "list the root": () => [...Deno.readDirSync("/")],
    "read by a link": () => Deno.statSync(`${own}/link`),
    "read /proc": () => Deno.readTextFileSync("/proc/self/environ"),
    "import a file": () => load(`file://${own}/evil.js`),
    "import a file as text": () => load(`file://${own}/secret`, { with: { type: "text" } }),
    "import a file as JSON": () => load(`file://${own}/secret.json`, { with: { type: "json" } }),
    "import from the network": () => load(`http://127.0.0.1:${port}/evil.js`),
    "import a package": () => load("npm:left-pad@1.3.0"),
    "write a file": () => Deno.writeTextFileSync(`${own}/written`, ""),
    "write in the temporary folder": () => Deno.makeTempFileSync(),
    "make a link": () => Deno.linkSync(`${own}/secret`, `${own}/second`),
    "link a file to one's own": () => Deno.linkSync(`${own}/secret`, mine),
    "link one's own file elsewhere": () => Deno.linkSync(mine, `${own}/third`),
    "make a symbolic link": () => Deno.symlinkSync(`${own}/secret`, mine),
    "move a file to one's own": () => Deno.renameSync(`${own}/secret`, mine),
    "see a variable": () => Deno.env.get("SECRET"),
    "see all variables": () => Deno.env.toObject(),
    "see the machine's name": () => Deno.hostname(),
    "see the network's devices": () => Deno.networkInterfaces(),
    "start id": () => run("/usr/bin/id"),
    "start id by name": () => run("id"),
    "start id by node:child_process": () => {
      const { error } = spawnSync("/usr/bin/id");
      if (error) throw error;
    },
    "start sudo": () => run("/usr/bin/sudo"),
    "start ssh": () => run("/usr/bin/ssh"),
    "start tmux": () => run("/usr/bin/tmux"),
    "start the program itself": () => run(Deno.execPath()),
    "kill a process": () => Deno.kill(1, "SIGCONT"),
    "load a library": () => Deno.dlopen("/lib/x86_64-linux-gnu/libc.so.6", {}),
    "connect": () => Deno.connect(address),
    "connect by IPv6": () => Deno.connect({ hostname: "::1", port }),
    "connect by node:net": () =>
      new Promise((done, fail) => connect(port, "127.0.0.1", () => done(0)).on("error", fail)),
    "fetch": () => fetch(`http://127.0.0.1:${port}/`),
    "look a name up": () =>
      Deno.resolveDns("localhost", "A", { nameServer: { ipAddr: "127.0.0.1" } }),
    "listen": () => Deno.listen({ port: 0 }),
    "use another socket": () => Deno.connect({ transport: "unix", path: `${own}/other.sock` }),
    "listen at another socket": () => Deno.listen({ transport: "unix", path: `${own}/new.sock` }),
    "open a debugger": () => inspector.open(port + 1),
    "make a greater worker": greaterWorker,
    "get it all back": () => {
      for (const name of ["read", "write", "net", "run", "env", "sys", "ffi"] as const) {
        if (Deno.permissions.requestSync({ name }).state === "granted") return;
      }
      throw new Error("denied");
    },
  };
}

/** Of Deno, of its Node library, and of imports; somebody listens at the port that is tried. */
const REFUSALS =
  /Requires|--cached-only|Module not found|list of packages|not supported|not a valid module type|not implemented|can't escalate|denied|ECONNREFUSED/i;

/** Tries everything, and prints what was possible. */
export async function runProxy(args: readonly string[]): Promise<void> {
  const end = args.indexOf("--");
  const [own = "", port] = args.slice(end + 1);
  const { write } = grantsFor(hostEnvironment(), args.slice(0, end)).grants;
  const mine = write.at(-1) ?? `${own}/mine`;
  const possible: string[] = [];
  for (const [name, attempt] of Object.entries(attempts(own, Number(port), mine))) {
    try {
      await Promise.race([
        attempt(),
        new Promise((_, fail) => setTimeout(fail, 2000, new Error("silence"))),
      ]);
      possible.push(name);
    } catch (error) {
      // What fails in another way was not refused.
      const isRefused = error instanceof Deno.errors.NotCapable ||
        REFUSALS
          .test(`${error}`);
      if (!isRefused) possible.push(`${name}: ${error}`);
    }
  }
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(possible)}\n`));
  // What succeeded may still be open.
  Deno.exit();
}

/** The same, for the MCP server. */
export async function runMcp(args: readonly string[]): Promise<boolean> {
  await runProxy(["mcp", ...args]);
  return false;
}
