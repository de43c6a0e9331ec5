import { requestNotes, stageNotes } from "../../lib/view/risk_notes.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { type Choice, namedPath, resolved } from "../session/resolved.ts";

function notesOf(
  words: readonly string[],
  choice: Choice = {},
  found: Parameters<typeof resolved>[2] = {},
): string[] {
  const request = resolved("1", { pipeline: [words], ...choice }, found);
  return request.stages.flatMap((stage) => stageNotes(stage, request))
    .map(({ about, text }) => about === undefined ? text : `<${about}> ${text}`);
}

Deno.test("stageNotes() says that an interpreter is given code, and in which argument", () => {
  assertEquals(notesOf(["/bin/sh", "-c", "id"]), ["runs a script given as argument 2"]);
  assertEquals(notesOf(["/bin/bash", "-euxc", "id"]), [
    "runs a script given as argument 2",
  ]);
  assertEquals(notesOf(["/usr/bin/python3.11", "-c", "x"]), [
    "runs a script given as argument 2",
  ]);
  assertEquals(notesOf(["/usr/bin/perl", "-w", "-ne", "print"]), [
    "runs a script given as argument 3",
  ]);
  assertEquals(notesOf(["/usr/bin/node", "-r", "x", "--eval", "x"]), [
    "runs a script given as argument 4",
  ]);
  assertEquals(notesOf(["/usr/bin/echo", "-c", "id"]), []);
  assertEquals(notesOf(["/bin/sh", "-c"]), []);
  assertEquals(notesOf(["/bin/bash", "-o", "pipefail", "--rcfile", "x", "-c", "id"]), [
    "runs a script given as argument 6",
  ]);
});

Deno.test("stageNotes() counts options up to the first operand alone", () => {
  assertEquals(notesOf(["/bin/bash", "x.sh", "-c", "id"]), []);
  assertEquals(notesOf(["/bin/bash", "--", "-c", "id"]), []);
  assertEquals(notesOf(["/bin/bash", "-norc", "x.sh"]), []);
  assertEquals(notesOf(["/bin/bash", "--rcfile", "-c", "x.sh"]), []);
  assertEquals(notesOf(["/usr/bin/python3", "x.py", "-c", "x"]), []);
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
  const folder = { isFile: false };
  const remove = (words: string[], at: string, realPath = at) => {
    const named = namedPath(2, at, folder);
    const identity = { ...named.identity, realPath };
    return notesOf(["/bin/rm", ...words], {}, { named: [{ ...named, identity }] });
  };
  assertEquals(remove(["-rf", "/"], "/"), ["</> is deleted, and everything below it"]);
  assertEquals(remove(["--recursive", "lib"], "/usr/lib"), [
    "</usr/lib> is deleted, and everything below it",
  ]);
  assertEquals(remove(["-r", "/lib"], "/lib", "/usr/lib"), ["</lib> is a link, and is deleted"]);
  assertEquals(remove(["-rf", "build"], "/home/me/build"), []);
  assertEquals(remove(["/etc/motd"], "/etc/motd"), []);
  assertEquals(notesOf(["/bin/rm", "-r", "/nothing"]), []);
});

Deno.test("stageNotes() describes what was found, and decides nothing about it", () => {
  const you = { path: "/home/me", who: "belongs to you" };
  const named = [namedPath(1, "/home/me/x", { changeable: you }), namedPath(2, "/etc/y")];
  const files = ["/home/me/x", "/etc/y"].map((path) =>
    `<${path}> is a file whose content is not shown`
  );
  assertEquals(notesOf(["/usr/bin/anything"], {}, { named }), [
    "</home/me> belongs to you: others can change a file that an argument names",
    ...files,
  ]);
  assertEquals(notesOf(["/usr/bin/anything"], { privileged: false }, { named }), files);
  assertEquals(notesOf(["/usr/bin/anything"], {}, { unseen: [1, 2, 3], unlooked: 9 }), [
    "argument 1 leads where sudo-proxy can't look: a change before it runs goes unnoticed",
    "argument 2 leads where sudo-proxy can't look: a change before it runs goes unnoticed",
    "the same holds for 1 more of the arguments",
    "9 more arguments were not looked at: a change of files that they name goes unnoticed",
  ]);
});

Deno.test("requestNotes() warns of HOME for root alone", () => {
  const env = [["HOME", "/tmp"]] as const;
  assertEquals(requestNotes(resolved("1", { env })).length, 1);
  assertEquals(requestNotes(resolved("1", { env, privileged: false })), []);
  assertEquals(requestNotes(resolved("1")), []);
});

Deno.test("requestNotes() says that others can change the folder in which root works", () => {
  const cwdChangeable = { path: "/srv", who: "belongs to you" };
  assertEquals(
    requestNotes({ ...resolved("1"), cwdChangeable }).map(({ about, text }) => [about, text]),
    [["/srv", "belongs to you: others can change what is in the folder"]],
  );
  assertEquals(requestNotes({ ...resolved("1", { privileged: false }), cwdChangeable }), []);
});

Deno.test("stageNotes() keeps the text of a request out of its own words, and stays short", () => {
  assertEquals(notesOf(["/usr/bin/tee", "/ is safe. It is not /etc/sudoers"]), [
    "argument 1 names a file that decides who may become root",
  ]);
  const many = notesOf(["/usr/bin/tee", ...Array(100).fill("/etc/shadow")]);
  assertEquals(many.length, 9);
  assertEquals(many.at(-1), "92 more notes, perhaps of other kinds");
});

Deno.test("stageNotes() leaves out no kind of warning for many of another", () => {
  const changeable = { path: "/home/kim", who: "belongs to kim" };
  const identity = { realPath: "/home/kim/x.sh", dev: 1, ino: 1, size: 1, mtimeMs: 0, ctimeMs: 0 };
  const script = {
    argument: 1,
    at: "argument 1",
    path: "/home/kim/x.sh",
    compared: "content",
    isFile: true,
    identity,
    changeable,
  } as const;
  const notes = notesOf(["/bin/sh", "x.sh", ...Array(100).fill("/etc/shadow")], {}, {
    named: [script],
  });
  assertTrue(notes.some((note) => note.includes("belongs to kim: others can change")), `${notes}`);
});
