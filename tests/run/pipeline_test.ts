import { within } from "../../lib/platform/deadline.ts";
import { folderOf, systemProgram } from "../../lib/platform/paths.ts";
import { MAX_CAPTURE_BYTES } from "../../lib/protocol/limits.ts";
import { type LaunchSpec, outputOf, ownSession, succeeds, system } from "../../lib/run/launch.ts";
import { type OnOutput, type RunningPipeline, startPipeline } from "../../lib/run/pipeline.ts";
import { openPipes } from "../../lib/run/pipes.ts";
import { findLaunchers } from "../../lib/run/programs.ts";
import { selfWay } from "../../lib/run/root/self.ts";
import { sudoWay } from "../../lib/run/root/sudo.ts";
import { assertEquals, assertRejects, assertThrows, assertTrue, defined } from "../rig/assert.ts";
import { captured } from "../rig/captured.ts";

const SH = systemProgram("sh") ?? "sh";
const LAUNCHERS = findLaunchers();
const FOLDER = `${Deno.makeTempDirSync()}/pipes`;
globalThis.addEventListener("unload", () => Deno.removeSync(folderOf(FOLDER)));
const sh = (script: string) => system(SH, "-c", script);
/** The same as an unprivileged command is started. */
const own = (script: string) => ownSession(LAUNCHERS, sh(script));
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const nothing = () => {};

async function start(
  stages: readonly LaunchSpec[],
  stdin?: string,
  onOutput: OnOutput = nothing,
): Promise<RunningPipeline> {
  using open = await openPipes(LAUNCHERS, FOLDER, stages.length - 1);
  const { ended, livePids } = startPipeline(stages, open.pipes, "/", stdin, onOutput);
  const inTime = within(20_000, ended).then(async (outcome) => {
    if (outcome === undefined) await succeeds(sh(`kill -KILL ${livePids().join(" ")}`));
    return defined(outcome, "It went on for too long.");
  });
  return { livePids, ended: inTime };
}

async function outcomeOf(stages: readonly LaunchSpec[], stdin?: string) {
  const { ended, livePids } = await start(stages, stdin);
  assertEquals(livePids().length, stages.length);
  const outcome = await ended;
  assertEquals(livePids(), []);
  return outcome;
}

/** The descriptors of this process, with what each is; Deno itself looks at none. */
async function ownDescriptors(): Promise<string[]> {
  const { stdout } = await outputOf(SH, "-c", `ls -l /proc/${Deno.pid}/fd`);
  return stdout.split("\n").filter((line) => line.includes(FOLDER));
}

Deno.test("startPipeline() joins the stages, and keeps what each has to say", async () => {
  const told: string[] = [];
  const stages = ["cat; echo one >&2", "tr a-z A-Z; echo two >&2; exit 3"].map(sh);
  const { ended } = await start(stages, "words", (stage, stream, bytes) => {
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

Deno.test("startPipeline() ends a stage whose output nobody reads any more", async () => {
  const scripts = ["exec yes", "exec cat", "read line; echo $line"];
  const { stages, stdout } = await outcomeOf(scripts.map(own));
  assertEquals(text(stdout.bytes), "y\n");
  assertEquals(stages.map(({ signal }) => signal), ["SIGPIPE", "SIGPIPE", undefined]);
});

Deno.test("startPipeline() gives nothing to read where there is no input", async () => {
  assertEquals(text((await outcomeOf([sh("cat; echo end")])).stdout.bytes), "end\n");
});

Deno.test("startPipeline() cuts long output without holding the command up", async () => {
  const script = `dd if=/dev/zero bs=65536 count=${MAX_CAPTURE_BYTES / 65536 + 2} 2>/dev/null`;
  const { stages, stdout } = await outcomeOf([sh(script)]);
  assertEquals(stages[0]?.exitCode, 0);
  assertEquals(stdout, {
    ...captured(new Uint8Array(MAX_CAPTURE_BYTES), true),
    bytes: stdout.bytes,
  });
  assertEquals(stdout.bytes.length, MAX_CAPTURE_BYTES);
});

Deno.test("startPipeline() does not wait for what a command leaves behind with its output", async () => {
  const before = performance.now();
  const { stdout } = await outcomeOf([sh("echo done; sleep 20 & echo $!")]);
  const [done, pid] = text(stdout.bytes).split("\n");
  await succeeds(sh(`kill -KILL ${pid}`));
  assertEquals(done, "done");
  assertTrue(performance.now() - before < 10_000, "silence must end the reading");
});

Deno.test("startPipeline() names the signal that ended a stage, a real-time one, too", async () => {
  const { stages } = await outcomeOf(["kill -TERM $$", "kill -35 $$"].map(sh));
  assertEquals(stages.map(({ exitCode, signal }) => [exitCode, signal]), [
    [143, "SIGTERM"],
    [163, "SIGRTMIN+1"],
  ]);
});

Deno.test("startPipeline() throws where a stage can't be spawned, or there is none", async () => {
  const stages = [sh("cat"), sh("cat"), system("/nowhere/program")];
  await assertRejects(
    start(stages, "input"),
    /\/nowhere\/program.*; the stages before it had started/,
  );
  assertEquals(await ownDescriptors(), []);
  assertThrows(() => startPipeline([], [], "/", undefined, nothing), /must have a stage/);
  assertThrows(() => startPipeline(stages, [], "/", undefined, nothing), /must have a pipe/);
});

Deno.test("startPipeline() leaves what passes between stages to the kernel", async () => {
  const pipeAt = (descriptor: number) =>
    `pipe=$(stat -L -c %d:%i /proc/$$/fd/${descriptor}); echo $pipe >&2`;
  const scripts = [
    `${pipeAt(1)}; seq 300000`,
    ...Array.from({ length: 14 }, () => `${pipeAt(0)}; ${pipeAt(1)}; cat`),
    `${pipeAt(0)}; cksum`,
  ];
  const { stages, stdout } = await outcomeOf(scripts.map(own));
  assertEquals(text(stdout.bytes), (await outputOf(SH, "-c", "seq 300000 | cksum")).stdout);
  // One stage's output is the input of the next, and no other's.
  const said = stages.map(({ stderr }) => text(stderr.bytes).trim()).join("\n").split("\n");
  assertEquals(said.length, 30);
  assertEquals(said.filter((_, index) => index % 2 === 0), said.filter((_, index) => index % 2));
  assertEquals(new Set(said).size, 15);
});

/** How the stages of each way to start one are made. */
const WAYS: Readonly<Record<string, (script: string) => LaunchSpec>> = {
  "an unprivileged command": own,
  "root's own command": (script) => selfWay(LAUNCHERS).launch(sh(script), false),
  "a command through sudo": (script) =>
    sudoWay(LAUNCHERS, systemProgram("sudo") ?? "sudo", { password: "cached", locale: {} })
      .launch(sh(script), false),
};

for (const [name, launch] of Object.entries(WAYS)) {
  Deno.test(`${name} in a pipeline has three descriptors, and no other`, async () => {
    const script = "cat; exec ls /proc/self/fd >&2";
    const { stages } = await outcomeOf(Array.from({ length: 3 }, () => launch(script)));
    const numbers = stages.map(({ stderr }) => text(stderr.bytes).trim().split("\n"));
    // The last is that of the folder that it reads.
    assertEquals(numbers, Array.from({ length: 3 }, () => ["0", "1", "2", "3"]));
    assertEquals(await ownDescriptors(), []);
  });

  Deno.test(`${name} in a pipeline is not held up by what another leaves behind`, async () => {
    const before = performance.now();
    const leave = "sleep 30 <&- >/dev/null 2>&1 &";
    const { stages, stdout } = await outcomeOf(
      [`echo one; ${leave}`, `cat; ${leave}`, "cat"].map(launch),
    );
    assertEquals(text(stdout.bytes), "one\n");
    assertEquals(stages.map(({ exitCode }) => exitCode), [0, 0, 0]);
    assertTrue(performance.now() - before < 10_000, "the ends of pipes must be closed");
  });
}

Deno.test("a pipeline is open to the same account, as docs/security.md says", async () => {
  using open = await openPipes(LAUNCHERS, FOLDER, 1);
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
    using open = await openPipes(LAUNCHERS, FOLDER, 15);
    assertEquals(open.pipes.length, 15);
    assertEquals((await ownDescriptors()).length, 30);
    assertThrows(() => Deno.lstatSync(FOLDER), /No such file/);
  }
  assertEquals(await ownDescriptors(), []);
  const { mkfifo: _, ...rest } = LAUNCHERS;
  const cannot = { ...rest, mkfifo: "/usr/bin/false" };
  await assertRejects(openPipes(cannot, FOLDER, 2), /no pipe can be made in/);
  assertThrows(() => Deno.lstatSync(FOLDER), /No such file/);
  const file = `${FOLDER}-file`;
  await Deno.writeTextFile(file, "");
  await assertRejects(openPipes(LAUNCHERS, `${file}/pipes`, 1), /Not a directory/);
  await Deno.remove(file);
});
