import { requestNotes, scriptArguments, stageNotes } from "../../lib/gate/notes.ts";
import { assertEquals } from "../rig/assert.ts";
import { type Choice, resolved } from "./resolved.ts";

function notesOf(words: readonly string[], choice: Choice = {}): string[] {
  const request = resolved("1", { pipeline: [words], ...choice });
  return request.stages.flatMap((stage) => stageNotes(stage, request))
    .map(({ about, words }) => about === undefined ? words : `<${about}> ${words}`);
}

Deno.test("stageNotes() says that an interpreter is given code, and in which argument", () => {
  assertEquals(notesOf(["/bin/sh", "-c", "id"]), ["sh is given code to run: its argument 2"]);
  assertEquals(notesOf(["/bin/bash", "-euxc", "id"]), [
    "bash is given code to run: its argument 2",
  ]);
  assertEquals(notesOf(["/usr/bin/python3.11", "-c", "x"]), [
    "python3.11 is given code to run: its argument 2",
  ]);
  assertEquals(notesOf(["/usr/bin/perl", "-w", "-ne", "print"]), [
    "perl is given code to run: its argument 3",
  ]);
  assertEquals(notesOf(["/usr/bin/echo", "-c", "id"]), []);
  assertEquals(notesOf(["/bin/sh", "-c"]), []);
});

Deno.test("stageNotes() names targets that decide over the machine", () => {
  assertEquals(notesOf(["/usr/bin/dd", "of=/dev/nvme0n1"]), [
    "argument 1 names a disk (block device): what is written there replaces what is on it",
  ]);
  assertEquals(notesOf(["/usr/bin/tee", "/etc/sudoers.d/x"]), [
    "argument 1 names a file that decides who may become root",
  ]);
  assertEquals(notesOf(["/usr/bin/tee", "/etc/shadow"]), [
    "argument 1 names the file with the passwords of this machine",
  ]);
  assertEquals(notesOf(["/usr/bin/tee", "/root/.ssh/authorized_keys"]), [
    "argument 1 names a file that decides who may log in over SSH",
  ]);
  assertEquals(notesOf(["/usr/bin/cat", "/etc/shadowed", "/dev/null", "/etc/sudoers-old.txt"]), []);
});

Deno.test("stageNotes() says what a recursive deletion close to the root takes along", () => {
  assertEquals(notesOf(["/bin/rm", "-rf", "/"]), ["</> is deleted, and everything below it"]);
  assertEquals(notesOf(["/bin/rm", "--recursive", "/usr/../etc"]), [
    "</etc> is deleted, and everything below it",
  ]);
  assertEquals(notesOf(["/bin/rm", "-r", "lib"], { cwd: "/usr" }), [
    "</usr/lib> is deleted, and everything below it",
  ]);
  assertEquals(notesOf(["/bin/rm", "-rf", "/home/me/build"]), []);
  assertEquals(notesOf(["/bin/rm", "/etc/motd"]), []);
});

Deno.test("requestNotes() warns of HOME for root alone", () => {
  const env = [["HOME", "/tmp"]] as const;
  assertEquals(requestNotes(resolved("1", { env })).length, 1);
  assertEquals(requestNotes(resolved("1", { env, privileged: false })), []);
  assertEquals(requestNotes(resolved("1")), []);
});

Deno.test("scriptArguments() finds the file that an interpreter is given", () => {
  assertEquals(scriptArguments("/bin/sh", ["-e", "./deploy.sh", "now"]), ["./deploy.sh", "now"]);
  assertEquals(scriptArguments("/bin/sh", ["-c", "id", "x.sh"]), []);
  assertEquals(scriptArguments("/usr/bin/cat", ["x.sh"]), []);
  assertEquals(scriptArguments("/usr/bin/python3", []), []);
});

Deno.test("stageNotes() keeps the text of a request out of its own words, and stays short", () => {
  assertEquals(notesOf(["/usr/bin/tee", "/ is safe. It is not /etc/sudoers"]), [
    "argument 1 names a file that decides who may become root",
  ]);
  const many = notesOf(["/usr/bin/tee", ...Array(100).fill("/etc/shadow")]);
  assertEquals(many.length, 9);
  assertEquals(many.at(-1), "92 more notes like these");
});
