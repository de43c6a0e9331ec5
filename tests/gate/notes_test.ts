import { requestNotes, scriptArgument, stageNotes } from "../../lib/gate/notes.ts";
import { assertEquals } from "../rig/assert.ts";
import { type Choice, resolved } from "./resolved.ts";

function notesOf(words: readonly string[], choice: Choice = {}): string[] {
  const request = resolved("1", { pipeline: [words], ...choice });
  return request.stages.flatMap((stage) => stageNotes(stage, request));
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
    "/dev/nvme0n1 is a disk (block device): what is written there replaces what is on it",
  ]);
  assertEquals(notesOf(["/usr/bin/tee", "/etc/sudoers.d/x"]), [
    "/etc/sudoers.d/x decides who may become root",
  ]);
  assertEquals(notesOf(["/usr/bin/tee", "/etc/shadow"]), [
    "/etc/shadow holds the passwords of this machine",
  ]);
  assertEquals(notesOf(["/usr/bin/tee", "/root/.ssh/authorized_keys"]), [
    "/root/.ssh/authorized_keys decides who may log in over SSH",
  ]);
  assertEquals(notesOf(["/usr/bin/cat", "/etc/shadowed", "/dev/null", "/etc/sudoers-old.txt"]), []);
});

Deno.test("stageNotes() says what a recursive deletion close to the root takes along", () => {
  assertEquals(notesOf(["/bin/rm", "-rf", "/"]), ["everything below / is deleted"]);
  assertEquals(notesOf(["/bin/rm", "--recursive", "/usr/../etc"]), [
    "everything below /etc is deleted",
  ]);
  assertEquals(notesOf(["/bin/rm", "-r", "lib"], { cwd: "/usr" }), [
    "everything below /usr/lib is deleted",
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

Deno.test("scriptArgument() finds the file that an interpreter is given", () => {
  assertEquals(scriptArgument("/bin/sh", ["-e", "./deploy.sh", "now"]), "./deploy.sh");
  assertEquals(scriptArgument("/bin/sh", ["-c", "id", "x.sh"]), undefined);
  assertEquals(scriptArgument("/usr/bin/cat", ["x.sh"]), undefined);
  assertEquals(scriptArgument("/usr/bin/python3", []), undefined);
});
