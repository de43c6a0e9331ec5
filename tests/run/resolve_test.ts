import { type ResolvedRequest, validatedRequest } from "../../lib/admit/request.ts";
import type { Fault } from "../../lib/protocol/codes.ts";
import { MAX_LOOKED_AT } from "../../lib/run/named.ts";
import { resolveRequest } from "../../lib/run/resolve.ts";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { resolved } from "../session/resolved.ts";

const USER = { uid: 4321, userPath: "relative::/nowhere:/usr/bin:/bin" };

/** A folder with a program, a script that is not executable, and a file. */
async function makeFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.realPath(await Deno.makeTempDir());
  await Deno.writeTextFile(`${path}/tool`, "#!/bin/sh\n", { mode: 0o755 });
  await Deno.writeTextFile(`${path}/script`, "echo\n", { mode: 0o644 });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

async function resolve(
  choice: Parameters<typeof resolved>[1],
): Promise<{ readonly request: ResolvedRequest } | { readonly fault: Fault }> {
  return await resolveRequest(validatedRequest(resolved("one", choice)), USER);
}

async function found(choice: Parameters<typeof resolved>[1]): Promise<ResolvedRequest> {
  const result = await resolve(choice);
  assertTrue("request" in result, "fault" in result ? result.fault.message : "");
  return result.request;
}

Deno.test("resolveRequest() looks in the user's PATH, but never in a folder that is not absolute", async () => {
  await using folder = await makeFolder();
  const request = await found({ pipeline: [["sh"]], privileged: false, cwd: folder.path });
  assertEquals(request.stages[0]?.program, "/usr/bin/sh");
  const result = await resolve({ pipeline: [["tool"]], privileged: false, cwd: folder.path });
  assertTrue("fault" in result);
  assertEquals(
    result.fault.message,
    `invalid request: "pipeline[0]" must name a program: "tool" is not in ${USER.userPath}`,
  );
});

Deno.test("resolveRequest() takes a relative path from the working folder", async () => {
  await using folder = await makeFolder();
  const request = await found({ pipeline: [["./tool", "script"]], cwd: folder.path });
  assertEquals(request.stages[0]?.program, `${folder.path}/tool`);
  assertEquals(request.asRoot, true);
  assertEquals(request.cwdIdentity.realPath, folder.path);
});

Deno.test("resolveRequest() says of each program that can't run why, with a code", async () => {
  await using folder = await makeFolder();
  const faults: readonly (readonly [Parameters<typeof resolved>[1], RegExp])[] = [
    [{ pipeline: [["./script"]] }, /"pipeline\[0\]" must name a program: .*\/script is not exec/],
    [{ pipeline: [["true"], ["./none"]] }, /"pipeline\[1\]" must name .*\/none does not exist/],
    [{ pipeline: [["/"]] }, /: \/ is a folder/],
    [{ pipeline: [["/dev/null"]] }, /\/dev\/null (?:is not a file|leads where)/],
    [{ cwd: `${folder.path}/none` }, /"cwd" must be a folder that can be entered/],
    [{ cwd: `${folder.path}/tool` }, /"cwd" must be a folder that can be entered/],
  ];
  for (const [choice, pattern] of faults) {
    const result = await resolve({ cwd: folder.path, ...choice });
    assertTrue("fault" in result);
    assertEquals(result.fault.code, "invalid_request");
    assertMatch(result.fault.message, pattern);
  }
});

Deno.test("resolveRequest() finds every path that an argument can name", async () => {
  await using folder = await makeFolder();
  const args = [
    "script",
    "--file=script",
    "of=script",
    "-fscript",
    "@script",
    "nothing",
    "-x",
    ".",
  ];
  const request = await found({ pipeline: [["sh", ...args]], cwd: folder.path });
  assertEquals(
    request.stages.flatMap(({ named }) =>
      named.map(({ argument, at, compared }) => [argument, at, compared])
    ),
    [
      ...[1, 2, 3, 4, 5].map((argument) => [argument, `${folder.path}/script`, "content"]),
      [8, folder.path, "identity"],
    ],
  );
  assertEquals<unknown>(request.stages.map(({ unseen, unlooked }) => [unseen, unlooked]), [[
    [],
    0,
  ]]);
});

Deno.test("resolveRequest() lets files change where every stage only prints them", async () => {
  await using folder = await makeFolder();
  const comparedIn = async (...pipeline: string[][]) => {
    const { stages } = await found({ pipeline, cwd: folder.path });
    return stages.flatMap(({ named }) => named.map(({ compared }) => compared));
  };
  assertEquals(await comparedIn(["cat", "script"], ["head", "-1"]), ["identity"]);
  assertEquals(await comparedIn(["cat", "script"], ["sh"]), ["content"]);
});

Deno.test("resolveRequest() looks at so many arguments of all stages, and counts the rest", async () => {
  const many = Array<string>(MAX_LOOKED_AT - 1).fill("-");
  const { stages } = await found({
    pipeline: [["true", ...many], ["true", "/etc", "/etc", "/etc"]],
  });
  assertEquals(stages.map(({ unlooked }) => unlooked), [0, 2]);
  assertEquals(stages.map(({ named }) => named.length), [0, 1]);
});

Deno.test("resolveRequest() takes what is too long for the kernel for no path", async () => {
  const { stages } = await found({
    pipeline: [["true", "x".repeat(256), "é".repeat(128), "/x".repeat(3000), "/é".repeat(1366)]],
  });
  assertEquals<unknown>(stages.map(({ named, unseen }) => [named, unseen]), [[[], []]]);
});
