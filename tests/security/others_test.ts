/**
 * Another user of the machine reaches nothing of a daemon's user.
 *
 * @module
 */
import { sendRequest } from "../../lib/protocol/client.ts";
import { assertEquals, assertMatch } from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { execute, lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";
import { wireLine } from "../rig/wire.ts";

Deno.test({
  name:
    "another user reaches neither the socket, nor the folders, nor the registry, nor the audit trail",
  ignore: lacks("root", "tmux", "sudo", "runuser", "socat"),
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using other = await OrdinaryUser.make("none");
    await using daemon = await RunningDaemon.start({ user });
    const { installation, socket, terminal } = daemon;
    const registry = `${installation.home}/.config/sudo-proxy/hosts.json`;
    const { code } = await as(
      user,
      "sh",
      "-c",
      'mkdir -p "${1%/*}" && echo "{}" > "$1"',
      "sh",
      registry,
    );
    assertEquals(code, 0);

    const refused = async (name: string, ...words: string[]) => {
      await t.step(name, async () => {
        const { code, stdout, stderr } = await as(other, ...words);
        assertEquals([code === 0, stdout], [false, ""], stderr);
        assertMatch(stderr, /Permission denied/);
      });
    };
    await refused("the socket", "socat", "-", `UNIX-CONNECT:${socket}`);
    await refused("the folder of the socket", "ls", installation.runtime);
    await refused("a file of its own beside the socket", "sh", "-c", `echo > ${socket}.x`);
    await refused("removing the socket", "rm", "-f", socket);
    await refused("a link in the socket's place", "ln", "-sf", "/tmp/x", socket);
    await refused("the lock", "sh", "-c", `exec 9<> ${socket}.lock`);
    await refused("the registry", "cat", registry);
    await refused("a registry of its own", "sh", "-c", `echo > ${registry}`);
    const trail = `${installation.home}/.local/state/sudo-proxy/audit`;
    await refused("the folder of the audit trail", "ls", trail);
    await refused("the audit trail", "cat", `${trail}/000001.jsonl`);
    await refused("a record of its own", "sh", "-c", `echo >> ${trail}/000001.jsonl`);
    await t.step("a signal to the daemon", async () => {
      const { code, stderr } = await as(other, "kill", "-TERM", await daemon.pid());
      assertEquals(code === 0, false);
      assertMatch(stderr, /not permitted/);
    });
    await t.step(
      "the same things are the user's own, so that they were refused for who asked",
      async () => {
        const { stdout } = await as(
          user,
          "sh",
          "-c",
          `echo '${
            wireLine({ action: "ping" }).trim()
          }' | socat -t5 - UNIX-CONNECT:${socket}; cat ${registry} ${trail}/000001.jsonl`,
        );
        assertMatch(stdout, /"pong"[^]*\{\}[^]*"daemon_started"/);
      },
    );
    await t.step("the daemon still serves its user", async () => {
      const answer = sendRequest({ pipeline: [["id"]] }, { socketPath: socket });
      await terminal.shows("Waiting for your key");
      await terminal.press("n");
      assertEquals((await answer).status, "denied");
    });
  },
});

/** Runs a program as a user. */
function as(user: OrdinaryUser, ...words: string[]): ReturnType<typeof execute> {
  return execute(["runuser", "-u", user.name, "--", ...words]);
}
