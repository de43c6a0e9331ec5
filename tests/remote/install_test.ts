import {
  compareVersions,
  installStep,
  type InstallTarget,
  machineOf,
  parseTarget,
  systemFault,
} from "../../lib/remote/install.ts";
import {
  FACTS_BEGIN,
  FACTS_END,
  INSTALL_EXIT,
  installCommand,
  TARGET_COMMAND,
} from "../../lib/remote/remote_shell.ts";
import { assertEquals, assertMatch, assertThrows, assertTrue } from "../rig/assert.ts";
import { printingProgram } from "../rig/elf.ts";
import { execute, lacks } from "../rig/tools.ts";

const HASH = "0".repeat(64);

function answer(fields: Readonly<Record<string, string | undefined>>): string {
  const lines = Object.entries({
    system: "Linux",
    machine: "x86_64",
    home: "/home/anna",
    libc: "glibc 2.36",
    program: "",
    version: "",
    ...fields,
  }).map(([name, value]) => `${name}=${value}`);
  return [FACTS_BEGIN, ...lines, FACTS_END, ""].join("\n");
}

function target(fields: Readonly<Record<string, string>>): InstallTarget {
  const parsed = parseTarget(answer(fields));
  if (typeof parsed === "string") throw new Error(parsed);
  return parsed;
}

Deno.test("parseTarget() finds the version of glibc as getconf and as ldd say it", () => {
  for (
    const [libc, glibc] of [
      ["glibc 2.27", "2.27"],
      ["ldd (Debian GLIBC 2.36-9+deb12u10) 2.36", "2.36"],
      ["ldd (GNU libc) 2.34", "2.34"],
      ["musl libc (x86_64)", undefined],
      ["", undefined],
    ] as const
  ) assertEquals(target({ libc }).glibc, glibc, libc);
});

Deno.test("parseTarget() takes no path and no name that could draw on a terminal", () => {
  for (
    const fields of [
      { home: "" },
      { home: "anna" },
      { home: "/home/\x1b[2J" },
      { home: "/home/../etc" },
      { program: "/bin/a b" },
    ] satisfies Record<string, string>[]
  ) assertTrue(typeof parseTarget(answer(fields)) === "string", JSON.stringify(fields));
  assertEquals(target({ system: "\x1b[2J", machine: "a b" }).machine, "unknown");
  assertMatch(String(parseTarget("no shell here")), /did not run the question/);
});

Deno.test("systemFault() takes Linux of the binary's architecture with glibc 2.27 or later", () => {
  for (
    const [fields, machine, expected] of [
      [{}, "x86_64", undefined],
      [{ machine: "amd64" }, "x86_64", undefined],
      [{ machine: "aarch64" }, "aarch64", undefined],
      [{ libc: "glibc 2.27" }, "x86_64", undefined],
      [{ libc: "glibc 2.9" }, "x86_64", /has glibc 2\.9, .* needs 2\.27/],
      [{ libc: "glibc 2.26" }, "x86_64", /has glibc 2\.26/],
      [{ libc: "musl libc (x86_64)" }, "x86_64", /has no glibc/],
      [{ machine: "aarch64" }, "x86_64", /it is aarch64, and this binary is for x86_64/],
      [{ machine: "armv7l" }, "aarch64", /it is armv7l/],
      [{ system: "Darwin", machine: "arm64" }, "aarch64", /runs Darwin/],
    ] as const
  ) {
    const fault = systemFault(target(fields), machine);
    if (expected === undefined) assertEquals(fault, undefined, JSON.stringify(fields));
    else assertMatch(fault ?? "", expected);
  }
});

Deno.test("machineOf() reads the head of a program, and knows what is none", () => {
  assertEquals(machineOf(printingProgram("x")), "x86_64");
  assertEquals(machineOf(printingProgram("x", "aarch64")), "aarch64");
  for (
    const bytes of [new TextEncoder().encode("#!/bin/sh\n"), new Uint8Array(), new Uint8Array(64)]
  ) {
    assertEquals(machineOf(bytes), undefined);
  }
});

Deno.test("compareVersions() orders versions as Semantic Versioning does", () => {
  const inOrder = ["0.0.9", "0.1.0-beta", "0.1.0-rc.1", "0.1.0", "0.1.1", "0.10", "1.2.0"];
  for (const [at, one] of inOrder.entries()) {
    for (const [other, version] of inOrder.entries()) {
      assertEquals(Math.sign(compareVersions(one, version)), Math.sign(at - other), one + version);
    }
  }
  assertEquals(compareVersions("1.0", "1.0.0+build"), 0);
});

Deno.test("installStep() replaces what is older, and only where the launcher would start it", () => {
  const own = "/home/anna/.local/bin/sudo-proxy";
  for (
    const [program, version, step] of [
      ["", "", "new"],
      [own, "0.0.1", "update"],
      ["/home/anna/.local/bin//sudo-proxy", "0.0.1", "update"],
      [own, "", "update"],
      [own, "0.1.0", "same"],
      [own, "0.2.0", "newer"],
      ["/usr/bin/sudo-proxy", "0.1.0", "same"],
      ["/usr/bin/sudo-proxy", "0.2.0", "newer"],
      ["/usr/bin/sudo-proxy", "0.0.1", "elsewhere"],
    ] as const
  ) {
    const found = target({ program, first: program, version });
    assertEquals(installStep(found, "0.1.0"), step, program + version);
  }
  // The launcher looks there last.
  const last = target({ program: "/home/anna/.deno/bin/sudo-proxy", version: "0.0.1" });
  assertEquals(installStep(last, "0.1.0"), "update");
});

Deno.test("what reaches the shell of a host is fixed text but for a hash and a version", () => {
  for (const command of [TARGET_COMMAND, installCommand(HASH, "0.1.0-rc.1+x")]) {
    assertMatch(command, /^exec sh -c '[^'\\!\n]*'$/);
  }
  for (const [hash, version] of [[`${HASH}'`, "1"], ["", "1"], [HASH, '1"; x'], [HASH, ""]]) {
    assertThrows(() => installCommand(String(hash), String(version)), /Cannot install/);
  }
});

Deno.test({
  name: "a host keeps nothing of a program that came in part, that differs, or that does not run",
  ignore: lacks("sh") || Deno.build.arch !== "x86_64",
  async fn(t) {
    const home = await Deno.makeTempDir({ prefix: "sudo-proxy-test-" });
    const folder = `${home}/.local/bin`;
    const hex = async (bytes: Uint8Array<ArrayBuffer>) =>
      new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    const install = async (sent: string, bytes: Uint8Array<ArrayBuffer>) => {
      const command = installCommand(await hex(bytes), "0.1.0");
      return await execute(["env", `HOME=${home}`, "sh", "-c", command], sent);
    };
    const files = (inside = "") => [...Deno.readDirSync(folder + inside)].map(({ name }) => name);
    const script = "#!/bin/sh\necho 0.1.0\n";
    const bytes = new TextEncoder().encode(script);
    try {
      for (
        const [name, sent, expected, exit] of [
          ["in part", script.slice(0, -5), bytes, "otherHash"],
          ["nothing", "", bytes, "otherHash"],
          ["too much", `${script}#`, bytes, "otherHash"],
          [
            "another version",
            "#!/bin/sh\necho 0.1.01\n",
            new TextEncoder().encode("#!/bin/sh\necho 0.1.01\n"),
            "otherVersion",
          ],
          ["no program", "\x01", new Uint8Array([1]), "otherVersion"],
        ] as const
      ) {
        await t.step(name, async () => {
          assertEquals((await install(sent, expected)).code, INSTALL_EXIT[exit]);
          assertEquals(files(), []);
        });
      }
      await t.step(
        "what is right takes its place, with its mode, also that of a link",
        async () => {
          await Deno.writeTextFile(`${home}/other`, "stays");
          await Deno.symlink(`${home}/other`, `${folder}/sudo-proxy`);
          const { code, stderr } = await install(script, bytes);
          assertEquals([code, stderr], [0, ""]);
          assertEquals(files(), ["sudo-proxy"]);
          const info = await Deno.lstat(`${folder}/sudo-proxy`);
          assertEquals([info.isFile, (info.mode ?? 0) & 0o777], [true, 0o755]);
          assertEquals(await Deno.readTextFile(`${home}/other`), "stays");
        },
      );
      await t.step("a folder in its place stays as it is", async () => {
        await Deno.remove(`${folder}/sudo-proxy`);
        await Deno.mkdir(`${folder}/sudo-proxy`);
        assertEquals((await install(script, bytes)).code, INSTALL_EXIT.isFolder);
        assertEquals(files("/sudo-proxy"), []);
        assertEquals(files(), ["sudo-proxy"]);
      });
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});
