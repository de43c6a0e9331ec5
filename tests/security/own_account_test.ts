/** What docs/security.md says that a program of the same account can do, seen with real sudo. */
import { exists } from "../../lib/platform/exists.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { eventually, execute, lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

/** The whole command of a supervisor, as a pattern. */
const SUPERVISOR = "/usr/bin/perl -e .*PR_SET_DUMPABLE.*";

/** How often a command is attacked. */
const ROUNDS = 5;

/**
 * Writes into every pipe that it can open of the daemon and of what it starts, until it is ended. Its
 * output is a byte for each time.
 */
const ATTACK = `
use Fcntl;
$| = 1;
$SIG{PIPE} = "IGNORE";
while (1) {
  for $process (glob "/proc/[0-9]*") {
    next if $process eq "/proc/$$" or !open $file, "<", "$process/comm";
    next if <$file> !~ /^(deno|perl|timeout|sudo|setsid|sh|cat)$/;
    for $link (glob "$process/fd/*") {
      next if (readlink($link) // "") !~ /^pipe:/;
      sysopen $pipe, $link, O_WRONLY | O_NONBLOCK or next;
      print "." if syswrite $pipe, "added\\n";
    }
  }
}`;

/**
 * Stops the daemon's next supervisor at its start, leaves it few descriptors (prlimit(2) asks for no
 * right to look into it), lets it go on, and writes into every pipe of the daemon that it can open.
 */
const STARVE = `
use Fcntl;
use Time::HiRes qw(time usleep);
($daemon, $limit, $number) = @ARGV;
$| = 1;
$SIG{PIPE} = "IGNORE";
sub newest { open $file, "<", "/proc/loadavg"; (split " ", <$file>)[4] }
$seen = newest();
until ($pid) {
  $newest = newest();
  $born{$_} = time for $seen + 1 .. $newest;
  $seen = $newest;
  for (keys %born) {
    delete $born{$_} if time - $born{$_} > 0.3;
    open $file, "<", "/proc/$_/stat" or next;
    $pid = $_ if (<$file> // "") =~ /^\\d+ \\(perl\\) \\S $daemon /;
  }
}
kill STOP => $pid;
print "starved\n" if syscall($number, int $pid, 7, pack("QQ", $limit, 4096), 0) == 0;
kill CONT => $pid;
for (1 .. 40) {
  for (grep { (readlink($_) // "") =~ /^pipe:/ } glob "/proc/$daemon/fd/*") {
    sysopen $pipe, $_, O_WRONLY | O_NONBLOCK and syswrite $pipe, "added\n";
  }
  usleep 10_000;
}`;

/** The number of prlimit64(2). */
const PRLIMIT = { x86_64: 302, aarch64: 261 }[Deno.build.arch];

Deno.test({
  name: "no limit that the account sets makes root read anything else",
  ignore: lacks("root", "tmux", "sudo", "runuser", "perl"),
  async fn() {
    // Then root's commands have the very pipes that the daemon's side has.
    await using user = await OrdinaryUser.make("Defaults:USER !use_pty");
    await using daemon = await RunningDaemon.start({ user });
    const folder = await Deno.makeTempDir();
    const first = daemon.send({ pipeline: [["true"]] });
    await daemon.answer("y");
    await daemon.terminal.shows("password for");
    await daemon.terminal.type(user.password);
    await daemon.terminal.press("Enter");
    await first;
    let starved = 0;
    for (const limit of [7, 8, 9, 10, 11, 12]) {
      const words = [await daemon.pid(), String(limit), String(PRLIMIT)];
      const attack = new Deno.Command("runuser", {
        args: ["-u", user.name, "--", "timeout", "10", "perl", "-e", STARVE, ...words],
        stdin: "null",
        stdout: "piped",
      }).spawn();
      const file = `${folder}/${limit}`;
      const answer = daemon.send({
        pipeline: [["timeout", "2", "tee", file]],
        stdin: new TextEncoder().encode("shown\n"),
      });
      await daemon.answer("y");
      await answer.catch(() => {});
      const { stdout } = await attack.output();
      if (new TextDecoder().decode(stdout).includes("starved")) starved++;
      const read = exists(file) ? await Deno.readTextFile(file) : "";
      assertTrue(read === "" || read === "shown\n", `with ${limit} descriptors: ${read}`);
    }
    // Beside other tests, the attacker is often too late.
    assertTrue(starved > 0, "no supervisor was starved");
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  name: "no program of the account can write into what a command for root reads",
  ignore: lacks("root", "tmux", "sudo", "runuser", "perl", "pgrep"),
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using daemon = await RunningDaemon.start({ user });
    const folder = await Deno.makeTempDir();
    const attack = new Deno.Command("runuser", {
      args: ["-u", user.name, "--", "timeout", "100", "perl", "-e", ATTACK],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const said = new Response(attack.stdout).bytes();
    try {
      for (let round = 0; round < ROUNDS; round++) {
        await t.step(`round ${round}`, async () => {
          // What the command says to the daemon is attacked, too, so a file of root's is the witness.
          const [file, go] = [`${folder}/${round}`, `${folder}/${round}.go`];
          // It ends with the test in any case.
          const waits = `cat; until [ -e ${go} ] || [ ! -d ${folder} ]; do sleep 0.05; done`;
          const answer = daemon.send({
            pipeline: [["sh", "-c", waits], ["sh", "-c", `cat > ${file}`]],
            stdin: new TextEncoder().encode("shown\n"),
          });
          await daemon.answer("y");
          if (round === 0) {
            await daemon.terminal.shows("password for");
            await daemon.terminal.type(user.password);
            await daemon.terminal.press("Enter");
          }
          await eventually("the last stage", () => exists(file));
          const supervisors = await execute(["pgrep", "-u", user.name, "-f", "-x", SUPERVISOR]);
          const pids = supervisors.stdout.split("\n").filter((line) => line !== "");
          assertTrue(pids.length > 0, "a supervisor runs");
          for (const pid of pids) {
            const looks = await execute([
              "runuser",
              "-u",
              user.name,
              "--",
              "ls",
              `/proc/${pid}/fd`,
            ]);
            assertEquals(looks.code, 2, looks.stderr);
          }
          await Deno.writeTextFile(go, "");
          await answer.catch(() => {});
          assertEquals(await Deno.readTextFile(file), "shown\n");
        });
      }
    } finally {
      // runuser ends what it started.
      attack.kill("SIGTERM");
      await attack.status;
      await Deno.remove(folder, { recursive: true });
    }
    assertTrue((await said).length > 0, "the attack opens the pipes of the output");
  },
});
