import { table } from "./blocks.ts";

/** By the part of docs/reference/messages.md: words of a message, and what to do about it. */
const ADVICE = {
  starting: [
    ["`Cannot start without a terminal`", "start it in a terminal window"],
    [
      "`others can change this program`",
      "`chmod go-w` what the message names, or install in a folder of your own",
    ],
    [
      "`Cannot listen at …: another sudo-proxy does`",
      "find that window, or use another `--socket`",
    ],
    ["`Cannot use the folder …: it is open to other users`", "`chmod 700` it"],
    [
      "`Cannot use the folder …: it belongs to the user`",
      "set `XDG_RUNTIME_DIR` to a private folder of yours",
    ],
    ["`Cannot keep the audit trail`", "set `HOME` or `XDG_STATE_HOME`, or give `--state-home`"],
    [
      "`commas and blanks have a meaning`",
      "use a path without them; Deno's permissions can't name it",
    ],
    [
      "`Deno permissions are missing`",
      "start it with `sudo-proxy`, or add the flags that are named",
    ],
    [
      "`your key is all there is`",
      "sudo asks you nothing: see [the guide](../guide.md#passwords-and-what-a-key-proves)",
    ],
    [
      "`Other programs of yours can press keys here`",
      "see [the guide](../guide.md#passwords-and-what-a-key-proves)",
    ],
  ],
  running: [
    [
      "`Nothing can run: the audit trail` `can't be written`",
      "make room, or make the folder writable; the daemon then goes on",
    ],
    ["`Nothing can run: the audit trail` `is broken`", "see [the audit trail](../audit.md)"],
    [
      "`No client reaches this daemon`",
      "something replaced the socket or its folder: start it again",
    ],
    [
      "`kill is not installed`",
      "install `procps`; without it, `k` and time limits can't end commands",
    ],
    [
      "`perl is not installed`",
      "install `perl`; without it, root's commands can have no input and one stage",
    ],
    [
      "`The key a is gone`",
      "sudo remembers you for all your programs: see `timestamp_type` in sudoers(5)",
    ],
  ],
  answers: [
    ["`no daemon answers at`", "start one: `sudo-proxy`"],
    ["`server busy`", "answer some requests: 64 at a time are taken, or 16 of more than 16 KiB"],
    ["`all requests are denied for a moment`", "you pressed `d` less than 10 seconds ago"],
    ["`stale request`", "set the clocks of both machines"],
    ["`sudo did not authenticate the person`", "ask again, and give sudo your password"],
    [
      "`changed after it was shown`",
      "a program, folder or file was replaced; ask again if you know why",
    ],
    ["`the run limit of`", "ask again with a longer limit"],
    ["`must name a program`", "give the absolute path, or install the program"],
  ],
  remote: [
    ["`is not known here`, `shows another host key`", "see [host keys](../remote.md#host-keys)"],
    ["`marked as revoked`", "ask who runs that machine which key it has now"],
    ["`has no sudo-proxy`", "see [installing it there](../remote.md#installing-sudo-proxy-there)"],
    ["`did not let you in with any key or password`", "make `ssh HOST` work first"],
    [
      "`No daemon answered through the tunnel to`",
      "allow `AllowStreamLocalForwarding` in sshd_config(5)",
    ],
    [
      "`has no safe place for the socket`",
      "`chmod 700` the folder that is named, or remove the link",
    ],
    ["`is open in another window`", "use that tunnel, or end it"],
    ["`can be open at a time, and all are taken`", "end one of the tunnels that are named"],
    ["`since this daemon has no ssh agent`", "open the tunnel with `--forward-agent`"],
  ],
  setup: [
    [
      "`Left alone`",
      "the file is as it was, for the reason that follows; mend that and run setup again",
    ],
    ["`Setup has permissions of its own`", "run the command line that follows"],
  ],
} as const;

/** The table of one part. */
export function adviceTable(part: keyof typeof ADVICE): string {
  return table(["message", "what to do"], ...ADVICE[part]);
}
