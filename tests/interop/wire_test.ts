/**
 * The same lines to both daemons, byte by byte: what nobody is asked about.
 *
 * @module
 */
import { assertEquals, assertMatch } from "../rig/assert.ts";
import { execute, lacks } from "../rig/tools.ts";
import { RawConnection } from "../rig/wire.ts";
import { lacksOriginal } from "./original.ts";
import { BothMakes } from "./sides.ts";

const ignore = lacks("root", "tmux", "socat", "sudo", "useradd", "runuser") || lacksOriginal();

const at = (seconds: number, fraction = "") =>
  new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z$/, `${fraction}Z`);

/** What is sent, and the status that our daemon and the original answer with. */
const LINES: readonly (readonly [
  what: string,
  fields: () => Record<string, unknown>,
  ours: string,
  theirs: string,
])[] = [
  ["a ping", () => ({ action: "ping", id: "first" }), "ok", "ok"],
  ["its id again", () => ({ action: "ping", id: "first" }), "error", "error"],
  ["10 minutes old", () => ({ action: "ping", time: at(-600) }), "error", "error"],
  ["without a time", () => ({ action: "ping", time: undefined }), "error", "error"],
  ["a variable", () => ({ pipeline: [["env"]], env: { PATH: "/" } }), "error", "error"],
  ["root with the agent", () => ({ pipeline: [["id"]], forward_agent: true }), "error", "error"],
  ["no stage", () => ({ pipeline: [] }), "error", "error"],
  ["an empty stage", () => ({ pipeline: [[]] }), "error", "error"],
  ["an escape", () => ({ pipeline: [["echo", "\x1b[2J"]] }), "error", "error"],
  ["lines in the reason", () => ({ pipeline: [["id"]], reason: "a\nb" }), "error", "error"],
  // What follows is in docs/reference/wire.md as a difference that stays.
  ["a fraction", () => ({ action: "ping", time: at(0, ".123") }), "ok", "error"],
  ["10 minutes ahead", () => ({ action: "ping", time: at(600) }), "error", "ok"],
  ["an empty id", () => ({ action: "ping", id: "" }), "error", "ok"],
  ["a ping with a stage", () => ({ action: "ping", pipeline: [["id"]] }), "error", "ok"],
];

for (const make of ["ours", "theirs"] as const) {
  Deno.test({
    name: `${make === "ours" ? "our" : "the original's"} daemon answers the same lines`,
    ignore,
    fn: async () => {
      await using both = await BothMakes.make();
      await using _daemon = await both.daemon(make);
      const { socket } = both.installation;
      for (const [what, fields, ours, theirs] of LINES) {
        const line = JSON.stringify({ id: crypto.randomUUID(), time: at(0), ...fields() });
        // As the user: the original answers nobody else, root included.
        const socat = ["socat", "-t5", "-", `UNIX-CONNECT:${socket}`];
        const { stdout } = await execute(both.asUser(socat), `${line}\n`);
        const { status, message } = JSON.parse(stdout);
        assertEquals(status, make === "ours" ? ours : theirs, `${what}: ${message}`);
      }
    },
  });
}

Deno.test({
  name: "the original's client hears that our daemon is busy",
  ignore,
  fn: async () => {
    await using both = await BothMakes.make();
    await using _daemon = await both.daemon("ours");
    const { socket } = both.installation;
    const silent = await Promise.all(Array.from({ length: 64 }, () => RawConnection.open(socket)));
    try {
      for (let round = 0; round < 3; round++) {
        const command = both.theirs("sudo-request", ["--socket", socket, "id"]);
        const { code, stderr } = await execute(both.asUser(command));
        assertEquals(code, 1);
        assertMatch(stderr, /server busy: 64 requests are in flight/);
      }
    } finally {
      silent.forEach((connection) => connection[Symbol.dispose]());
    }
  },
});
