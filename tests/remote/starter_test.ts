/**
 * The starter that is installed on hosts.
 *
 * @module
 */
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { Installation } from "../rig/installation.ts";
import { execute, lacks } from "../rig/tools.ts";

Deno.test({
  name: "the starter gives each command its own grants, and starts nothing with those of another",
  ignore: lacks("root", "sh"),
  fn: async (t) => {
    await using installation = await Installation.make();
    const { folder, home } = installation;
    const notes = `${home}/notes`;
    // The real Deno, which notes what it was started with.
    const script = `#!/bin/sh\necho "$*" >>${notes}\nexec ${folder}/deno "$@"\n`;
    await Deno.mkdir(`${home}/bin`);
    await Deno.writeTextFile(`${home}/bin/deno`, script, { mode: 0o755 });
    const starter = `${folder}/project/lib/remote/sudo-proxy.sh`;
    const env = Object.entries({ ...installation.env, PATH: `${home}/bin:/usr/bin:/bin` })
      .map(([name, value]) => `${name}=${value}`);
    // What is really started, with the flags between the configuration and the program.
    const started = async (args: readonly string[]) => {
      const program = `${folder}/project/main_permissions.ts`;
      const flags = ["--no-config", "--allow-read", "--allow-env", "--allow-sys=uid"];
      const { stdout } = await execute(
        ["/usr/bin/env", "-i", ...env, `${folder}/deno`, "run", "-q", ...flags, program, ...args],
      );
      return / (--no-prompt .*) \S+\/main_proxy\.ts/.exec(stdout)?.[1];
    };
    for (
      const [args, flags] of [
        [["--help"], ["permissions", "proxy"]],
        [["request", "--help"], ["permissions", "request"]],
        [["try", "--help"], ["permissions", "try"]],
        [["audit", "--help"], ["permissions", "audit"]],
        [["hosts", "--help"], ["permissions", "hosts"]],
        [["setup", "--help"], ["permissions", "setup"]],
        [["permissions", "--help"], ["permissions", "permissions"]],
        [["--host", "web1", "--help"], ["permissions", "host", "--host", "web1"]],
      ] as const
    ) {
      await t.step(args.join(" "), async () => {
        await Deno.writeTextFile(notes, "");
        const { code, stderr } = await execute(["/usr/bin/env", "-i", ...env, starter, ...args]);
        assertEquals(code, 0, stderr);
        const asked = await Deno.readTextFile(notes);
        assertTrue(asked.endsWith(`main_permissions.ts ${args.join(" ")}\n`), asked);
        const { stdout } = await execute(["/usr/bin/env", "-i", ...env, starter, ...flags]);
        assertEquals(stdout, `${await started(args)}\n`);
      });
    }
  },
});
