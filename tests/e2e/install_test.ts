/**
 * Puts a binary on a host over a real ssh, into an account that knows no Deno, node or npm. With
 * `SUDO_PROXY_BINARY`, that is the compiled program, which installs itself; else a small program
 * that prints the version.
 *
 * @module
 */
import { parseFacts } from "../../lib/remote/facts.ts";
import { FACTS_COMMAND } from "../../lib/remote/remote_shell.ts";
import { VERSION } from "../../lib/protocol/version.ts";
import { assertEquals, assertMatch, assertNoMatch, assertTrue } from "../rig/assert.ts";
import { BarePath } from "../rig/bare_path.ts";
import { printingProgram } from "../rig/elf.ts";
import { HOST, RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { execute, type Execution, lacks, succeed } from "../rig/tools.ts";

/** The compiled program; a bundle is none. */
const COMPILED = /\.js$/.test(Deno.env.get("SUDO_PROXY_BINARY") ?? "")
  ? undefined
  : Deno.env.get("SUDO_PROXY_BINARY");

const ignore = lacks(...REMOTE_NEEDS, "mount") || Deno.build.arch !== "x86_64";

/** A host without sudo-proxy, and a binary here. */
class Site implements AsyncDisposable {
  private constructor(readonly rig: RemoteRig, readonly bare: BarePath, readonly binary: string) {}

  static async make(): Promise<Site> {
    const bare = await BarePath.make();
    const rig = await RemoteRig.make({ server: { env: { PATH: bare.path } } });
    const site = new Site(rig, bare, `${rig.here.folder}/to-install`);
    await Deno.remove(`/home/${rig.remote.name}/.local`, { recursive: true });
    if (COMPILED === undefined) await Deno.writeFile(site.binary, printingProgram(VERSION));
    else await Deno.copyFile(COMPILED, site.binary);
    await Deno.chmod(site.binary, 0o755);
    return site;
  }

  /** What the local user types. */
  command(args: readonly string[], binary?: string): string[] {
    const { folder, env } = this.rig.here;
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const start = COMPILED === undefined
      ? ["/bin/sh", `${folder}/project/lib/start.sh`, `${folder}/deno`]
      : [this.binary];
    const file = binary ?? (COMPILED === undefined ? this.binary : undefined);
    return ["/usr/bin/env", "-i", ...variables, ...start, "install", HOST, ...args]
      .concat(file === undefined ? [] : ["--binary", file]);
  }

  /** Installs without a terminal. */
  run(args: readonly string[] = ["--yes"], binary?: string): Promise<Execution> {
    const { name } = this.rig.local;
    return execute(["runuser", "-u", name, "--", ...this.command(args, binary)]);
  }

  /** The files in ~/.local/bin there. */
  files(): string[] {
    try {
      return [...Deno.readDirSync(`/home/${this.rig.remote.name}/.local/bin`)]
        .map(({ name }) => name);
    } catch {
      return [];
    }
  }

  /** Puts a file here that the local user can read. */
  async writeHere(name: string, contents: Uint8Array | string): Promise<string> {
    const path = `${this.rig.here.folder}/${name}`;
    const bytes = typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
    await Deno.writeFile(path, bytes, { mode: 0o755 });
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rig[Symbol.asyncDispose]();
    await this.bare[Symbol.asyncDispose]();
  }
}

const script = (version: string) => `#!/bin/sh\necho ${version}\n`;

Deno.test({
  name: "install shows what it would copy, asks, and puts a program there that the launcher finds",
  ignore,
  async fn(t) {
    await using site = await Site.make();
    const { rig } = site;

    await t.step("nothing is copied where the person says no", async () => {
      await using terminal = await TmuxTerminal.open({
        user: rig.local.name,
        command: site.command([]),
      });
      const screen = await terminal.shows("Install it? [y/N]", 60_000);
      for (const text of ["web1 has no sudo-proxy", site.binary, VERSION, "SHA-256", "mode 0755"]) {
        assertTrue(screen.includes(text), `${text} in ${screen}`);
      }
      await terminal.press("n", "Enter");
      assertEquals(await terminal.exitCode(), 1);
      await terminal.shows("Nothing was changed on web1");
      assertEquals(site.files(), []);
    });

    await t.step("nor without a terminal to ask at", async () => {
      const before = await rig.logins();
      const { code, stderr } = await site.run([]);
      assertEquals(code, 1);
      assertMatch(stderr, /Cannot ask you: there is no terminal/);
      assertEquals([await rig.logins(), site.files()], [before, []]);
    });

    await t.step("it is copied where the person says yes", async () => {
      await using terminal = await TmuxTerminal.open({
        user: rig.local.name,
        command: site.command([]),
      });
      await terminal.shows("Install it? [y/N]", 60_000);
      await terminal.press("y", "Enter");
      assertEquals(await terminal.exitCode(), 0);
      await terminal.shows("Next: sudo-proxy --host web1");
      assertEquals(site.files(), ["sudo-proxy"]);
      const info = await Deno.lstat(rig.program);
      assertEquals([info.uid, (info.mode ?? 0) & 0o777], [rig.remote.uid, 0o755]);
      assertEquals(await Deno.readFile(rig.program), await Deno.readFile(site.binary));
      const facts = parseFacts(await rig.asLocal(["ssh", HOST, FACTS_COMMAND]));
      assertTrue(typeof facts === "object", String(facts));
      assertEquals([facts.program, facts.version], [rig.program, VERSION]);
    });

    await t.step({
      name: "the launcher starts it: no Deno, no node and no npm are in its PATH",
      ignore: COMPILED === undefined,
      async fn() {
        await using terminal = await rig.connect();
        assertEquals((await rig.send({ action: "ping" })).status, "ok");
        await rig.send({ action: "stop" });
        assertEquals(await terminal.exitCode(), 0);
      },
    });

    await t.step("the same version, and a newer one, are left alone", async () => {
      const same = await site.run();
      assertEquals(same.code, 0, same.stderr);
      assertMatch(same.stdout, new RegExp(`web1 has sudo-proxy ${VERSION} already`));
      await rig.writeProgram(script("99.0.0"));
      const newer = await site.run();
      assertEquals(newer.code, 0, newer.stderr);
      assertMatch(newer.stdout, /web1 has a newer sudo-proxy, 99\.0\.0/);
      assertEquals(await Deno.readTextFile(rig.program), script("99.0.0"));
    });

    await t.step("an older one is replaced", async () => {
      await rig.writeProgram(script("0.0.1"));
      const { code, stdout, stderr } = await site.run();
      assertEquals(code, 0, stderr);
      assertMatch(stdout, /web1 has an older sudo-proxy: version 0\.0\.1/);
      assertEquals(await Deno.readFile(rig.program), await Deno.readFile(site.binary));
      assertEquals(site.files(), ["sudo-proxy"]);
    });

    await t.step("an older one that comes first in the PATH is named", async () => {
      const first = `${site.bare.path}/sudo-proxy`;
      await Deno.writeTextFile(first, script("0.0.1"), { mode: 0o755 });
      const { code, stderr } = await site.run();
      assertEquals(code, 1);
      assertTrue(stderr.includes(`it has ${first} (version 0.0.1)`), stderr);
      await Deno.remove(first);
    });
  },
});

Deno.test({
  name: "install refuses what can't run there, and what others can change",
  ignore,
  async fn(t) {
    await using site = await Site.make();
    for (
      const [name, contents, expected] of [
        [
          "another architecture",
          printingProgram(VERSION, "aarch64"),
          /Cannot install on web1: it is x86_64, and this binary is for aarch64/,
        ],
        ["no program", script(VERSION), /is no program for Linux/],
        ["another version", printingProgram("0.0.2"), /does not run there, or is not sudo-proxy/],
      ] as const
    ) {
      await t.step(name, async () => {
        const { code, stderr } = await site.run(["--yes"], await site.writeHere("file", contents));
        assertEquals(code, 1);
        assertMatch(stderr, expected);
        assertEquals(site.files(), []);
      });
    }
    await t.step("a file that others can change", async () => {
      const path = await site.writeHere("file", printingProgram(VERSION));
      await Deno.chmod(path, 0o777);
      const { code, stderr } = await site.run(["--yes"], path);
      assertEquals(code, 1);
      assertMatch(stderr, /can be written by every user/);
    });
    await t.step("a file that is missing", async () => {
      const { code, stderr } = await site.run(["--yes"], `${site.rig.here.folder}/missing`);
      assertEquals(code, 1);
      assertMatch(stderr, /Cannot read \S+\/missing: No such file/);
    });
    await t.step("this machine", async () => {
      const [command] = [site.command(["--yes"])];
      const own = command.map((word) => word === HOST ? "localhost" : word);
      const { code, stderr } = await execute(["runuser", "-u", site.rig.local.name, "--", ...own]);
      assertEquals(code, 1);
      assertMatch(stderr, /Cannot install on "localhost": it is this machine/);
    });
    // A stand-in for another machine: a uname that comes first there.
    await t.step("a machine of another architecture, by a stand-in for its uname", async () => {
      const uname = `${site.bare.path}/uname`;
      await Deno.remove(uname);
      const other = '#!/bin/sh\ncase $1 in -m) echo aarch64 ;; *) exec /bin/uname "$@" ;; esac\n';
      await Deno.writeTextFile(uname, other, { mode: 0o755 });
      const { code, stderr } = await site.run();
      assertEquals(code, 1);
      assertMatch(stderr, /it is aarch64, and this binary is for x86_64/);
      assertEquals(site.files(), []);
    });
  },
});

Deno.test({
  name: "install sends nothing to a host whose key is unknown, unless the person accepts it",
  ignore,
  async fn() {
    await using site = await Site.make();
    await site.rig.writeSshFile("known_hosts", "");
    const { code, stderr } = await site.run();
    assertEquals(code, 1);
    assertMatch(stderr, /The host key of web1 is not known here, so nothing was sent to it/);
    assertEquals([await site.rig.logins(), site.files()], [0, []]);
    const accepted = await site.run(["--yes", "--accept-new-host-key"]);
    assertEquals(accepted.code, 0, accepted.stderr);
    assertEquals(site.files(), ["sudo-proxy"]);
    // A changed one never is.
    await site.rig.server.stop();
    await site.rig.server.newHostKey();
    await site.rig.server.listen();
    const changed = await site.run(["--yes", "--accept-new-host-key"]);
    assertEquals(changed.code, 1);
    assertMatch(changed.stderr, /web1 shows another host key/);
  },
});

Deno.test({
  name: "a home that can't be written, and a full disk, are named, and nothing stays behind",
  ignore,
  async fn(t) {
    await using site = await Site.make();
    const home = `/home/${site.rig.remote.name}`;
    const clear = /Cannot install on web1: .*Nothing was changed, and no file was left there/s;

    await t.step("a read-only home", async () => {
      await succeed(["mount", "-t", "tmpfs", "-o", "ro,mode=755", "tmpfs", home]);
      try {
        const { code, stderr } = await site.run();
        assertEquals(code, 1);
        assertMatch(stderr, /^ssh: mkdir: .*Read-only file system/m);
        assertMatch(stderr, clear);
        assertMatch(stderr, /the folder ~\/\.local\/bin can't be made there/);
      } finally {
        await succeed(["umount", home]);
      }
    });

    const folder = `${home}/.local/bin`;
    await Deno.mkdir(folder, { recursive: true });
    await succeed(["chown", "-R", site.rig.remote.name, `${home}/.local`]);
    const uid = `uid=${site.rig.remote.uid}`;
    for (
      const [name, options, said] of [
        ["a read-only folder", `ro,mode=755,${uid}`, /Read-only file system/],
        ["a full disk", `size=64k,mode=755,${uid}`, /No space left on device/],
      ] as const
    ) {
      await t.step(name, async () => {
        const large = await site.writeHere("large", printingProgram(VERSION, "x86_64", 400_000));
        await succeed(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]);
        try {
          const { code, stderr } = await site.run(["--yes"], large);
          assertEquals(code, 1, stderr);
          assertMatch(stderr, said);
          assertMatch(stderr, clear);
          assertMatch(stderr, /the disk may be full, or the home read-only/);
          assertNoMatch(stderr, /Installed/);
          assertEquals(site.files(), []);
        } finally {
          await succeed(["umount", folder]);
        }
      });
    }
  },
});
