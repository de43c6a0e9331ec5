/**
 * Starts a pipeline for root so that no other program of this account can open its pipes. Whoever may
 * look into a process can open its pipes anew below /proc (proc(5), ptrace(2)). This process can be
 * looked into, and so can `timeout`. A supervisor can't, so it makes the pipes and starts each stage;
 * sudo can't be looked into either.
 *
 * @module
 */
import { signalName } from "../protocol/signals.ts";
import { Capture, ignoreClosedPipe, readAll } from "./capture.ts";
import { assignmentsOf, commandOf, type LaunchSpec, type RootLaunch } from "./launch.ts";
import type { StageOutcome } from "./outcome.ts";
import { exitOf, type OnOutput, PartlyStartedError, type RunningPipeline } from "./pipeline.ts";

/** The numbers of prctl(2) and memfd_create(2). */
const SYSCALLS = { x86_64: [157, 319], aarch64: [167, 279] }[Deno.build.arch];
/** How much of the input one variable holds, in bytes; Linux allows 128 KiB (execve(2)). */
const VARIABLE_BYTES = 100_000;

/**
 * The supervisor. Its arguments are the numbers of prctl(2) and memfd_create(2), whether it makes a
 * process group for all stages, the number of variables that hold the input, the number of stages, and
 * for each stage its environment and its words, each list after its length.
 *
 * Its input says nothing; that it ends makes the supervisor stop reading. It leaves its output to the
 * last stage. On its standard error it reports what happens, in messages of at most PIPE_BUF bytes,
 * so that two processes can write them: a letter, the stage in one byte, a length in two, and a text.
 * `s` says that a stage started, `f` why it could not, `e` gives a piece of its standard error, and
 * `x` its status as in wait(2).
 *
 * Nobody else can write into its variables, unlike into a pipe; other users can't read them, unlike
 * its arguments. All of the input is in a file in memory before a stage starts, so that whoever ends
 * a process does not cut it. Programs of this account can set limits of each of its processes
 * (prlimit(2)), so no step goes on after one that failed. It ends when every stage has ended, with 0
 * if all of them succeeded and with 1 otherwise; or with 126 if no stage could be started, and with 125
 * if a later one could not.
 */
const SCRIPT = `
sub report { syswrite $reports, pack "a C n/a*", @_ }
sub fail { report("f", 0, $_[1] // "$!"); exit($_[0] ? 125 : 126) }
sub take { splice @ARGV, 0, shift @ARGV }
open $reports, ">&", STDERR or exit 126;
($prctl, $memfd_create) = splice @ARGV, 0, 2;
# PR_SET_DUMPABLE: from here on, only root can look into this process and its children.
syscall($prctl, 4, 0, 0, 0, 0) == 0 or fail(0);
# No stage may be left with a pipe of the daemon, which others can open.
open $daemon, "<&", STDIN or fail(0);
open STDIN, "<", "/dev/null" or fail(0);
open STDERR, ">", "/dev/null" or fail(0);
$SIG{$_} = "IGNORE" for @ignored = qw(HUP INT QUIT TSTP);
($apart, $inputs, $stages) = splice @ARGV, 0, 3;
setpgrp if $apart;
if ($inputs) {
  $number = syscall($memfd_create, $name = "input", 1);
  $number >= 0 && open $in, "+<&=", $number or fail(0);
  for (map { $ENV{"INPUT$_"} } 1 .. $inputs) { (syswrite($in, $_) // -1) == length or fail(0) }
  sysseek $in, 0, 0 or fail(0);
}
# Before any stage, so that none runs if this fails.
for (0 .. $stages - 1) { pipe $errors[$_], $writers[$_] or fail(0) }
defined($pid = fork) or fail(0);
if (!$pid) {
  close STDOUT;
  undef @writers;
  undef $in;
  $SIG{TERM} = "IGNORE";
  vec($watched, fileno $_, 1) = 1 for $daemon, @errors;
  for ($open = @errors; $open; ) {
    select $ready = $watched, undef, undef, undef;
    exit if vec($ready, fileno $daemon, 1) && !sysread $daemon, $nothing, 512;
    for $stage (grep { vec $ready, fileno $errors[$_], 1 } 0 .. $#errors) {
      if (sysread $errors[$stage], my $text, 4092) { report("e", $stage, $text) }
      else { vec($watched, fileno $errors[$stage], 1) = 0; $open-- }
    }
  }
  exit;
}
undef @errors;
for $stage (0 .. $stages - 1) {
  my ($next, $out, $failure, $failed);
  @env = take();
  @words = take();
  $stage == $stages - 1 or pipe $next, $out or fail($stage);
  pipe $failure, $failed or fail($stage);
  defined($pid = fork) or fail($stage);
  if (!$pid) {
    $SIG{$_} = "DEFAULT" for @ignored;
    if (
      (!$in || open STDIN, "<&", $in) &&
      (!$out || open STDOUT, ">&", $out) && open STDERR, ">&", $writers[$stage]
    ) {
      %ENV = map { split /=/, $_, 2 } @env;
      exec { $words[0] } @words;
    }
    syswrite $failed, "$words[0]: $!";
    exit 126;
  }
  close $failed;
  undef $writers[$stage];
  fail($stage, $why) if sysread $failure, $why, 999;
  report("s", $stage, "");
  $stage_of{$pid} = $stage;
  $in = $next;
}
$SIG{TERM} = "IGNORE";
close STDOUT;
undef $in;
while (%stage_of) {
  $pid = wait;
  next if !exists $stage_of{$pid};
  $code ||= $? && 1;
  report("x", delete $stage_of{$pid}, $?);
}
exit $code;
`;

/** What it ends with if no stage could be started. */
const NONE_STARTED = 126;
/** A letter, the stage, and a length in two bytes. */
const HEAD_BYTES = 4;

/** What a report says of a stage. */
type OnReport = (kind: string, stage: number, text: Uint8Array) => void;

/** The supervisor of these stages, as it is spawned. */
export function supervisorOf(
  perl: string,
  stages: readonly RootLaunch[],
  stdin: string | undefined,
): LaunchSpec {
  const inputs = stdin === undefined ? [] : pieces(stdin);
  const isApart = stages.every(({ place }) => place === "group");
  const counts = [...SYSCALLS, Number(isApart), inputs.length, stages.length].map(String);
  const lists = stages.flatMap(({ argv, env }) => [assignmentsOf(env), argv])
    .flatMap((list) => [String(list.length), ...list]);
  return {
    argv: [perl, "-e", SCRIPT, ...counts, ...lists],
    env: Object.fromEntries(inputs.map((piece, index) => [`INPUT${index + 1}`, piece])),
  };
}

/**
 * Starts every stage under a supervisor.
 *
 * @param perl perl, an absolute path.
 * @param stages Each stage; at least one, all of them at the same place.
 * @param cwd The working directory.
 * @param stdin Input of the first stage.
 * @param onOutput Called with each piece of output that is captured.
 * @returns The pipeline, which may have stages that are not started yet; if one can't be, the earlier
 * ones lose their pipes and end.
 * @throws If the supervisor can't be started.
 */
export function startSupervised(
  perl: string,
  stages: readonly RootLaunch[],
  cwd: string,
  stdin: string | undefined,
  onOutput: OnOutput,
): RunningPipeline {
  const startedAt = performance.now();
  const streams = { cwd, stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const child = commandOf(supervisorOf(perl, stages, stdin), streams).spawn();
  const last = stages.length - 1;
  const ends = new Map<number, Omit<StageOutcome, "stderr">>();
  let isLive = true;
  const allStarted = Promise.withResolvers<void>();
  const stdout = new Capture((bytes) => onOutput(last, "stdout", bytes));
  const stderrs = stages.map((_, stage) =>
    new Capture((bytes) => onOutput(stage, "stderr", bytes))
  );
  let fault = "its supervisor failed";
  const onReport: OnReport = (kind, stage, bytes) => {
    if (kind === "e") return void stderrs[stage]?.take(bytes);
    const text = new TextDecoder().decode(bytes);
    if (kind === "s" && stage === last) allStarted.resolve();
    if (kind === "f") fault = text;
    if (kind === "x") ends.set(stage, endOf(Number(text)));
  };
  // Other programs of this account can forge and steal reports at our end of the pipe. They can't
  // change when the supervisor ends, nor its exit code, unless they end it.
  const exited = exitOf(child);
  const read = Promise.all([
    readAll(child.stdout, exited, (bytes) => stdout.take(bytes)),
    readAll(child.stderr, exited, readerOf(onReport)),
  ]);
  const ended = (async () => {
    const exit = await exited;
    isLive = false;
    const durationMs = performance.now() - startedAt;
    await read;
    await child.stdin.close().catch(ignoreClosedPipe);
    // That all stages succeeded, or that one failed, can't be forged.
    const isForged = exit.exitCode === 1 && [...ends.values()].every((end) => end.exitCode === 0);
    const endOfStage = (stage: number) => exit.exitCode === 0 || isForged ? exit : ends.get(stage);
    const outcomes = stderrs.map((stderr, stage) => ({
      ...endOfStage(stage) ?? exit,
      stderr: stderr.end(),
    }));
    return { stages: outcomes, stdout: stdout.end(), durationMs };
  })();
  const started = Promise.race([
    allStarted.promise,
    exited.then(async ({ exitCode, signal }) => {
      // Whoever ended the supervisor by a signal did not end the stages.
      if (exitCode <= 1 || signal !== undefined) return;
      await read;
      throw exitCode === NONE_STARTED ? new Error(fault) : new PartlyStartedError(fault);
    }),
  ]);
  const { pid } = child;
  const live = () => {
    const left = Math.max(1, stages.length - ends.size);
    return isLive ? [{ pid, stages: left, supervises: true }] : [];
  };
  return { live, started, ended };
}

/** Cuts a text into pieces that fit into a variable each. */
function pieces(text: string): string[] {
  const place = new Uint8Array(VARIABLE_BYTES);
  const found: string[] = [];
  let rest = text;
  do {
    const { read } = new TextEncoder().encodeInto(rest, place);
    found.push(rest.slice(0, read));
    rest = rest.slice(read);
  } while (rest !== "");
  return found;
}

/** How a status of wait(2) ended a stage. */
function endOf(status: number): Omit<StageOutcome, "stderr"> {
  const number = status & 0x7f;
  return number === 0
    ? { exitCode: (status >> 8) & 0xff, signal: undefined }
    : { exitCode: 128 + number, signal: signalName(number) };
}

/** Takes the reports' bytes as they come. */
function readerOf(onReport: OnReport): (bytes: Uint8Array) => true {
  let rest = new Uint8Array();
  return (bytes) => {
    const all = new Uint8Array(rest.length + bytes.length);
    all.set(rest);
    all.set(bytes, rest.length);
    let from = 0;
    while (from + HEAD_BYTES <= all.length) {
      const [letter = 0, stage = 0, high = 0, low = 0] = all.subarray(from);
      const end = from + HEAD_BYTES + 256 * high + low;
      if (end > all.length) break;
      onReport(String.fromCharCode(letter), stage, all.subarray(from + HEAD_BYTES, end));
      from = end;
    }
    rest = all.slice(from);
    return true;
  };
}
