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
import { assignmentsOf, commandOf, type RootLaunch } from "./launch.ts";
import type { StageOutcome } from "./outcome.ts";
import { exitOf, type OnOutput, PartlyStartedError, type RunningPipeline } from "./pipeline.ts";

/** The number of prctl(2). */
const PRCTL = { x86_64: 157, aarch64: 167 }[Deno.build.arch];
/** How much of the input one variable holds, in bytes; Linux allows 128 KiB (execve(2)). */
const VARIABLE_BYTES = 100_000;

/**
 * The supervisor. Its arguments are the number of prctl(2), whether it makes a process group for all
 * stages, the number of variables that hold the input, the number of stages, and for each stage its
 * environment and its words, each list after its length.
 *
 * Its input says nothing; that it ends makes the supervisor stop reading. It leaves its output to the
 * last stage. On its standard error it reports what happens, in messages of at most PIPE_BUF bytes,
 * so that two processes can write them: a letter, the stage in one byte, a length in two, and a text.
 * `s` says that a stage started, `f` why it could not, `e` gives a piece of its standard error, and
 * `x` its status as in wait(2).
 *
 * Nobody else can write into its variables, unlike into a pipe; other users can't read them, unlike
 * its arguments. It ends when every stage has ended.
 */
const SCRIPT = `
sub report { syswrite $reports, pack "a C n/a*", @_ }
sub fail { report("f", $_[0], "$!"); exit 126 }
sub take { splice @ARGV, 0, shift @ARGV }
open $reports, ">&", STDERR;
# PR_SET_DUMPABLE: from here on, only root can look into this process and its children.
syscall(shift, 4, 0, 0, 0, 0) == 0 or fail(0);
$SIG{$_} = "IGNORE" for @ignored = qw(HUP INT QUIT TERM TSTP);
($apart, $inputs, $stages) = splice @ARGV, 0, 3;
setpgrp if $apart;
if ($inputs) {
  pipe $in, my $out or fail(0);
  defined($pid = fork) or fail(0);
  if (!$pid) {
    close $_ for STDOUT, STDERR, $reports, $in;
    print $out $ENV{"INPUT$_"} for 1 .. $inputs;
    exit;
  }
}
for $stage (0 .. $stages - 1) {
  my ($next, $out, $err, $failure, $failed);
  @env = take();
  @words = take();
  $stage == $stages - 1 or pipe $next, $out or fail($stage);
  pipe $errors[$stage], $err or fail($stage);
  pipe $failure, $failed or fail($stage);
  defined($pid = fork) or fail($stage);
  if (!$pid) {
    $SIG{$_} = "DEFAULT" for @ignored;
    $in ? open STDIN, "<&", $in : open STDIN, "<", "/dev/null";
    open STDOUT, ">&", $out if $out;
    open STDERR, ">&", $err;
    %ENV = map { split /=/, $_, 2 } @env;
    exec { $words[0] } @words or syswrite $failed, "$words[0]: $!";
    exit 126;
  }
  close $failed;
  if (sysread $failure, my $why, 999) { report("f", $stage, $why); exit 126 }
  report("s", $stage, "");
  $stage_of{$pid} = $stage;
  $in = $next;
}
close STDOUT;
undef $in;
defined($pid = fork) or fail(0);
if (!$pid) {
  vec($watched, fileno $_, 1) = 1 for STDIN, @errors;
  for ($open = @errors; $open; ) {
    select $ready = $watched, undef, undef, undef;
    exit if vec $ready, 0, 1;
    for $stage (grep { vec $ready, fileno $errors[$_], 1 } 0 .. $#errors) {
      if (sysread $errors[$stage], my $text, 4092) { report("e", $stage, $text) }
      else { vec($watched, fileno $errors[$stage], 1) = 0; $open-- }
    }
  }
  exit;
}
undef @errors;
while (%stage_of) {
  $pid = wait;
  report("x", delete $stage_of{$pid}, $?) if exists $stage_of{$pid};
}
`;

/** A letter, the stage, and a length in two bytes. */
const HEAD_BYTES = 4;

/** What a report says of a stage. */
type OnReport = (kind: string, stage: number, text: Uint8Array) => void;

/**
 * Starts every stage under a supervisor.
 *
 * @param perl perl, an absolute path.
 * @param stages Each stage; at least one, all of them at the same place.
 * @param cwd The working directory.
 * @param stdin Input of the first stage.
 * @param onOutput Called with each piece of output that is captured.
 * @throws If a stage can't be started; the earlier stages lose their pipes and end.
 */
export async function startSupervised(
  perl: string,
  stages: readonly RootLaunch[],
  cwd: string,
  stdin: string | undefined,
  onOutput: OnOutput,
): Promise<RunningPipeline> {
  const startedAt = performance.now();
  const inputs = stdin === undefined ? [] : pieces(stdin);
  const isApart = stages.every(({ place }) => place === "group");
  const counts = [PRCTL, Number(isApart), inputs.length, stages.length];
  const lists = stages.flatMap(({ argv, env }) => [assignmentsOf(env), argv]);
  const child = commandOf({
    argv: [
      perl,
      "-e",
      SCRIPT,
      ...counts.map(String),
      ...lists.flatMap((list) => [String(list.length), ...list]),
    ],
    env: Object.fromEntries(inputs.map((piece, index) => [`INPUT${index + 1}`, piece])),
  }, { cwd, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();

  const last = stages.length - 1;
  const ends = new Map<number, Omit<StageOutcome, "stderr">>();
  let isLive = true;
  const started = Promise.withResolvers<true>();
  const stdout = new Capture((bytes) => onOutput(last, "stdout", bytes));
  const stderrs = stages.map((_, stage) =>
    new Capture((bytes) => onOutput(stage, "stderr", bytes))
  );
  let fault: Error | undefined;
  const onReport: OnReport = (kind, stage, bytes) => {
    if (kind === "e") return void stderrs[stage]?.take(bytes);
    const text = new TextDecoder().decode(bytes);
    if (kind === "s" && stage === last) started.resolve(true);
    if (kind === "f") fault = stage === 0 ? new Error(text) : new PartlyStartedError(text);
    if (kind === "x") ends.set(stage, endOf(Number(text)));
  };
  // Whoever writes into our end of the reports can lie about how a stage ended, but the supervisor
  // ends only when all of them have.
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
    const outcomes = stderrs.map((stderr, stage) => ({
      ...ends.get(stage) ?? exit,
      stderr: stderr.end(),
    }));
    return { stages: outcomes, stdout: stdout.end(), durationMs };
  })();
  if (!await Promise.race([started.promise, ended.then(() => false)])) {
    throw fault ?? new PartlyStartedError("its supervisor was ended");
  }
  const { pid } = child;
  const live = () => isLive ? [{ pid, stages: stages.length - ends.size, supervises: true }] : [];
  return { live, ended };
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
    ? { exitCode: status >> 8, signal: undefined }
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
