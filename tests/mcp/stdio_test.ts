import { Installation } from "../rig/installation.ts";
import { assertEquals, assertMatch, assertNoMatch, assertTrue } from "../rig/assert.ts";
import { vitalsOf } from "../rig/vitals.ts";
import { RawServer } from "./raw_server.ts";

const VERSIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
const TOOLS = ["execute", "result", "start_server", "stop_server", "status", "update_host"];

Deno.test("the server speaks every version of the protocol from 2024-11-05 on", async () => {
  await using installation = await Installation.make();
  for (const version of VERSIONS) {
    await using server = new RawServer(installation.command("mcp"));
    const { result } = await server.initialize(version);
    assertEquals(result.protocolVersion, version);
    assertEquals(result.serverInfo.name, "sudo-proxy");
    await server.send({ id: 2, method: "tools/list" });
    const list = await server.next();
    assertEquals(list.result.tools.map(({ name }: { name: string }) => name), TOOLS);
    await server.send({ id: 3, method: "tools/call", params: { name: "status" } });
    const call = await server.next();
    assertEquals(call.result.structuredContent.daemons[0].state, "missing");
  }
});

Deno.test("garbage on standard input is logged, not answered, and disturbs nothing", async () => {
  await using installation = await Installation.make();
  await using server = new RawServer(installation.command("mcp"));
  await server.initialize();
  const garbage = [
    "hello",
    "{",
    "[]",
    '{"jsonrpc":"2.0"}',
    "\x00\xff\x1b[2J",
    '{"id":7}',
    "null",
    "",
  ];
  await server.write(garbage.map((line) => `${line}\n`).join(""));
  await server.send({ id: 2, method: "tools/nothing" });
  assertEquals((await server.next()).error.code, -32601);
  await server.send({ id: 3, method: "tools/call", params: { name: "rm" } });
  assertMatch((await server.next()).error.message, /There is no tool "rm"; there are execute,/);
  await server.send({ id: 4, method: "resources/read", params: { uri: "sudo-proxy://output/x" } });
  assertEquals((await server.next()).error.code, -32002);
  await server.send({ id: 5, method: "ping" });
  assertEquals(await server.next(), { jsonrpc: "2.0", id: 5, result: {} });
  assertEquals((await server.end()).code, 0);
  const stderr = await server.stderr;
  assertMatch(stderr, /warning: .*is not valid JSON/);
  // deno-lint-ignore no-control-regex
  assertNoMatch(stderr, /[\x00\x1b]/);
});

Deno.test("the end of standard input ends the server within a second, answers first", async () => {
  await using installation = await Installation.make();
  await using server = new RawServer(installation.command("mcp"));
  await server.initialize();
  await server.send({ id: 2, method: "tools/list" });
  const { code, ms } = await server.end();
  assertEquals(code, 0);
  assertTrue(ms < 1000, `it took ${ms} ms`);
  assertEquals((await server.next()).id, 2);
  assertEquals(await server.next(), null);
  assertEquals(await server.stderr, "");
});

Deno.test("a line that is too long is answered with an error, and ends nothing", async () => {
  await using installation = await Installation.make();
  await using server = new RawServer(installation.command("mcp"));
  await server.initialize();
  const before = await vitalsOf(server.pid);
  const block = "x".repeat(1024 * 1024);
  for (const blocks of [11, 200]) {
    await server.write('{"jsonrpc":"2.0","id":2,"method":"ping","x":"');
    for (let index = 0; index < blocks; index++) await server.write(block);
    const { id, error } = await server.next();
    assertEquals([id, error.code], [null, -32600]);
    assertMatch(error.message, /longer than 10485760 bytes/);
    await server.write('"}\n');
  }
  // The longest line that is read, and one that comes in the same block as the end of another.
  const around = JSON.stringify({ jsonrpc: "2.0", id: 3, method: "ping", params: { x: "" } });
  const filled = around.replace('""', `"${"y".repeat(10 * 1024 * 1024 - around.length - 1)}"`);
  await server.write(`${filled}\n${JSON.stringify({ jsonrpc: "2.0", id: 4, method: "ping" })}\n`);
  assertEquals((await server.next()).id, 3);
  assertEquals((await server.next()).id, 4);
  const { peakMb } = await vitalsOf(server.pid);
  assertTrue(peakMb - before.residentMb < 120, `it took ${peakMb - before.residentMb} MB`);
  assertEquals((await server.end()).code, 0);
});

Deno.test("a line without an end does not keep the server from ending", async () => {
  await using installation = await Installation.make();
  await using server = new RawServer(installation.command("mcp"));
  await server.initialize();
  await server.write('{"jsonrpc":"2.0","id":2,"method":"ping"}');
  assertEquals((await server.end()).code, 0);
  assertEquals(await server.next(), null);
});

Deno.test("a wrong type is a protocol error that names it, a wrong value an answer", async () => {
  await using installation = await Installation.make();
  await using server = new RawServer(installation.command("mcp"));
  await server.initialize();
  const ask = async (params: unknown, method = "tools/call") => {
    await server.send({ id: 2, method, params });
    return await server.next();
  };
  const execute = (args: unknown) => ask({ name: "execute", arguments: args });
  const types: [() => ReturnType<typeof ask>, RegExp][] = [
    [() => execute({ argv: "id" }), /Wrong argument "argv": .*array.* call execute again/],
    [() => execute({ argv: ["id", 1] }), /Wrong argument "argv\[1\]": .*string/],
    [() => execute({ argv: ["id"], timeout: "1" }), /Wrong argument "timeout": .*number/],
    [() => execute({ argv: ["id"], env: { LANG: 1 } }), /Wrong argument "env\.LANG": .*string/],
    [() => ask({ name: "update_host", arguments: { host: 1 } }), /Wrong argument "host": .*string/],
    [() => execute([]), /Wrong "params\.arguments": .*record/],
    [() => execute("id"), /Wrong "params\.arguments": .*record/],
    [() => ask({ name: 1 }), /Wrong "params\.name": .*string/],
    [() => ask(undefined), /Wrong "params": .*object/],
    [() => ask({ uri: 1 }, "resources/read"), /Wrong "params\.uri": .*string/],
    [() => ask({ cursor: 1 }, "tools/list"), /Wrong "params\.cursor": .*string/],
  ];
  for (const [wrong, pattern] of types) {
    const { error } = await wrong();
    assertEquals(error?.code, -32602);
    assertMatch(error.message, pattern);
  }
  const values: [unknown, RegExp][] = [
    [{ argv: [] }, /Wrong argument "argv"/],
    [{ argv: ["id"], timeout: -1 }, /Wrong argument "timeout"/],
    [{ argv: ["id"], tiemout: 1 }, /Unknown argument "tiemout": did you mean "timeout"/],
  ];
  for (const [args, pattern] of values) {
    const { result } = await execute(args);
    assertTrue(result.isError);
    assertMatch(result.content[0].text, pattern);
  }
  await server.send({ id: 3, method: "tools/call", params: { name: "update_host" } });
  assertMatch((await server.next()).result.content[0].text, /Wrong argument "host"/);
});

Deno.test("a client of 2026-07-28 learns that this server wants initialize", async () => {
  await using installation = await Installation.make();
  await using server = new RawServer(installation.command("mcp"));
  const clientInfo = { name: "raw", version: "1" };
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": clientInfo,
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  await server.send({ id: "probe", method: "server/discover", params: { _meta } });
  // Any answer but a DiscoverResult and an error of that revision sends a client to initialize.
  assertEquals((await server.next()).error.code, -32601);
  const { result } = await server.initialize("2026-07-28");
  assertEquals(result.protocolVersion, "2025-11-25");
  const [icon] = result.serverInfo.icons;
  assertEquals([icon.mimeType, icon.sizes], ["image/svg+xml", ["any"]]);
  const [kind, data] = icon.src.split(",");
  assertEquals(kind, "data:image/svg+xml;base64");
  assertMatch(atob(data), /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg".*<\/svg>$/);
});

Deno.test("--log-level sets how much goes to standard error, and to nothing else", async () => {
  await using installation = await Installation.make();
  const start = (...args: string[]) => new RawServer(installation.command("mcp", args));
  await using verbose = start("--log-level", "debug");
  await verbose.initialize();
  await verbose.send({ id: 2, method: "tools/call", params: { name: "status", arguments: {} } });
  assertEquals((await verbose.next()).id, 2);
  await verbose.end();
  assertMatch(await verbose.stderr, /info: serving[^]*debug: call of status/);

  await using wrong = start("--log-level=loud");
  assertEquals((await wrong.status).code, 1);
  assertMatch(await wrong.stderr, /Cannot use --log-level "loud": it must be one of debug, info/);
});

Deno.test("a hostile folder changes neither the code nor the grants", async () => {
  await using installation = await Installation.make();
  const folder = `${installation.folder}/hostile`;
  const trap = `console.error("TRAPPED"); throw new Error("trapped");`;
  const packages = ["zod", "@modelcontextprotocol/sdk", "@logtape/logtape"];
  const files: Record<string, string> = {
    "deno.json": JSON.stringify({
      imports: { zod: "./trap.js", "@modelcontextprotocol/sdk/": "./trap/" },
      importMap: "./import_map.json",
      nodeModulesDir: "manual",
      lock: "./deno.lock",
      permissions: { default: { all: true } },
    }),
    "import_map.json": JSON.stringify({ imports: { zod: "./trap.js" } }),
    "package.json": JSON.stringify({
      type: "module",
      dependencies: { zod: "file:./node_modules/zod" },
      imports: { zod: "./trap.js" },
    }),
    ".npmrc": "registry=http://127.0.0.1:9/\n",
    ".env": "NODE_OPTIONS=--require=./trap.js\n",
    "deno.lock": JSON.stringify({ version: "5", specifiers: {}, npm: {} }),
    "trap.js": trap,
    "lib/mcp/server.ts": trap,
    "main_mcp.ts": trap,
  };
  for (const name of packages) {
    files[`node_modules/${name}/package.json`] = JSON.stringify({ name, main: "index.js" });
    files[`node_modules/${name}/index.js`] = trap;
  }
  for (const [name, text] of Object.entries(files)) {
    const path = `${folder}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
  const command = installation.command("mcp");
  await using server = new RawServer(command, folder);
  const { result } = await server.initialize();
  assertMatch(result.instructions, /^sudo-proxy runs commands as root/);
  await server.send({ id: 2, method: "tools/list" });
  assertEquals((await server.next()).result.tools.length, TOOLS.length);
  assertEquals((await server.end()).code, 0);
  assertEquals(await server.stderr, "");

  // The same start, but for the program: what it may do is what the flags say.
  const probe = `${installation.folder}/project/probe.ts`;
  await Deno.writeTextFile(
    probe,
    `
    const allowed = [];
    const attempts = {
      "read a file": () => Deno.readTextFile("${folder}/trap.js"),
      "read the project": () => Deno.readTextFile("${installation.folder}/project/main_mcp.ts"),
      "read passwords": () => Deno.readTextFile("/etc/shadow"),
      "write a file": () => Deno.writeTextFile("${folder}/new", ""),
      "write beside the socket": () => Deno.writeTextFile("${installation.runtime}/new", ""),
      "start a program": () => new Deno.Command("/bin/true").output(),
      "start sudo": () => new Deno.Command("/usr/bin/sudo", { args: ["-n", "true"] }).output(),
      "start deno": () => new Deno.Command(Deno.execPath()).output(),
      "connect elsewhere": () => Deno.connect({ port: 1 }),
      "connect to another socket": () =>
        Deno.connect({ transport: "unix", path: "${installation.runtime}/other.sock" }),
      "read a variable": () => Deno.env.get("PATH"),
      "load code": () => import("${folder}/" + "trap.js"),
      "load a library": () => Deno.dlopen("/lib/x.so", {}),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      try { await attempt(); allowed.push(name); }
      catch (error) {
        if (error.name !== "NotCapable" && !/Requires .* access/.test(error.message)) {
          allowed.push(name + ": " + error);
        }
      }
    }
    console.log(JSON.stringify(allowed));
  `,
  );
  const words = command.map((word) => word.endsWith("/main_mcp.ts") ? probe : word);
  await using attempts = new RawServer(words, folder);
  assertEquals(await attempts.next(), []);
});
