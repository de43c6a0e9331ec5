import { within } from "../../lib/platform/deadline.ts";
import { folderOf, systemProgram } from "../../lib/platform/paths.ts";
import { MAX_CAPTURE_BYTES } from "../../lib/protocol/limits.ts";
import {
  commandOf,
  type LaunchSpec,
  outputOf,
  ownSession,
  placed,
  succeeds,
  system,
} from "../../lib/run/launch.ts";
import { type OnOutput, type RunningPipeline, startPipeline } from "../../lib/run/pipeline.ts";
import { openPipes } from "../../lib/run/pipes.ts";
import { findHelperPrograms } from "../../lib/run/programs.ts";
import { selfWay } from "../../lib/run/root/self.ts";
import { sudoWay } from "../../lib/run/root/sudo.ts";
import { startSupervised, supervisorOf } from "../../lib/run/supervisor.ts";
import {
  assertEquals,
  assertRejects,
  assertThrows,
  assertTrue,
  atLeast,
  defined,
} from "../rig/assert.ts";
import { captured } from "../rig/captured.ts";
import { eventually, lacks } from "../rig/tools.ts";

const SH = systemProgram("sh") ?? "sh";
const HELPERS = findHelperPrograms();
const FOLDER = `${Deno.makeTempDirSync()}/pipes`;
globalThis.addEventListener("unload", () => Deno.removeSync(folderOf(FOLDER)));
const sh = (script: string) => system(SH, "-c", script);
/** The same as an unprivileged command is started. */
const own = (script: string) => ownSession(HELPERS, sh(script));
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const nothing = () => {};

/** How the stages of a pipeline are started, each by `sh -c`. */
type Way = (scripts: readonly string[], stdin: string | undefined, onOutput: OnOutput) =>
  | Promise<RunningPipeline>
  | RunningPipeline;

const joined = (make: (script: string) => LaunchSpec): Way => async (scripts, stdin, onOutput) => {
  using open = await openPipes(HELPERS, FOLDER, scripts.length - 1);
  return startPipeline(scripts.map(make), open.pipes, "/", stdin, onOutput);
};

const WAYS: Readonly<Record<string, Way>> = {
  "an unprivileged pipeline": joined(own),
  "root's own pipeline": joined((script) => placed(HELPERS, selfWay().launch(sh(script), false))),
  "a pipeline through sudo": (scripts, stdin, onOutput) => {
    const sudo = sudoWay(HELPERS, defined(systemProgram("sudo")), {
      password: "cached",
      locale: {},
    });
    const launches = scripts.map((script) => sudo.launch(sh(script), false));
    return startSupervised(defined(HELPERS.perl), launches, "/", stdin, onOutput);
  },
};

async function start(
  way: Way,
  scripts: readonly string[],
  stdin?: string,
  onOutput: OnOutput = nothing,
): Promise<RunningPipeline> {
  const { ended, live, started } = await way(scripts, stdin, onOutput);
  await started;
  const inTime = within(20_000, ended).then(async (outcome) => {
    if (outcome === undefined) {
      await succeeds(sh(`kill -KILL ${live().map(({ pid }) => pid).join(" ")}`));
    }
    return defined(outcome, "It went on for too long.");
  });
  return { live, started, ended: inTime };
}

async function outcomeOf(way: Way, scripts: readonly string[], stdin?: string) {
  const { ended, live } = await start(way, scripts, stdin);
  const outcome = await ended;
  assertEquals(live(), []);
  return outcome;
}

/** The descriptors of this process, with what each is; Deno itself looks at none. */
async function ownDescriptors(): Promise<string[]> {
  const { stdout } = await outputOf(SH, "-c", `ls -l /proc/${Deno.pid}/fd`);
  return stdout.split("\n").filter((line) => line.includes(FOLDER));
}

for (const [name, way] of Object.entries(WAYS)) {
  const test = (does: string, fn: () => Promise<void>) => Deno.test(`${name} ${does}`, fn);

  test("is joined, and what each stage has to say is kept", async () => {
    const told: string[] = [];
    const scripts = ["cat; echo one >&2", "tr a-z A-Z; echo two >&2; exit 3"];
    const { ended } = await start(way, scripts, "words", (stage, stream, bytes) => {
      told.push(`${stage} ${stream} ${text(bytes)}`);
    });
    const { stages: ends, stdout } = await ended;
    assertEquals(stdout, { ...captured("WORDS"), bytes: stdout.bytes });
    assertEquals(text(stdout.bytes), "WORDS");
    assertEquals(ends.map(({ exitCode, stderr }) => [exitCode, text(stderr.bytes)]), [
      [0, "one\n"],
      [3, "two\n"],
    ]);
    assertEquals(told.sort(), ["0 stderr one\n", "1 stderr two\n", "1 stdout WORDS"]);
  });

  test("has a group for each starter, by which a signal ends all stages", async () => {
    const running = new Set<number>();
    const scripts = ["echo on >&2; exec sleep 100", "echo on >&2; exec sleep 101"];
    const { ended, live } = await start(
      way,
      scripts,
      undefined,
      (stage) => void running.add(stage),
    );
    // While sudo starts, it passes no signal on.
    await eventually("both stages", () => running.size === 2);
    assertEquals(live().reduce((sum, { stages }) => sum + stages, 0), 2);
    for (const { pid } of live()) assertTrue(await succeeds(sh(`kill -TERM -${pid}`)));
    const { stages } = await ended;
    assertEquals(stages.map(({ signal }) => signal), ["SIGTERM", "SIGTERM"]);
  });

  test("ends a stage whose output nobody reads any more", async () => {
    const scripts = ["exec yes", "exec cat", "read line; echo $line"];
    const { stages, stdout } = await outcomeOf(way, scripts);
    assertEquals(text(stdout.bytes), "y\n");
    assertEquals(stages.map(({ signal }) => signal), ["SIGPIPE", "SIGPIPE", undefined]);
  });

  test("gives nothing to read where there is no input", async () => {
    assertEquals(text((await outcomeOf(way, ["cat; echo end"])).stdout.bytes), "end\n");
  });

  test("has all of a long input, and can leave it", async () => {
    const input = "€𝄞 = 'x'\n".repeat(70_000);
    const { stages, stdout } = await outcomeOf(way, ["cksum; echo more >&2"], input);
    assertEquals(stages.map(({ stderr }) => text(stderr.bytes)), ["more\n"]);
    const file = await Deno.makeTempFile();
    await Deno.writeTextFile(file, input);
    assertEquals(text(stdout.bytes), (await outputOf(SH, "-c", `cksum < ${file}`)).stdout);
    await Deno.remove(file);
    const left = await outcomeOf(way, ["head -c 7"], input);
    assertEquals(text(left.stdout.bytes), "€𝄞");
    assertEquals(text((await outcomeOf(way, ["cat"], "")).stdout.bytes), "");
  });

  test("has long output cut without being held up", async () => {
    const script = `dd if=/dev/zero bs=65536 count=${MAX_CAPTURE_BYTES / 65536 + 2} 2>/dev/null`;
    const { stages, stdout } = await outcomeOf(way, [script]);
    assertEquals(stages[0]?.exitCode, 0);
    assertEquals(stdout, {
      ...captured(new Uint8Array(MAX_CAPTURE_BYTES), true),
      bytes: stdout.bytes,
    });
    assertEquals(stdout.bytes.length, MAX_CAPTURE_BYTES);
  });

  test("keeps all of a long standard error", async () => {
    const { stages } = await outcomeOf(way, ["seq 100000 >&2", "seq 200000 >&2"]);
    for (const [index, count] of [100_000, 200_000].entries()) {
      const lines = Array.from({ length: count }, (_, number) => `${number + 1}\n`);
      assertEquals(text(defined(stages[index]).stderr.bytes) === lines.join(""), true);
    }
  });

  test("is not waited for where it leaves a process behind with its output", async () => {
    const before = performance.now();
    const { stdout } = await outcomeOf(way, ["echo done; sleep 20 & echo $!"]);
    const [done, pid] = text(stdout.bytes).split("\n");
    await succeeds(sh(`kill -KILL ${pid}`));
    assertEquals(done, "done");
    assertTrue(performance.now() - before < 10_000, "silence must end the reading");
  });

  test("tells the signal that ended a stage, a real-time one, too", async () => {
    const { stages } = await outcomeOf(way, ["kill -TERM $$", "kill -35 $$"]);
    assertEquals(stages.map(({ exitCode, signal }) => [exitCode, signal]), [
      [143, "SIGTERM"],
      [163, "SIGRTMIN+1"],
    ]);
  });

  test("leaves what passes between stages to the kernel", async () => {
    const pipeAt = (descriptor: number) =>
      `pipe=$(stat -L -c %d:%i /proc/$$/fd/${descriptor}); echo $pipe >&2`;
    const scripts = [
      `${pipeAt(1)}; seq 300000`,
      ...Array.from({ length: 14 }, () => `${pipeAt(0)}; ${pipeAt(1)}; cat`),
      `${pipeAt(0)}; cksum`,
    ];
    const { stages, stdout } = await outcomeOf(way, scripts);
    assertEquals(text(stdout.bytes), (await outputOf(SH, "-c", "seq 300000 | cksum")).stdout);
    // One stage's output is the input of the next, and no other's.
    const said = stages.map(({ stderr }) => text(stderr.bytes).trim()).join("\n").split("\n");
    assertEquals(said.length, 30);
    assertEquals(said.filter((_, index) => index % 2 === 0), said.filter((_, index) => index % 2));
    assertEquals(new Set(said).size, 15);
  });

  test("has three descriptors in each stage, and no other", async () => {
    const script = "cat; exec ls /proc/self/fd >&2";
    const { stages } = await outcomeOf(way, [script, script, script], "input");
    const numbers = stages.map(({ stderr }) => text(stderr.bytes).trim().split("\n"));
    // The last is that of the folder that it reads.
    assertEquals(numbers, Array.from({ length: 3 }, () => ["0", "1", "2", "3"]));
    assertEquals(await ownDescriptors(), []);
  });

  test("is not held up by what a stage leaves behind", async () => {
    const before = performance.now();
    const leave = "sleep 30 <&- >/dev/null 2>&1 &";
    const { stages, stdout } = await outcomeOf(way, [`echo one; ${leave}`, `cat; ${leave}`, "cat"]);
    assertEquals(text(stdout.bytes), "one\n");
    assertEquals(stages.map(({ exitCode }) => exitCode), [0, 0, 0]);
    assertTrue(performance.now() - before < 10_000, "the ends of pipes must be closed");
  });
}

Deno.test("a pipeline throws where a stage can't be spawned, or there is none", async () => {
  const stages = [sh("cat"), sh("cat"), system("/nowhere/program")];
  const othersEnded = /; the stages before it had started, and lost their pipes$/;
  const spawns = async () => {
    using open = await openPipes(HELPERS, FOLDER, 2);
    startPipeline(stages, open.pipes, "/", "input", nothing);
  };
  await assertRejects(spawns(), othersEnded);
  assertEquals(await ownDescriptors(), []);
  assertThrows(() => startPipeline([], [], "/", undefined, nothing), /must have a stage/);
  assertThrows(() => startPipeline(stages, [], "/", undefined, nothing), /must have a pipe/);
  const perl = defined(HELPERS.perl);
  const launches = stages.map((spec) => ({ ...spec, place: "group" as const }));
  await assertRejects(startSupervised(perl, launches, "/", "input", nothing).started, othersEnded);
  await assertRejects(
    startSupervised(perl, launches.slice(2), "/", "input", nothing).started,
    /^Error: \/nowhere\/program: No such file or directory$/,
  );
});

Deno.test({
  name: "who forges reports can't turn a failure into a success, nor the other way round",
  ignore: lacks("root", "sh"),
  async fn() {
    const perl = defined(HELPERS.perl);
    const forge = String.raw`trap "" PIPE
    theirs=$(ls -l /proc/$2/fd)
    for ours in /proc/$1/fd/*; do
      link=$(readlink $ours) || continue
      case $link in pipe:*) case $theirs in *"$link"*) printf "$0" > $ours;; esac;; esac
    done; true`;
    // What follows the forged end passes for standard error, so the real end is never read.
    const hide = String.raw`e\000\000\377`;
    for (
      const [code, end] of [
        [7, String.raw`x\000\000\0010`],
        [0, String.raw`x\000\000\0019`],
      ] as const
    ) {
      const go = await Deno.makeTempFile();
      // It ends by itself if the test fails.
      const wait = `for i in $(seq 200); do [ ! -e ${go} ] || sleep 0.05; done`;
      const script = `${wait}; exit ${code}`;
      const stages = [{ ...sh(script), place: "group" }] as const;
      const pipeline = startSupervised(perl, stages, "/", undefined, nothing);
      await pipeline.started;
      const [{ pid }] = atLeast(1, pipeline.live());
      const us = String(Deno.pid);
      await succeeds(system(SH, "-c", forge, end + hide, us, String(pid)));
      await Deno.remove(go);
      const { stages: [stage] } = await pipeline.ended;
      assertEquals(stage?.exitCode === 0, code === 0, `${code}: ${stage?.exitCode}`);
    }
  },
});

Deno.test("a supervisor whose descriptors run out gives a stage nothing else to read", async () => {
  // Any program of the account can set such a limit (prlimit(2)), and write into its input.
  const seen = new Set<string>();
  for (let limit = 3; limit < 20; limit++) {
    const stages = [{ ...sh("cat"), place: "group" }, { ...sh("cat"), place: "group" }] as const;
    const { argv, env } = supervisorOf(defined(HELPERS.perl), stages, "shown");
    const limited = `ulimit -n ${limit}; exec "$@"`;
    const child = commandOf({ argv: [SH, "-c", limited, "sh", ...argv], env }, {
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("attack")).catch(nothing);
    const output = new Response(child.stdout).text();
    await writer.close().catch(nothing);
    seen.add(await output);
    await child.status;
  }
  assertEquals([...seen].sort(), ["", "shown"]);
});

Deno.test("a pipeline without a supervisor is open to the same account, as docs/security.md says of polkit", async () => {
  using open = await openPipes(HELPERS, FOLDER, 1);
  const { writer } = defined(open.pipes[0]);
  assertTrue(await succeeds(sh(`echo added > /proc/${Deno.pid}/fd/${writer}`)));
  const { ended } = startPipeline([sh("echo one"), sh("cat")], open.pipes, "/", undefined, nothing);
  open[Symbol.dispose]();
  assertEquals(text((await ended).stdout.bytes), "added\none\n");
});

Deno.test("openPipes() leaves nothing in its folder, and no end open", async () => {
  await Deno.mkdir(FOLDER);
  await Deno.writeTextFile(`${FOLDER}/0`, "what a daemon left");
  {
    using open = await openPipes(HELPERS, FOLDER, 15);
    assertEquals(open.pipes.length, 15);
    assertEquals((await ownDescriptors()).length, 30);
    assertThrows(() => Deno.lstatSync(FOLDER), /No such file/);
  }
  assertEquals(await ownDescriptors(), []);
  const { mkfifo: _, ...rest } = HELPERS;
  const cannot = { ...rest, mkfifo: "/usr/bin/false" };
  await assertRejects(openPipes(cannot, FOLDER, 2), /no pipe can be made in/);
  assertThrows(() => Deno.lstatSync(FOLDER), /No such file/);
  const file = `${FOLDER}-file`;
  await Deno.writeTextFile(file, "");
  await assertRejects(openPipes(HELPERS, `${file}/pipes`, 1), /Not a directory/);
  await Deno.remove(file);
});
