import { assertEquals, assertMatch } from "../rig/assert.ts";
import { lacks, succeed } from "../rig/tools.ts";
import config from "../../deno.json" with { type: "json" };
import { namesIn } from "../../packaging/common.ts";
import { BuildFolder, Newcomer, Stopwatch } from "./newcomer.ts";

Deno.test({
  name: "the Debian package: lintian finds nothing, and a user of its root does the main job",
  ignore: lacks("root", "tmux", "sudo", "runuser", "useradd", "dpkg", "dpkg-deb", "lintian", "zsh"),
  async fn(t) {
    await using folder = await BuildFolder.make();
    await using newcomer = await Newcomer.make();
    const deb = await folder.package("debian");
    const root = `${folder.path}/root`;
    const watch = new Stopwatch("Debian package");

    await t.step("lintian finds nothing that the overrides do not explain", async () => {
      assertEquals(await succeed(["lintian", "--allow-root", deb]), "");
    });

    await t.step("dpkg installs it, into a root of its own", async () => {
      await Deno.mkdir(`${root}/var/lib/dpkg/updates`, { recursive: true });
      await Deno.mkdir(`${root}/var/lib/dpkg/info`);
      await Deno.writeTextFile(`${root}/var/lib/dpkg/status`, "");
      // Nothing that it depends on is installed in that root.
      const install = ["dpkg", `--root=${root}`, "--force-depends", "--log=/dev/null", "-i", deb];
      await watch.run(() => succeed(install));
      const listed = await succeed(["dpkg", `--root=${root}`, "-l", "sudo-proxy"]);
      assertMatch(listed, new RegExp(`^ii +sudo-proxy +${config.version} `, "m"));
    });

    await t.step("the completions are scripts of their shells", async () => {
      const share = `${root}/usr/share`;
      await succeed(["bash", "-n", `${share}/bash-completion/completions/sudo-proxy`]);
      await succeed(["zsh", "-n", `${share}/zsh/vendor-completions/_sudo-proxy`]);
    });

    await t.step("every user has both commands, and does the main job", async () => {
      for (const name of ["sudo-proxy", "sudo-proxy-mcp"]) {
        const { stdout, stderr } = await newcomer.run([`${root}/usr/bin/${name}`, "--version"]);
        assertEquals(stdout, `${config.version}\n`, stderr);
      }
      await watch.run(() => newcomer.mainJob([`${root}/usr/bin/sudo-proxy`]));
      await watch.note(deb);
    });

    await t.step("dpkg removes all of it", async () => {
      await succeed(["dpkg", `--root=${root}`, "--log=/dev/null", "--purge", "sudo-proxy"]);
      assertEquals(namesIn(root), ["var"]);
    });
  },
});
