import { SYSTEM_FOLDERS, systemProgram } from "../../lib/platform/paths.ts";
import {
  outputOf,
  ownSession,
  placed,
  succeeds,
  system,
  SYSTEM_ENVIRONMENT,
} from "../../lib/run/launch.ts";
import { findHelperPrograms } from "../../lib/run/programs.ts";
import { selfWay } from "../../lib/run/root/self.ts";
import { sudoWay } from "../../lib/run/root/sudo.ts";
import { assertEquals } from "../rig/assert.ts";

const SH = systemProgram("sh") ?? "sh";
const HELPERS = {
  setsid: "/usr/bin/setsid",
  cleaner: undefined,
  perl: undefined,
  mkfifo: "/usr/bin/mkfifo",
  timeout: "/usr/bin/timeout",
  kill: undefined,
  ps: undefined,
  true: "/usr/bin/true",
};
const COMMAND = { argv: ["/usr/bin/tool", "-k", "a=b"], env: { LANG: "C", TZ: "UTC" } } as const;

Deno.test("ownSession() clears the environment of what clears the mask, and gives it the command's", async () => {
  const helpers = findHelperPrograms();
  const script = 'echo "$LANG|$HOME|$0|$1"; grep SigBlk /proc/self/status';
  const spec = ownSession(helpers, {
    argv: [SH, "-c", script, "zero", "a=b c"],
    env: { LANG: "C=x", ...SYSTEM_ENVIRONMENT },
  });
  if (helpers.cleaner !== undefined) assertEquals<unknown>(spec.env, {});
  const { success, stdout } = await outputOf(...spec.argv);
  assertEquals([success, stdout], [true, "C=x||zero|a=b c\nSigBlk:\t0000000000000000\n"]);
});

Deno.test("ownSession() starts a command by itself where nothing has to clear the mask", () => {
  assertEquals<unknown>(ownSession(HELPERS, COMMAND), {
    argv: ["/usr/bin/setsid", "/usr/bin/tool", "-k", "a=b"],
    env: COMMAND.env,
  });
});

Deno.test("succeeds() tells the exit code, and gives a program nothing of ours", async () => {
  assertEquals(await succeeds(system(SH, "-c", "exit 0")), true);
  assertEquals(await succeeds(system(SH, "-c", "exit 1")), false);
  const { stdout } = await outputOf(SH, "-c", "cat; env | grep -v ^_= | grep -v ^PWD=");
  assertEquals(stdout, `PATH=${SYSTEM_FOLDERS.join(":")}\n`);
});

Deno.test("a sudoWay() puts assignments and -- between its own options and the command", () => {
  const argv = (password: "each" | "cached", mayAsk: boolean) => {
    const way = sudoWay(HELPERS, "/usr/bin/sudo", { password, locale: {} });
    return placed(HELPERS, way.launch(COMMAND, mayAsk)).argv.join(" ");
  };
  const rest = "LANG=C TZ=UTC -- /usr/bin/tool -k a=b";
  assertEquals(argv("cached", false), `/usr/bin/timeout 0 /usr/bin/sudo -n -u root ${rest}`);
  assertEquals(argv("each", false), `/usr/bin/timeout 0 /usr/bin/sudo -n -u root ${rest}`);
  assertEquals(argv("cached", true), `/usr/bin/sudo -u root ${rest}`);
  assertEquals(argv("each", true), `/usr/bin/sudo -u root -k ${rest}`);
});

Deno.test("a selfWay() has root's login, and the request's variables over it", async () => {
  const way = selfWay();
  const launch = way.launch({ ...COMMAND, env: { HOME: "/x" } }, false);
  const { argv, env } = placed(HELPERS, launch);
  assertEquals<unknown>(argv, ["/usr/bin/setsid", ...COMMAND.argv]);
  const { HOME, USER, PATH } = env;
  assertEquals([HOME, USER, PATH], ["/x", "root", SYSTEM_FOLDERS.join(":")]);
  assertEquals([await way.can("afresh"), await way.shares()], [true, false]);
});
