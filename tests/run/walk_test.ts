import { changeableBy } from "../../lib/run/changeable.ts";
import { identityOf, isUnchanged } from "../../lib/run/identity.ts";
import { UnfollowedPathError, walk } from "../../lib/run/walk.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";

/** A folder with `far/deep`, a link `lnk` to it, and a file beside each. */
async function makeFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.realPath(await Deno.makeTempDir());
  await Deno.mkdir(`${path}/far/deep`, { recursive: true });
  await Deno.writeTextFile(`${path}/file`, "near");
  await Deno.writeTextFile(`${path}/far/file`, "far");
  await Deno.symlink("far/deep", `${path}/lnk`);
  await Deno.symlink(`${path}/far/file`, `${path}/last`);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

async function errorOf(path: string): Promise<unknown> {
  return await walk(path).then(() => undefined, (error) => error);
}

Deno.test("walk() takes .. after a link where the kernel does", async () => {
  await using folder = await makeFolder();
  const { path, realPath } = await walk(`${folder.path}/lnk/../file`);
  assertEquals([path, realPath], [`${folder.path}/far/file`, `${folder.path}/far/file`]);
  assertEquals((await walk("/../../etc/./passwd")).path, "/etc/passwd");
  assertEquals((await walk("/..")).path, "/");
});

Deno.test("walk() keeps a link at the end in the path, and follows it for the real path", async () => {
  await using folder = await makeFolder();
  const { path, realPath, visited } = await walk(`${folder.path}/lnk/../../last`);
  assertEquals([path, realPath], [`${folder.path}/last`, `${folder.path}/far/file`]);
  for (const name of ["", "/lnk", "/far", "/far/deep", "/last", "/far/file"]) {
    assertTrue(visited.has(folder.path + name), name);
  }
  const slash = await walk(`${folder.path}/lnk/`);
  assertEquals(slash.path, `${folder.path}/far/deep`);
});

Deno.test("walk() finds nothing below a file, where nothing is, and in a loop", async () => {
  await using folder = await makeFolder();
  await Deno.symlink("loop", `${folder.path}/loop`);
  assertTrue(await errorOf(`${folder.path}/file/`) instanceof Deno.errors.NotADirectory);
  assertTrue(await errorOf(`${folder.path}/file/..`) instanceof Deno.errors.NotADirectory);
  assertTrue(await errorOf(`${folder.path}/none`) instanceof Deno.errors.NotFound);
  assertTrue(await errorOf(`${folder.path}/loop`) instanceof Deno.errors.FilesystemLoop);
});

Deno.test("walk() believes no link that leads elsewhere than its text says", async () => {
  const error = await errorOf("/proc/self/root/etc/passwd");
  // With partial grants, Deno itself keeps us out of /proc.
  assertTrue(error instanceof UnfollowedPathError || error instanceof Deno.errors.NotCapable);
});

Deno.test("walk() gives up on links that make a short path very long", async () => {
  await using folder = await makeFolder();
  await Deno.mkdir(`${folder.path}/d`);
  await Deno.symlink(`${"d/../".repeat(600)}file`, `${folder.path}/b`);
  await Deno.symlink(`${"d/../".repeat(600)}b`, `${folder.path}/a`);
  assertEquals((await walk(`${folder.path}/b`)).realPath, `${folder.path}/file`);
  assertTrue(await errorOf(`${folder.path}/a`) instanceof UnfollowedPathError);
});

Deno.test("isUnchanged() compares the content, or only which file it is", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/last`;
  const shown = identityOf(await walk(path));
  assertEquals(await isUnchanged(path, shown, "content"), true);
  await Deno.writeTextFile(`${folder.path}/far/file`, "longer");
  assertEquals(await isUnchanged(path, shown, "content"), false);
  assertEquals(await isUnchanged(path, shown, "identity"), true);
  await Deno.remove(path);
  assertEquals(await isUnchanged(path, shown, "identity"), false);
  await Deno.symlink(`${folder.path}/file`, path);
  assertEquals(await isUnchanged(path, shown, "identity"), false);
});

Deno.test("changeableBy() names the first thing on the way that someone but root can change", () => {
  const info = (mode: number, uid = 0, kind: Partial<Deno.FileInfo> = { isDirectory: true }) =>
    // Only what changeableBy() reads.
    ({ mode, uid, gid: 7, ...kind }) as Deno.FileInfo;
  const file = { isFile: true };
  const whoOf = (...visited: readonly (readonly [string, Deno.FileInfo])[]) => {
    const found = { path: "", realPath: "", info: info(0), visited: new Map(visited) };
    const changeable = changeableBy(found, 1000);
    return changeable && `${changeable.path} ${changeable.who}`;
  };
  const root = ["/", info(0o755)] as const;
  assertEquals(whoOf(root, ["/x", info(0o755, 0, file)]), undefined);
  assertEquals(whoOf(root, ["/x", info(0o755, 1000, file)]), "/x belongs to you");
  assertEquals(
    whoOf(["/x", info(0o755, 1001)], ["/x/y", info(0o777, 0, file)]),
    "/x belongs to the user with the id 1001",
  );
  assertEquals(whoOf(root, ["/x", info(0o757, 0, file)]), "/x can be written by everybody");
  assertEquals(
    whoOf(root, ["/x", info(0o775)]),
    "/x can be written by the group with the id 7, or by whom an access list names",
  );
  assertEquals(whoOf(root, ["/tmp", info(0o1777)]), undefined, "a sticky folder");
  assertEquals(whoOf(root, ["/x", info(0o1777, 0, file)]), "/x can be written by everybody");
  assertEquals(whoOf(root, ["/l", info(0o777, 0, { isSymlink: true })]), undefined);
  assertEquals(whoOf(root, ["/l", info(0o777, 1000, { isSymlink: true })]), "/l belongs to you");
});
