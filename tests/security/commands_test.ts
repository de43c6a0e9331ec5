/**
 * Commands that do what a command should not: each has one answer, and the daemon serves the next.
 *
 * @module
 */
import type { RequestInput } from "../../lib/protocol/request.ts";
import type { Response } from "../../lib/protocol/response.ts";
import { assertEquals, assertMatch, assertTrue, at, defined } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { report, size } from "../rig/soak.ts";
import { eventually, execute, lacks, succeed } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";
import { vitalsOf } from "../rig/vitals.ts";

const ignore = lacks("root", "tmux", "sudo", "pgrep");
const MIB = 1024 * 1024;

/** Files that are made for the test, in a folder that the user owns. */
const FILES: Readonly<Record<string, string | Uint8Array>> = {
  // Each says its name and its arguments.
  ...Object.fromEntries(
    ["-n", "--", "A=B", "a b", "'", "$(id)", "--version", "-u", "PATH=x", "LD_PRELOAD=x", "*", "!"]
      .map((name) => [name, '#!/bin/sh\nprintf "%s|" "${0##*/}" "$@"\n']),
  ),
  "no-interpreter": "#!/no/such/interpreter\necho ran\n",
  "own-interpreter": "#!./own-interpreter\n",
  "no-first-line": "echo ran\n",
  "empty": "",
  "garbage": Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0xff, 0xff, 0, 0),
};
const NAMES = Object.keys(FILES).filter((name) => String(FILES[name]).includes("printf"))
  .slice(0, size(6, Infinity));

const script = (text: string): Pick<RequestInput, "pipeline"> => ({
  pipeline: [["sh", "-c", text]],
});

/** What is asked for, and what must come back. */
type Case = readonly [what: string, input: RequestInput, check: (answer: Response) => void];

const exits = (code: number) => (answer: Response) =>
  assertEquals([answer.status, answer.stages?.at(-1)?.exit_code], ["ok", code]);
const says = (message: RegExp) => (answer: Response) => {
  assertEquals(answer.status, "error");
  assertMatch(defined(answer.message), message);
};

/** The same for commands of root and of the user; some leave a process, and add its id. */
function casesIn(folder: string, sleepers: string[]): Case[] {
  const names = NAMES.map((name): Case => [
    `a program named ${name}`,
    { pipeline: [[`${folder}/${name}`, "-n", "--", "A=B", "-u", "root"]] },
    (answer) => assertEquals(stdoutOf(answer), `${name}|-n|--|A=B|-u|root|`),
  ]);
  const unstartable = ["no-interpreter", "own-interpreter", "garbage"].map((name): Case => [
    `a program that the kernel does not start: ${name}`,
    { pipeline: [[`${folder}/${name}`]] },
    (answer) => {
      assertEquals([answer.status, stdoutOf(answer)], ["ok", ""]);
      assertTrue(at(defined(answer.stages), 0).exit_code > 0);
    },
  ]);
  return [
    ...names,
    ...unstartable,
    [
      "output that never ends, to the run limit",
      { pipeline: [["yes"]], timeoutMs: 1500 },
      (answer) => {
        says(/run limit of 1500 ms/)(answer);
        assertEquals(defined(answer.stdout).length, 16 * MIB);
        assertEquals(answer.stdout_truncated, true);
      },
    ],
    [
      "no output ever, to the run limit",
      { pipeline: [["sleep", "310"]], timeoutMs: 1000 },
      (answer) => {
        says(/run limit of 1000 ms/)(answer);
        assertEquals(answer.stdout, new Uint8Array());
      },
    ],
    [
      "a process in the background that writes for ever on what it was given",
      script("yes & echo $!"),
      (answer) => {
        exits(0)(answer);
        assertEquals(answer.stdout_truncated, true);
      },
    ],
    [
      "a process in the background that keeps the pipes open, in a session of its own",
      script("setsid sleep 311 & echo begun $!"),
      (answer) => {
        const output = stdoutOf(answer);
        assertMatch(output, /^begun [0-9]+\n$/);
        sleepers.push(output.slice("begun ".length).trim());
      },
    ],
    [
      "outputs that are closed long before the end",
      script("echo before; exec >&- 2>&-; sleep 1; exit 3"),
      (answer) => {
        exits(3)(answer);
        assertEquals(stdoutOf(answer), "before\n");
      },
    ],
    [
      "an input that nobody reads",
      { pipeline: [["true"]], stdin: new Uint8Array(66_000).fill(0x61) },
      exits(0),
    ],
    [
      "a command that stops itself, to the run limit",
      { ...script("kill -STOP $$; echo on"), timeoutMs: 1000 },
      says(/run limit of 1000 ms/),
    ],
    [
      "a command that kills itself",
      script("kill -KILL $$"),
      (answer) => {
        assertEquals(answer.status, "ok");
        assertTrue(
          [137, 9].includes(at(defined(answer.stages), 0).exit_code),
          JSON.stringify(answer.stages),
        );
      },
    ],
  ];
}

/** Only root's commands have sudo and timeout above them. */
const AGAINST_SUDO: readonly Case[] = [
  [
    "a command that kills sudo",
    script("kill -KILL $PPID; sleep 0.2; echo still here"),
    (answer) => {
      assertEquals(answer.status, "ok");
      assertTrue(at(defined(answer.stages), 0).exit_code !== 0);
    },
  ],
  [
    "a command that stops sudo, to the run limit",
    { ...script("kill -STOP $PPID; sleep 312"), timeoutMs: 1000 },
    says(/run limit of 1000 ms/),
  ],
  [
    "a command that kills its whole process group",
    script("kill -KILL 0; echo never"),
    (answer) => {
      assertEquals([answer.status, stdoutOf(answer)], ["ok", ""]);
      assertTrue(at(defined(answer.stages), 0).exit_code !== 0);
    },
  ],
];

Deno.test({
  name: "whatever a command does, it has one answer, and the next one is served",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using daemon = await RunningDaemon.start({
      user,
      args: ["--unattended-eligible", "--prompt-timeout", "3600"],
    });
    const { terminal, installation } = daemon;
    const folder = `${installation.home}/odd`;
    await Deno.mkdir(folder);
    for (const [name, text] of Object.entries(FILES)) {
      const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
      await Deno.writeFile(`${folder}/${name}`, bytes, { mode: 0o755 });
    }
    await Deno.symlink(`${folder}/not-there`, `${folder}/broken`);
    await Deno.symlink(`${folder}/loop`, `${folder}/loop`);
    await Deno.writeTextFile(`${folder}/not-executable`, "#!/bin/sh\n", { mode: 0o644 });
    const pid = await daemon.pid();
    const sleepers: string[] = [];

    const trusted = daemon.send({ pipeline: [["true"]], privileged: false });
    await daemon.answer("a");
    exits(0)(await trusted);
    const root = daemon.send({ pipeline: [["true"]] });
    await daemon.answer("y");
    await terminal.shows("password for");
    await terminal.type(user.password);
    await terminal.press("Enter");
    exits(0)(await root);
    const before = await vitalsOf(pid);

    for (
      const [name, message] of [
        ["broken", /\/broken does not exist$/],
        ["loop", /\/loop /],
        ["not-there", /\/not-there does not exist$/],
        ["not-executable", /\/not-executable is not executable$/],
        [".", / is a folder$/],
      ] as const
    ) {
      await t.step(
        `a program that can't be one is refused before anybody is asked: ${name}`,
        async () => {
          says(message)(await daemon.send({ pipeline: [[`${folder}/${name}`]] }));
        },
      );
    }
    await t.step(
      "a name that looks like an option of sudo is no path, and is refused",
      async () => {
        for (const name of ["-n", "--version", "A=B", "-"]) {
          says(/must name a program: ".*" is not in/)(await daemon.send({ pipeline: [[name]] }));
        }
      },
    );

    for (const [what, input, check] of casesIn(folder, sleepers)) {
      await t.step(`${what}, as the user`, async () => {
        check(await daemon.send({ ...input, privileged: false }));
      });
      await t.step(`${what}, as root`, async () => {
        const answer = daemon.send(input);
        await daemon.answer("y");
        check(await answer);
      });
    }
    for (const [what, input, check] of AGAINST_SUDO) {
      await t.step(what, async () => {
        const answer = daemon.send(input);
        await daemon.answer("y");
        check(await answer);
      });
    }

    await t.step("nothing of all that is left in the daemon", async () => {
      for (const words of ["sleep 310", "sleep 312", "^yes$"]) {
        await eventually(
          `the end of ${words}`,
          async () => (await execute(["pgrep", "-f", words])).code !== 0,
        );
      }
      assertEquals(sleepers.length, 2);
      await succeed(["kill", ...sleepers]);
      const after = await eventually("the descriptors of before", async () => {
        const vitals = await vitalsOf(pid);
        return vitals.descriptors <= before.descriptors ? vitals : undefined;
      });
      report("commands", {
        "descriptors": `${before.descriptors} and ${after.descriptors}`,
        "MB": `${before.residentMb} and ${after.residentMb}`,
      });
    });
  },
});
