/**
 * The ssh agent goes along only where the launcher and an unprivileged request both say so.
 *
 * @module
 */
import { assertEquals, assertMatch, assertNoMatch } from "../rig/assert.ts";
import { stdoutOf } from "../rig/daemon.ts";
import { answer, RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { SshServer } from "../rig/sshd.ts";
import { lacks, succeed } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks(...REMOTE_NEEDS, "ssh-agent", "ssh-add", "git");

Deno.test({
  name: "a git clone on the remote host goes through the agent of this machine, with both flags",
  ignore,
  fn: async (t) => {
    await using parts = new AsyncDisposableStack();
    const rig = parts.use(await RemoteRig.make());
    // A third account holds the repository; only the agent's key opens it.
    const git = parts.use(await OrdinaryUser.make());
    const server = parts.use(await SshServer.start());
    const repository = `/home/${git.name}/repository`;
    const asGit = (...words: string[]) => succeed(["runuser", "-u", git.name, "--", ...words]);
    const identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    await asGit("git", "init", "-q", repository);
    await asGit("git", "-C", repository, ...identity, "commit", "-qm", "first", "--allow-empty");

    const folder = `/home/${rig.local.name}/agent`;
    await rig.asLocal(["sh", "-c", `umask 077; mkdir ${folder}`]);
    await rig.asLocal(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", `${folder}/key`]);
    await server.authorize(git.name, await Deno.readTextFile(`${folder}/key.pub`));
    const socket = `${folder}/socket`;
    const agent = await rig.asLocal(["ssh-agent", "-s", "-a", socket]);
    assertMatch(agent, /SSH_AGENT_PID=\d+/);
    await rig.asLocal(["env", `SSH_AUTH_SOCK=${socket}`, "ssh-add", "-q", `${folder}/key`]);

    const home = `/home/${rig.remote.name}`;
    await Deno.mkdir(`${home}/.ssh`, { mode: 0o700 });
    await Deno.writeTextFile(`${home}/.ssh/known_hosts`, await server.knownHostsLine());
    await succeed(["chown", "-R", rig.remote.name, `${home}/.ssh`]);
    const url = `ssh://${git.name}@127.0.0.1:${server.port}${repository}`;
    const clone = (target: string) => ({
      pipeline: [["git", "clone", "-q", url, `${home}/${target}`]],
      privileged: false,
      forwardAgent: true,
      env: { HOME: home },
    });
    const env = { SSH_AUTH_SOCK: socket };

    await t.step(
      "without the flag of the launcher, such a request is refused at once",
      async () => {
        await using terminal = await rig.connect([], { env });
        const refused = await rig.send(clone("never"));
        assertEquals(refused.status, "error");
        assertMatch(refused.message ?? "", /"forward_agent" must be false.*--forward-agent/);
        assertNoMatch(await terminal.screen(), /Waiting for your key/);
        const listed = rig.send({ pipeline: [["env"]], privileged: false });
        await answer(terminal, "y");
        assertNoMatch(stdoutOf(await listed), /SSH_AUTH_SOCK/);
        await rig.send({ action: "stop" });
        assertEquals(await terminal.exitCode(), 0);
      },
    );

    await t.step("with both flags, the prompt says so, and the clone works", async () => {
      await using terminal = await rig.connect(["--forward-agent"], { env });
      const privileged = await rig.send({ ...clone("never"), privileged: true });
      assertEquals(privileged.status, "error");
      assertMatch(privileged.message ?? "", /"forward_agent"/);
      const cloned = rig.send(clone("cloned"));
      await terminal.shows("your ssh agent", 30_000);
      await answer(terminal, "y");
      const response = await cloned;
      assertEquals(response.stages?.[0]?.exit_code, 0, JSON.stringify(response));
      const log = ["git", "-C", `${home}/cloned`, "log", "--oneline"];
      assertMatch(await succeed(["runuser", "-u", rig.remote.name, "--", ...log]), / first\n$/);

      // The flag of the request counts as well.
      const without = rig.send({ ...clone("second"), forwardAgent: false });
      await answer(terminal, "y");
      assertEquals((await without).stages?.[0]?.exit_code, 128);
      await rig.send({ action: "stop" });
      assertEquals(await terminal.exitCode(), 0);
    });

    await t.step("where a model opened the window, a person has to lend the agent", async () => {
      await using terminal = await rig.launch(["--forward-agent", "--opened-by-agent"], { env });
      await terminal.shows("Type yes to lend it");
      await terminal.type("y");
      await terminal.press("Enter");
      await terminal.shows("waiting on", 30_000);
      assertEquals((await rig.send(clone("never"))).status, "error");
      await rig.send({ action: "stop" });
      assertEquals(await terminal.exitCode(), 0);
      await using lent = await rig.launch(["--forward-agent", "--opened-by-agent"], { env });
      await lent.shows("Type yes to lend it");
      await lent.type("yes");
      await lent.press("Enter");
      await lent.shows("waiting on", 30_000);
      const listed = rig.send({ pipeline: [["env"]], privileged: false, forwardAgent: true });
      await answer(lent, "y");
      assertMatch(stdoutOf(await listed), /SSH_AUTH_SOCK=/);
    });
    assertEquals(await Deno.stat(`${home}/never`).catch(() => "not there"), "not there");
  },
});
