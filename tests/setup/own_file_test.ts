import { writeNew } from "../../lib/platform/replace_file.ts";
import { readOwnFile, replaceOwnFile } from "../../lib/setup/own_file.ts";
import { assertEquals, assertThrows, defined } from "../rig/assert.ts";

const uid = Deno.uid() ?? 0;

/** Runs a test in a folder of its own. */
async function inFolder(test: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("replaceOwnFile() replaces nothing that another program has changed since it was read", () =>
  inFolder((folder) => {
    const path = `${folder}/config.json`;
    Deno.writeTextFileSync(path, "{}");
    const file = readOwnFile(path, uid);
    Deno.writeTextFileSync(path, '{"new": 1}');
    assertThrows(
      () => replaceOwnFile(file, "mine", 0o600),
      /was changed meanwhile by another program/,
    );
    assertEquals(Deno.readTextFileSync(path), '{"new": 1}');
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["config.json"]);

    const missing = readOwnFile(`${folder}/other.json`, uid);
    Deno.writeTextFileSync(`${folder}/other.json`, "theirs");
    assertThrows(() => replaceOwnFile(missing, "mine", 0o600), /was changed meanwhile/);
    assertEquals(Deno.readTextFileSync(`${folder}/other.json`), "theirs");
  }));

Deno.test("replaceOwnFile() keeps the permission bits, whatever the mask, and follows no leftover link", () =>
  inFolder((folder) => {
    const path = `${folder}/config.json`;
    Deno.writeTextFileSync(path, "{}");
    Deno.chmodSync(path, 0o666);
    Deno.writeTextFileSync(`${folder}/victim`, "theirs");
    Deno.symlinkSync(`${folder}/victim`, `${path}.sudo-proxy-new`);
    replaceOwnFile(readOwnFile(path, uid), "mine", 0o600);
    assertEquals(Deno.readTextFileSync(path), "mine");
    assertEquals(defined(Deno.statSync(path).mode) & 0o777, 0o666);
    assertEquals(Deno.readTextFileSync(`${folder}/victim`), "theirs");
    assertEquals(Deno.lstatSync(path).isFile, true);
  }));

Deno.test("writeNew() writes in place of a link, not through it", () =>
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/victim`, "theirs");
    Deno.symlinkSync(`${folder}/victim`, `${folder}/copy`);
    writeNew(`${folder}/copy`, "mine", 0o600);
    assertEquals(Deno.readTextFileSync(`${folder}/victim`), "theirs");
    assertEquals(Deno.readTextFileSync(`${folder}/copy`), "mine");
    assertEquals(defined(Deno.lstatSync(`${folder}/copy`).mode) & 0o777, 0o600);
  }));
