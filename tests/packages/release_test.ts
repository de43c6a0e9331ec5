import { Ajv } from "ajv";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { lacks, succeed } from "../rig/tools.ts";
import config from "../../deno.json" with { type: "json" };
import { namesIn, sha256 } from "../../packaging/common.ts";
import { TEST_PACKAGES } from "../../packaging/sbom.ts";
import { standInTools } from "../binary/standin.ts";
import { BuildFolder } from "./newcomer.ts";

const ROOT = new URL("../../", import.meta.url);

async function readJson(path: string | URL) {
  return JSON.parse(await Deno.readTextFile(path));
}

/** Deno 2.6 and its runtime; the tests of the compiled program say what is missing. */
const older = await standInTools();

Deno.test({
  name: "a release refuses a runtime whose hash nobody has written down, and says which",
  ignore: lacks("git", "node", "npm", "dpkg-deb"),
  async fn() {
    await using folder = await BuildFolder.make();
    const denort = `${folder.path}/denort`;
    const pins = `${folder.path}/pins`;
    await Deno.writeTextFile(denort, "a runtime\n");
    const line = (machine: string, hash: string) => `${hash}  ${machine}/denort`;
    const right = await sha256(denort);
    for (
      const [text, said] of [
        [
          undefined,
          /packaging\/denort\.sha256 has (no|another) hash for the denort of x86_64\. Check/,
        ],
        ["", /has no hash for the denort of x86_64/],
        [line("aarch64", right), /has no hash for the denort of x86_64/],
        [line("x86_64", "0".repeat(64)), /has another hash for the denort of x86_64/],
      ] as const
    ) {
      if (text !== undefined) await Deno.writeTextFile(pins, `${text}\n`);
      const { code, stderr } = await folder.tryTask(
        "release",
        `--denort-x64=${denort}`,
        ...(text === undefined ? [] : [`--pins=${pins}`]),
      );
      assertEquals(code, 1, stderr);
      assertMatch(stderr, said);
      assertTrue(stderr.includes(line("x86_64", right)), stderr);
      // Nothing was made.
      assertEquals(namesIn(folder.path).filter((name) => name === "release"), []);
    }
  },
});

Deno.test({
  name:
    "a release is the same twice, tells what it left out, and its sums, parts and key are right",
  ignore: lacks("git", "node", "npm", "dpkg-deb", "minisign"),
  async fn(t) {
    const compiler = older === undefined ? [] : [`SUDO_PROXY_COMPILER=${older}/deno`];
    await using first = await BuildFolder.make(...compiler);
    await using second = await BuildFolder.make(...compiler);
    const options: string[] = [];
    if (older !== undefined) {
      const denort = `${older}/denort`;
      const pins = `${first.path}/pins`;
      await Deno.writeTextFile(pins, `${await sha256(denort)}  x86_64/denort\n`);
      options.push(`--denort-x64=${denort}`, `--pins=${pins}`);
    }
    const key = `${first.path}/key`;
    await succeed(["minisign", "-G", "-W", "-p", `${key}.pub`, "-s", key]);
    const said = await first.task("release", ...options);
    const release = `${first.path}/release`;

    await t.step("the same bytes, in another folder", async () => {
      await second.task("release", ...options, `--key=${key}`);
      const sums = await Deno.readTextFile(`${second.path}/release/SHA256SUMS`);
      assertEquals(sums, await Deno.readTextFile(`${release}/SHA256SUMS`));
      const named = sums.trim().split("\n").map((line) => line.split("  ")[1]);
      assertEquals([...named, "SHA256SUMS"].sort(), namesIn(release));
      for (const line of sums.trim().split("\n")) {
        const [hash, name] = line.split("  ");
        assertEquals(await sha256(`${release}/${name}`), hash);
      }
    });

    await t.step({
      name: "the program in it starts, and its packages are there",
      ignore: older === undefined,
      async fn() {
        const names = namesIn(release);
        const { version } = config;
        const binary = `sudo-proxy-${version}-linux-x86_64`;
        for (
          const name of [
            binary,
            `sudo-proxy_${version}_amd64.deb`,
            `sudo-proxy-${version}-x86_64.mcpb`,
          ]
        ) {
          assertTrue(names.includes(name), names.join(" "));
        }
        // The older runtime knows no grants of sockets: this subcommand needs none.
        assertMatch(
          await succeed(["env", `${release}/${binary}`, "audit", "--help"]),
          /^Usage: sudo-proxy audit/,
        );
      },
    });

    await t.step("what was left out is named", () => {
      const left = [...(older === undefined ? ["x86_64"] : []), "aarch64", "signature"];
      assertEquals(
        said.split("\n").filter((line) => line.startsWith("Left out")).length,
        left.length,
      );
      for (const what of left) {
        assertMatch(said, new RegExp(`^Left out: .*${what}`, "m"));
      }
    });

    await t.step("the signature is good, and nothing else is", async () => {
      const sums = `${second.path}/release/SHA256SUMS`;
      const verify = ["minisign", "-V", "-q", "-p", `${key}.pub`, "-m", sums];
      await succeed(verify);
      await Deno.writeTextFile(sums, "x", { append: true });
      assertTrue(await succeed(verify).then(() => false, () => true));
    });

    await t.step("server.json has the hash of each package, and is valid", async () => {
      const server = await readJson(`${release}/server.json`);
      const files = [
        `tarides-sudo-proxy-${config.version}.tgz`,
        `sudo-proxy-${config.version}.mcpb`,
      ];
      const hashes = await Promise.all(files.map((name) => sha256(`${release}/${name}`)));
      const packages: { fileSha256: string; version: string }[] = server.packages;
      assertEquals(packages.map(({ fileSha256 }) => fileSha256), hashes);
      assertTrue(server.packages[1].identifier.endsWith(`v${config.version}/${files[1]}`));
      assertTrue(packages.every(({ version }) => version === config.version));
      const schema = await readJson(new URL("tests/fixtures/schemas/server.schema.json", ROOT));
      const check = new Ajv().compile(schema);
      assertTrue(check(server), JSON.stringify(check.errors));
    });

    await t.step(
      "the bill of materials has each package of the program, with its hash",
      async () => {
        const bom = await readJson(`${release}/sudo-proxy-${config.version}.cdx.json`);
        assertEquals([bom.bomFormat, bom.specVersion], ["CycloneDX", "1.6"]);
        const components: { purl: string; hashes: { content: string }[] }[] = bom.components;
        const names = components.map(({ purl }) =>
          decodeURIComponent(purl).slice("pkg:npm/".length)
        );
        const { npm } = await readJson(new URL("deno.lock", ROOT));
        for (const name of Object.keys(config.imports)) {
          const at = names.findIndex((found) => found.slice(0, found.lastIndexOf("@")) === name);
          if (TEST_PACKAGES.includes(name) && name !== "ajv") assertEquals(at, -1, name);
          if (TEST_PACKAGES.includes(name)) continue;
          const [, locked] = Object.entries<{ integrity: string }>(npm)
            .find(([key]) => key === names[at] || key.startsWith(`${names[at]}_`)) ?? [];
          const [{ content = "" } = {}] = components[at]?.hashes ?? [];
          assertEquals(`sha512-${Uint8Array.fromHex(content).toBase64()}`, locked?.integrity, name);
        }
      },
    );
  },
});
