import { tickMs, waitingCount } from "../../lib/session/facts.ts";
import { assertEquals } from "../rig/assert.ts";
import { Machine } from "./machine.ts";
import { resolved } from "./resolved.ts";

Deno.test("waitingCount() counts what is in line, shown, checked, or asked for", () => {
  const machine = new Machine();
  assertEquals(waitingCount(machine.state), 0);
  machine.submit(resolved("one"), resolved("two"), resolved("three"));
  assertEquals(waitingCount(machine.state), 3, "one is shown");
  machine.arm();
  machine.press("y");
  assertEquals([machine.phase, waitingCount(machine.state)], ["checking", 3]);
  machine.checked("one", false);
  assertEquals([machine.phase, waitingCount(machine.state)], ["lent to start", 3]);
  machine.send({ kind: "clientGone", id: "one" });
  assertEquals([machine.phase, waitingCount(machine.state)], ["lent to withdrawn", 2]);
});

Deno.test("tickMs() is short while something depends on the clock", () => {
  const machine = new Machine();
  const idle = tickMs(machine.state);
  machine.submit(resolved("one", { privileged: false }));
  const shown = tickMs(machine.state);
  machine.arm();
  machine.press("y");
  assertEquals([machine.phase, tickMs(machine.state)], ["idle", shown], "a command runs");
  const stopping = new Machine();
  stopping.stop("request");
  assertEquals([idle, shown, tickMs(stopping.state)], [10_000, 100, 100]);
});
