/**
 * Host keys and logins: what is not known is never accepted by itself, and what has changed never.
 *
 * @module
 */
import { assertEquals, assertMatch, assertNoMatch, assertTrue, defined } from "../rig/assert.ts";
import { RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { lacks, succeed } from "../rig/tools.ts";

const ignore = lacks(...REMOTE_NEEDS, "ssh-keyscan", "bash");

Deno.test({
  name: "an unknown host key ends with the way to check it, and is accepted only when told so",
  ignore,
  fn: async () => {
    await using rig = await RemoteRig.make();
    await rig.writeSshFile("known_hosts", "");
    {
      await using terminal = await rig.launch();
      assertEquals(await terminal.exitCode(), 1);
      const text = await terminal.history();
      assertMatch(text, /The host key of web1 is not known here/);
      assertMatch(text, /--accept-new-host-key/);
      assertEquals(await rig.logins(), 0);
      assertEquals(await rig.readSshFile("known_hosts"), "");
      await rig.leftNothing();

      // The command that was printed shows the fingerprint of the real key.
      const command = /^ *(ssh-keyscan .*)$/m.exec(text)?.[1] ?? "";
      const seen = await rig.asLocal(["bash", "-c", command]);
      const real = await succeed(["ssh-keygen", "-lf", `${rig.server.folder}/host_key.pub`]);
      assertEquals(/SHA256:\S+/.exec(seen)?.[0], /SHA256:\S+/.exec(real)?.[0]);
    }
    {
      await using terminal = await rig.connect(["--accept-new-host-key"]);
      assertEquals((await rig.send({ action: "stop" })).status, "ok");
      assertEquals(await terminal.exitCode(), 0);
    }
    assertTrue((await rig.readSshFile("known_hosts")).includes(await rig.server.hostKey()));
    await using terminal = await rig.connect();
    assertEquals((await rig.send({ action: "ping" })).status, "ok");
    await terminal.press("q");
  },
});

Deno.test({
  name: "a changed host key is never accepted, not with the flag either",
  ignore,
  fn: async () => {
    await using rig = await RemoteRig.make();
    const known = await rig.readSshFile("known_hosts");
    await rig.server.stop();
    await rig.server.newHostKey();
    await rig.server.listen();
    for (const args of [[], ["--accept-new-host-key"]]) {
      await using terminal = await rig.launch(args);
      assertEquals(await terminal.exitCode(), 1);
      const text = await terminal.history();
      assertMatch(text, /shows another host key than the one that is known/);
      assertMatch(text, /never accepted/);
      assertMatch(text, /ssh-keygen -f \S+known_hosts -R '\[127\.0\.0\.1\]:\d+'/);
      assertEquals(await rig.logins(), 0);
      assertEquals(await rig.readSshFile("known_hosts"), known);
      await rig.leftNothing();
    }
  },
});

Deno.test({
  name: "a revoked host key is never accepted, and nobody is told to accept it",
  ignore,
  fn: async () => {
    await using rig = await RemoteRig.make();
    await rig.writeSshFile("known_hosts", `@revoked * ${await rig.server.hostKey()}\n`);
    for (const args of [[], ["--accept-new-host-key"]]) {
      await using terminal = await rig.launch(args);
      assertEquals(await terminal.exitCode(), 1);
      const text = await terminal.history();
      assertMatch(text, /web1 shows a host key that is marked as revoked/);
      assertNoMatch(text, /start again with --accept-new-host-key/);
      assertEquals(await rig.logins(), 0);
      await rig.leftNothing();
    }
  },
});

Deno.test({
  name: "the command that is printed takes a changed key out of the file that has it",
  ignore,
  fn: async () => {
    await using rig = await RemoteRig.make({
      configuration: ["UserKnownHostsFile ~/.ssh/other_hosts"],
    });
    await rig.writeSshFile("other_hosts", await rig.server.knownHostsLine());
    await rig.server.stop();
    await rig.server.newHostKey();
    await rig.server.listen();
    await using terminal = await rig.launch([], { columns: 200 });
    assertEquals(await terminal.exitCode(), 1);
    const command = /^ {2}(ssh-keygen .*-R .*)$/m.exec(await terminal.history())?.[1] ?? "";
    await rig.asLocal(["bash", "-c", command]);
    assertEquals(await rig.readSshFile("other_hosts"), "");
  },
});

Deno.test({
  name: "a configuration that would take any key, or share connections, changes nothing",
  ignore,
  fn: async () => {
    await using rig = await RemoteRig.make({
      configuration: [
        "StrictHostKeyChecking no",
        "NoHostAuthenticationForLocalhost yes",
        "ControlMaster auto",
        "ControlPath ~/.ssh/shared-%C",
        "ControlPersist yes",
        "ForwardAgent yes",
        "RemoteCommand true",
        "RequestTTY no",
        "LogLevel QUIET",
        "PermitLocalCommand yes",
        "LocalCommand touch ~/.ssh/local-command",
        "ClearAllForwardings yes",
        "StreamLocalBindMask 0000",
        "StreamLocalBindUnlink yes",
      ],
    });
    {
      await using terminal = await rig.connect();
      assertEquals((await rig.send({ action: "ping" })).status, "ok");
      assertEquals(defined((await Deno.lstat(rig.socket)).mode) & 0o777, 0o600);
      const files = (await rig.asLocal(["ls", `/home/${rig.local.name}/.ssh`])).split("\n");
      assertEquals(files.filter((name) => /^(shared|local)/.test(name)), []);
      await rig.send({ action: "stop" });
      assertEquals(await terminal.exitCode(), 0);
    }
    await rig.writeSshFile("known_hosts", "");
    await using terminal = await rig.launch();
    assertEquals(await terminal.exitCode(), 1);
    assertMatch(await terminal.history(), /The host key of web1 is not known here/);
  },
});

Deno.test({
  name: "a key that the server does not take, and an ssh that asks elsewhere, let nobody in",
  ignore,
  fn: async () => {
    await using rig = await RemoteRig.make({ configuration: ["PasswordAuthentication no"] });
    await Deno.remove(`${rig.server.folder}/keys/${rig.remote.name}`);
    const asked = `${rig.here.home}/asked`;
    const askpass = `${rig.here.home}/askpass`;
    await Deno.writeTextFile(askpass, `#!/bin/sh\ntouch ${asked}\necho yes\n`, { mode: 0o755 });
    await Deno.chown(askpass, rig.local.uid, null);
    await using terminal = await rig.launch([], {
      env: { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: "force", DISPLAY: ":77" },
    });
    assertEquals(await terminal.exitCode(), 1);
    const text = await terminal.history();
    assertMatch(text, /Permission denied \(/);
    assertMatch(text, /web1 did not let you in with any key or password/);
    assertNoMatch(text, /waiting on/);
    assertEquals(await Deno.stat(asked).catch(() => "nobody asked"), "nobody asked");
    await rig.leftNothing();
  },
});
