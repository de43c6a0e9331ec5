/**
 * In which order effects are performed. The daemon and the machine are the real ones; the terminal,
 * sudo, commands, the trail and the clock only write down what happens to them.
 *
 * @module
 */
import { assertEquals, assertThrows, assertTrue } from "../rig/assert.ts";
import { resolved } from "../session/resolved.ts";
import { RecordedDaemon, settled } from "./recorded.ts";
import { captured } from "../rig/captured.ts";

const plain = (id: string) => resolved(id, { privileged: false });

Deno.test("a command runs after its start is recorded, and its client hears after its end is", async () => {
  const it = new RecordedDaemon();
  it.submit(plain("r1"));
  assertEquals(it.news(), ["record received r1", "record shown r1"]);
  it.answer("y");
  assertEquals(it.news(), ["record approved r1", "record start r1", "run r1"]);
  await it.command("r1").end();
  assertEquals(it.news(), ["record ended r1", "reply r1 ok"]);
});

Deno.test("the memory of an output is given back once its client has it, or has gone", async () => {
  const it = new RecordedDaemon();
  const output = () => new Uint8Array(new ArrayBuffer(3, { maxByteLength: 3 }), 0, 3);
  const [mine, nobodys] = [output(), output()];
  for (const [id, bytes] of [["r1", mine], ["r2", nobodys]] as const) {
    it.submit(plain(id));
    it.answer("y");
    if (id === "r2") it.leave(id);
    const outcome = { stages: [], stdout: captured(bytes), durationMs: 1 };
    await it.command(id).end({ kind: "finished", outcome });
  }
  assertEquals(it.lengths, [3]);
  await settled();
  assertEquals([mine.length, nobodys.length], [0, 0]);
});

Deno.test("nothing runs whose start can't be recorded", async () => {
  const it = new RecordedDaemon();
  it.unrecordable.add("start");
  it.submit(plain("r1"));
  it.answer("y");
  await settled();
  assertEquals(it.commands.size, 0);
  assertEquals(it.responses.get("r1")?.code, "not_recorded");
  assertEquals(it.news().slice(2), [
    "record approved r1",
    "can't record start r1",
    "record ended r1",
    "reply r1 error not_recorded",
  ]);
});

Deno.test("nothing is shown that can't be recorded", () => {
  const it = new RecordedDaemon();
  it.unrecordable.add("received");
  it.submit(plain("r1"));
  assertEquals(it.news(), ["can't record received r1", "refused r1 not_recorded"]);
  assertEquals(it.picture.prompt, undefined);
  it.unrecordable.clear();
  it.submit(plain("r2"));
  assertTrue(it.picture.prompt !== undefined);
});

Deno.test("a denial is recorded before its client hears of it", async () => {
  const it = new RecordedDaemon();
  it.submit(plain("r1"));
  it.news();
  it.answer("n");
  await settled();
  assertEquals(it.news(), ["record denied r1", "reply r1 denied"]);
});

Deno.test("sudo asks once the terminal is given away, and it is not ours before sudo has ended", async () => {
  const it = new RecordedDaemon();
  it.submit(resolved("r1"));
  it.answer("y");
  await settled();
  assertEquals(it.news().slice(2), ["record approved r1", "waits for the terminal"]);
  assertEquals(it.isOurs, false);
  it.giveTerminal();
  await settled();
  assertEquals(it.news(), ["terminal is given away", "sudo asks"]);
  // Whatever happens meanwhile, nothing here reads or writes.
  it.submit(plain("r2"));
  it.daemon.dispatch({ kind: "said", text: "a warning", tone: "warning" });
  it.daemon.dispatch({ kind: "resized", columns: 100, rows: 30 });
  it.press("y");
  it.wait(30_000);
  assertEquals(it.isOurs, false);
  assertEquals(it.news(), ["record received r2"]);
  await it.sudoAnswers("kept");
  const news = it.news();
  assertEquals(news.filter((line) => line.endsWith("r1")), ["record start r1", "run r1"]);
  assertTrue(news.includes("terminal is ours"));
  assertEquals(it.picture.prompt !== undefined, true);
});

Deno.test("sudo that would not ask is not asked to", async () => {
  const it = new RecordedDaemon();
  it.root = { can: true, shares: false };
  it.submit(resolved("r1"));
  it.answer("y");
  await settled();
  assertEquals(it.news().slice(2), ["record approved r1", "record start r1", "run r1"]);
});

Deno.test("a request that is withdrawn while sudo asks starts nothing", async () => {
  const it = new RecordedDaemon();
  it.submit(resolved("r1"));
  it.answer("y");
  await settled();
  it.giveTerminal();
  await settled();
  it.news();
  it.leave("r1");
  assertEquals(it.news(), ["record withdrawn r1"]);
  assertEquals(it.isOurs, false);
  await it.sudoAnswers("kept");
  assertEquals(it.news(), ["terminal is ours"]);
  assertEquals(it.commands.size, 0);
});

Deno.test("sudo that keeps nothing asks again for the command, which has the terminal to its end", async () => {
  const it = new RecordedDaemon();
  it.submit(resolved("r1"));
  it.answer("y");
  await settled();
  it.giveTerminal();
  await settled();
  it.news();
  await it.sudoAnswers("notKept");
  assertEquals(it.news(), ["record start r1", "run r1"]);
  const command = it.command("r1");
  assertTrue(command.plan.withTerminal);
  command.plan.onStarted();
  it.wait(1000);
  assertEquals(it.isOurs, false);
  await command.end();
  assertEquals(it.news(), [
    "record started r1",
    "terminal is ours",
    "record ended r1",
    "reply r1 ok",
  ]);
});

Deno.test("with a password for each command, sudo forgets once no command needs what it learned", async () => {
  const it = new RecordedDaemon({ password: "each" });
  const approve = async (id: string) => {
    it.submit(resolved(id));
    it.answer("y");
    await settled();
  };
  await approve("r1");
  it.giveTerminal();
  await settled();
  await it.sudoAnswers("kept");
  assertTrue(it.news().includes("run r1"));
  // The next question would make sudo forget what r1 still needs.
  await approve("r2");
  it.wait(1000);
  assertTrue(!it.news().includes("waits for the terminal"));
  await it.command("r1").begin();
  assertEquals(it.news().filter((line) => line !== "forget"), ["waits for the terminal"]);
  it.giveTerminal();
  await settled();
  await it.sudoAnswers("kept");
  assertTrue(!it.news().includes("forget"));
  await it.command("r2").begin();
  assertEquals(it.news(), ["forget"]);
});

Deno.test("sudo -k that fails ends nothing, and is tried again at the end", async () => {
  const it = new RecordedDaemon({ password: "each" });
  it.canForget = false;
  it.submit(resolved("r1"));
  it.answer("y");
  await settled();
  it.giveTerminal();
  await settled();
  await it.sudoAnswers("kept");
  it.news();
  await it.command("r1").begin();
  assertEquals(it.news(), ["forget"]);
  await it.command("r1").end();
  assertEquals(it.responses.get("r1")?.status, "ok");
  it.canForget = true;
  it.daemon.close();
  assertEquals(it.news().slice(-2), ["terminal is closed", "forget"]);
});

Deno.test("this process stops once the terminal is given away, and takes it again after that", async () => {
  const it = new RecordedDaemon();
  it.news();
  it.daemon.dispatch({ kind: "suspend" });
  await settled();
  assertEquals(it.news(), ["waits for the terminal"]);
  // A SIGCONT that comes too early must not leave the shell a terminal that is ours.
  it.daemon.continued();
  assertEquals(it.isOurs, false);
  it.giveTerminal();
  await settled();
  assertEquals(it.news(), ["terminal is given away", "process stops", "terminal is ours"]);
});

Deno.test("the daemon ends after the last record and the last reply", async () => {
  const it = new RecordedDaemon();
  void it.daemon.ended.then(() => it.log.push("exit"));
  it.submit(plain("r1"));
  it.answer("y");
  it.submit(plain("r2"));
  it.news();
  it.daemon.dispatch({ kind: "signal", signal: "SIGTERM" });
  await settled();
  assertEquals(it.news().slice(-2), ["SIGTERM to r1", "reply r2 error stopping"]);
  await it.command("r1").end();
  assertEquals(it.news(), ["record ended r1", "reply r1 error stopping", "exit"]);
});

Deno.test("what ends a command asks for its password on a terminal that was given away", async () => {
  const it = new RecordedDaemon();
  it.root = { can: true, shares: false };
  it.submit(resolved("r1", { timeoutMs: 5000 }));
  it.answer("y");
  await settled();
  const command = it.command("r1");
  command.plan.onStarted();
  command.signals = "wouldAsk";
  it.news();
  it.wait(5100);
  await settled();
  assertEquals(it.news(), [
    "record ending r1",
    "SIGTERM to r1",
    "record endingFailed r1",
    "waits for the terminal",
  ]);
  it.giveTerminal();
  await settled();
  assertEquals(it.news(), ["terminal is given away", "sudo asks"]);
  command.signals = "sent";
  await it.sudoAnswers("kept");
  assertEquals(it.news(), ["terminal is ours", "SIGTERM to r1"]);
});

Deno.test("the clock turns often while something depends on it, and seldom else", async () => {
  const it = new RecordedDaemon({ promptTimeoutMs: 2000 });
  it.submit(plain("r1"));
  it.wait(1900);
  await settled();
  assertEquals(it.responses.size, 0);
  it.wait(200);
  await settled();
  assertEquals(it.responses.get("r1")?.status, "timeout");
});

Deno.test("an end at any moment leaves the terminal and drops what sudo may remember", async () => {
  const it = new RecordedDaemon();
  it.submit(resolved("r1"));
  it.answer("y");
  await settled();
  it.news();
  it.daemon.close();
  assertEquals(it.news(), ["terminal is closed", "forget"]);
});

Deno.test("a client that wants to hear of its request hears each step and the output, and no other does", async () => {
  const it = new RecordedDaemon();
  it.submit(resolved("r1", { privileged: false, stream: true }));
  it.answer("y");
  it.command("r1").plan.onStarted();
  it.command("r1").plan.onOutput(0, "stdout", new TextEncoder().encode("x"));
  await it.command("r1").end();
  assertEquals(it.log.filter((line) => line.startsWith("tell")), [
    "tell r1 shown",
    "tell r1 approved",
    "tell r1 started",
    "tell r1 output",
  ]);
  it.submit(plain("r2"));
  it.answer("y");
  it.command("r2").plan.onOutput(0, "stdout", new TextEncoder().encode("x"));
  assertEquals(it.log.filter((line) => line.startsWith("tell r2")), []);
});

Deno.test("the person reads that the audit trail can't be written", () => {
  for (const what of ["received", "note"] as const) {
    const it = new RecordedDaemon();
    it.unrecordable.add(what);
    it.submit(plain("r1"));
    const text = it.picture.history.entries.flat(2).map(({ text }) => text).join("");
    assertTrue(text.includes("Nothing can run: the audit trail"), text);
  }
});

Deno.test("a refused request is recorded", () => {
  const it = new RecordedDaemon();
  it.daemon.rejected("r1", "it is no request");
  assertEquals(it.news(), ["record rejected r1"]);
});

Deno.test("whether sudo shares what it remembers is looked at once it remembers something", async () => {
  const it = new RecordedDaemon();
  it.submit(resolved("r1"));
  it.answer("y");
  await settled();
  it.giveTerminal();
  await settled();
  await it.sudoAnswers("failed");
  assertEquals(it.log.filter((line) => line === "looks for sharing").length, 0);
  it.submit(resolved("r2"));
  it.answer("y");
  await settled();
  it.giveTerminal();
  await settled();
  await it.sudoAnswers("kept");
  assertEquals(it.log.filter((line) => line === "looks for sharing").length, 1);
});

Deno.test("only a command for which sudo was asked is watched until it has begun", async () => {
  const it = new RecordedDaemon({ password: "each" });
  it.submit(plain("r1"));
  it.answer("y");
  it.submit(resolved("r2"));
  it.answer("y");
  await settled();
  it.giveTerminal();
  await settled();
  await it.sudoAnswers("kept");
  assertEquals(it.log.filter((line) => line.startsWith("waits until")), [
    "waits until r2 has begun",
  ]);
});

Deno.test("a command that asks while it starts waits for the terminal itself", async () => {
  const it = new RecordedDaemon({ authentication: "polkit" });
  it.submit(resolved("r1"));
  it.answer("y");
  await settled();
  it.news();
  void it.command("r1").plan.lent();
  assertEquals(it.news(), ["waits for the terminal"]);
});

Deno.test("an ending that fails without a question is told as such, and can be asked for again", async () => {
  const it = new RecordedDaemon();
  it.submit(plain("r1"));
  it.answer("y");
  it.command("r1").plan.onStarted();
  it.command("r1").signals = "failed";
  it.news();
  it.press("k");
  it.press("k");
  await settled();
  assertEquals(it.news(), ["record ending r1", "SIGTERM to r1", "record endingFailed r1"]);
  it.press("k");
  it.press("k");
  await settled();
  assertTrue(it.news().includes("SIGTERM to r1"));
});

Deno.test("with polkit, a signal that fails after its question leaves the command running", async () => {
  const it = new RecordedDaemon({ authentication: "polkit" });
  it.submit(resolved("r1"));
  it.answer("y");
  const command = it.command("r1");
  command.plan.onStarted();
  command.signals = "wouldAsk";
  it.press("k");
  it.press("k");
  await settled();
  command.signals = "failed";
  it.news();
  it.giveTerminal();
  await settled();
  assertEquals(it.news(), [
    "terminal is given away",
    "SIGTERM to r1",
    "terminal is ours",
    "record endingFailed r1",
  ]);
});

Deno.test("an id in use is refused before anything is recorded, and its first client hears nothing", () => {
  const it = new RecordedDaemon();
  it.submit(plain("r1"));
  it.news();
  it.submit(plain("r1"));
  assertEquals(it.news(), ["refused r1 id_used"]);
  assertThrows(() => it.daemon.cancel("r1", "r1", it.client()), /"id" must be new/);
  assertTrue(it.picture.prompt !== undefined);
});

Deno.test("a client that went away hears nothing more", async () => {
  const it = new RecordedDaemon();
  it.submit(resolved("r1", { privileged: false, stream: true }));
  it.answer("y");
  it.leave("r1");
  it.log.splice(0);
  it.command("r1").plan.onOutput(0, "stdout", new TextEncoder().encode("x"));
  await it.command("r1").end();
  await settled();
  assertEquals(it.log, ["record ended r1"]);
});

Deno.test("who goes away takes back nobody else's request", async () => {
  const it = new RecordedDaemon();
  it.submit(plain("r1"));
  it.daemon.clientGone("r1", it.client());
  assertTrue(it.picture.prompt !== undefined);
  it.answer("n");
  await settled();
  const first = it.clientOf("r1");
  // Who has the response is forgotten.
  const { turns } = it;
  it.daemon.clientGone("r1", first);
  assertEquals(it.turns, turns);
  // The id is free again, and the connection of the first client is closed late.
  it.submit(plain("r1"));
  it.daemon.clientGone("r1", first);
  assertTrue(it.picture.prompt !== undefined);
});

Deno.test("a process that was stopped takes the terminal anew, each time", async () => {
  const it = new RecordedDaemon();
  it.daemon.dispatch({ kind: "suspend" });
  await settled();
  it.giveTerminal();
  await settled();
  it.news();
  it.daemon.continued();
  assertEquals(it.news(), ["terminal is taken anew"]);
});

Deno.test("what happens while effects are performed waits for its turn", async () => {
  const it = new RecordedDaemon();
  it.submit(plain("r1"), plain("r2"));
  it.unrecordable.add("start");
  it.news();
  it.answer("y");
  assertEquals(it.news(), [
    "record approved r1",
    "can't record start r1",
    "record shown r2",
    "record ended r1",
  ]);
  await settled();
  assertEquals(it.news(), ["reply r1 error not_recorded"]);
});

Deno.test("the daemon ends once every response is on its way, not only the last", async () => {
  const it = new RecordedDaemon();
  let hasEnded = false;
  void it.daemon.ended.then(() => hasEnded = true);
  const sent = Promise.withResolvers<void>();
  it.submit(plain("r1"));
  it.daemon.submit(plain("r2"), { tell: () => {}, reply: () => sent.promise });
  it.daemon.dispatch({ kind: "signal", signal: "SIGTERM" });
  await settled();
  assertEquals(it.responses.get("r1")?.code, "stopping");
  assertEquals(hasEnded, false);
  sent.resolve();
  await settled();
  assertEquals(hasEnded, true);
});
