import { failureIn } from "../../lib/remote/diagnosis.ts";
import { destinationOf } from "../../lib/remote/names.ts";
import { execute, lacks } from "../rig/tools.ts";
import { daemonCommand, FACTS_COMMAND, REMOTE_EXIT } from "../../lib/remote/remote_shell.ts";
import { failureReport, installReport } from "../../lib/cli/host_messages.ts";
import {
  forwardArgument,
  questionArguments,
  sshEnvironment,
  tunnelArguments,
} from "../../lib/remote/ssh.ts";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";

const OPTIONS = {
  host: "web1",
  destination: { user: "anna", address: "web1" },
  configuration: new Map<string, string>(),
  acceptNewHostKey: false,
  forwardAgent: false,
  verbose: false,
};
const FORWARD = {
  locals: ["/run/user/1/sudo-proxy-web1.sock", "/run/user/1/sudo-proxy.tunnel-1.sock"],
  folder: "/run/user/1000",
};

/** The first value of each option, as ssh takes it. */
function chosen(args: readonly string[]): Map<string, string> {
  const options = args.flatMap((word, index) => args[index - 1] === "-o" ? [word] : []);
  return new Map(
    options.reverse().map((option) => {
      const [name = "", value = ""] = option.split("=");
      return [name, value];
    }),
  );
}

Deno.test("destinationOf() takes names apart as ssh needs them", () => {
  for (
    const [name, login, expected] of [
      ["web1", undefined, { address: "web1" }],
      ["web1", "anna", { user: "anna", address: "web1" }],
      ["anna@web1", undefined, { user: "anna", address: "web1" }],
      ["[fe80::1]", undefined, { address: "fe80::1" }],
      ["anna@[::1]", undefined, { user: "anna", address: "::1" }],
      ["::1", undefined, { address: "::1" }],
    ] as const
  ) assertEquals(destinationOf(name, login), expected, name);
});

Deno.test("destinationOf() refuses ports, options and double accounts", () => {
  for (
    const [name, login] of [
      ["web1:22", undefined],
      ["[::1]:22", undefined],
      ["anna@-x", undefined],
      ["anna@", undefined],
      ["@web1", undefined],
      ["anna@web1", "bob"],
      ["web1", "-oX"],
      ["web1", "a b"],
      ["web1", ""],
      ["a@b:22", undefined],
    ] as const
  ) assertTrue(typeof destinationOf(name, login) === "string", `${name} ${login}`);
});

Deno.test("forwardArgument() escapes what divides and what ssh fills in", () => {
  assertEquals(
    forwardArgument("/run/sudo-proxy-a@[::1].sock", "/run/user/7/sudo-proxy.sock"),
    "/run/sudo-proxy-a@[\\:\\:1].sock:/run/user/7/sudo-proxy.sock",
  );
  assertEquals(forwardArgument("/a%h\\b", "/c"), "/a%%h\\\\b:/c");
});

Deno.test("a connection is strict about host keys and opens nothing but the tunnel", () => {
  const args = tunnelArguments(OPTIONS, FORWARD, "command");
  const options = chosen(args);
  for (
    const [name, value] of [
      ["StrictHostKeyChecking", "yes"],
      ["UpdateHostKeys", "no"],
      ["ForwardAgent", "no"],
      ["ForwardX11", "no"],
      ["ControlMaster", "no"],
      ["ControlPath", "none"],
      ["ExitOnForwardFailure", "yes"],
      ["StreamLocalBindUnlink", "no"],
      ["PermitLocalCommand", "no"],
      ["ServerAliveInterval", "15"],
    ] as const
  ) assertEquals(options.get(name), value, name);
  assertEquals(args.slice(-4), ["anna", "--", "web1", "command"]);
  assertEquals(args.includes("-A"), false);
});

Deno.test("the flags change what they say, and keep-alives are left to a configuration that has them", () => {
  const configuration = new Map([["serveraliveinterval", "3"], ["connecttimeout", "none"]]);
  const loud = { ...OPTIONS, configuration, acceptNewHostKey: true, forwardAgent: true };
  const options = chosen(tunnelArguments(loud, FORWARD, "command"));
  assertEquals(options.get("StrictHostKeyChecking"), "accept-new");
  assertEquals(options.get("ForwardAgent"), "yes");
  assertEquals(options.get("ServerAliveInterval"), undefined);
  assertEquals(options.get("ConnectTimeout"), "20");
  // The first connection only asks: it never brings the agent along.
  const question = chosen(questionArguments(loud, "command"));
  assertEquals(question.get("ForwardAgent"), "no");
  assertEquals(question.get("ClearAllForwardings"), "yes");
});

Deno.test("sshEnvironment() lets no askpass program and no library in", () => {
  const all: Record<string, string> = { HOME: "/h", SSH_ASKPASS: "/x", LD_PRELOAD: "/x", FOO: "1" };
  assertEquals(sshEnvironment({ get: (name) => all[name], uid: 1 }), {
    HOME: "/h",
    SSH_ASKPASS_REQUIRE: "never",
  });
});

Deno.test("what reaches the remote shell is fixed text that any login shell quotes alike", () => {
  const choices = ([undefined, true] as const).flatMap((unattendedEligible) =>
    ([undefined, "each", "cached"] as const).flatMap((password) =>
      ([undefined, "9", "777"] as const).flatMap((notify) =>
        [true, false].map((forwardAgent) => ({
          forwardAgent,
          refuseRoot: !forwardAgent,
          ...(unattendedEligible === undefined ? {} : { unattendedEligible }),
          ...(password === undefined ? {} : { password }),
          ...(notify === undefined ? {} : { notify }),
        }))
      )
    )
  );
  for (const command of [FACTS_COMMAND, ...choices.map(daemonCommand)]) {
    assertMatch(command, /^exec sh -c '[^'\\!\n]*'$/);
  }
  const daemon = daemonCommand({ forwardAgent: false });
  assertTrue(daemon.includes("unset SSH_AUTH_SOCK"));
  assertTrue(!daemonCommand({ forwardAgent: true }).includes("SSH_AUTH_SOCK"));
});

Deno.test({
  name: "a forward to the folder of another account starts nothing for root",
  ignore: lacks("root", "sh"),
  async fn() {
    // What is started for root would be a daemon that the tunnel does not lead to.
    const command = daemonCommand({ forwardAgent: false, refuseRoot: true });
    assertEquals((await execute(["sh", "-c", command])).code, REMOTE_EXIT.noFolder);
  },
});

Deno.test("failureIn() knows what ssh says", () => {
  for (
    const [stderr, failure] of [
      [
        "No ED25519 host key is known for web1 and you have requested strict checking.\r\nHost key verification failed.",
        "unknown key",
      ],
      [
        "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.",
        "changed key",
      ],
      ["anna@web1: Permission denied (publickey,password).", "no login"],
      ["ssh: Could not resolve hostname web1: Name or service not known", "unknown name"],
      ["ssh: connect to host web1 port 22: Connection refused", "unreachable"],
      ["unix_listener: cannot bind to path /x: Address already in use", "no local end"],
      ["channel 2: open failed: administratively prohibited: open failed", "forwarding refused"],
      ["Timeout, server web1 not responding.", "lost"],
      ["Connection to web1 closed by remote host.", "lost"],
      ["", "other"],
    ] as const
  ) assertEquals(failureIn(stderr), failure, stderr);
});

Deno.test("a report has the way to check a key that fits the connection", () => {
  const report = (values: Record<string, string>) =>
    failureReport("unknown key", {
      host: "web1",
      destination: { address: "web1" },
      configuration: new Map(Object.entries({ hostname: "10.0.0.7", port: "2222", ...values })),
    }).join("\n");
  assertMatch(report({}), /ssh-keyscan -p 2222 10\.0\.0\.7 2>\/dev\/null \| ssh-keygen -lf -/);
  assertMatch(report({ proxyjump: "gate" }), /ssh -o StrictHostKeyChecking=ask web1 true/);
  const changed = failureReport("changed key", {
    host: "web1",
    destination: { address: "web1" },
    configuration: new Map([["hostkeyalias", "a;b"]]),
  }).join("\n");
  assertMatch(changed, /ssh-keygen -R 'a;b'/);
  const install = installReport({
    host: "web1",
    destination: { user: "anna", address: "web1" },
    configuration: new Map(),
  }, "/opt/it's here/").join("\n");
  assertMatch(install, /tar -C '\/opt\/it'\\''s here\/' -c/);
  assertMatch(install, /ssh -l anna web1 mkdir/);
  assertMatch(
    install,
    /^ {2}sudo-proxy install web1 --login anna --binary '\/opt\/it'\\''s here\//m,
  );
});
