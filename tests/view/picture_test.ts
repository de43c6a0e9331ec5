import { type Entry, said } from "../../lib/session/history.ts";
import { picture } from "../../lib/view/picture.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { Machine } from "../session/machine.ts";
import { resolved } from "../session/resolved.ts";
import { idleState, NAMES } from "./views.ts";

function borrower(machine: Machine) {
  return picture(machine.state, NAMES).borrower;
}

Deno.test("picture() says who has the terminal, and whether it may draw", () => {
  const machine = new Machine();
  assertEquals(borrower(machine), undefined);
  machine.approve(resolved("one"));
  machine.checked("one", false);
  assertEquals(borrower(machine), { id: "question one", draws: false });
  const withdrawn = new Machine();
  withdrawn.state = machine.state;
  withdrawn.send({ kind: "clientGone", id: "one" });
  assertEquals(borrower(withdrawn), { id: "question one", draws: false });
  machine.asked("one", "notKept");
  assertEquals(borrower(machine), { id: "command one", draws: true });
});

Deno.test("picture() leaves the terminal to the shell while this process is suspended", () => {
  const machine = new Machine();
  machine.submit(resolved("one"));
  assertTrue(picture(machine.state, NAMES).prompt);
  machine.send({ kind: "suspend" });
  assertEquals(borrower(machine), { id: "shell", draws: false });
  assertEquals(picture(machine.state, NAMES).prompt, undefined);
});

Deno.test("picture() says why a request can't be drawn, and draws nothing of it", () => {
  const machine = new Machine();
  const request = resolved("one");
  // Safe here: no request that was resolved lacks its stages, and this is about one that fails.
  const broken = { ...request, stages: undefined } as unknown as typeof request;
  machine.submit(broken);
  machine.probe();
  const { prompt } = picture(machine.state, NAMES);
  assertTrue(prompt?.fault instanceof TypeError);
  assertEquals(prompt.rows, []);
});

Deno.test("picture() draws what happened anew for another window, and for another terminal", () => {
  const text = "naïve words, and more of them than fit into the smaller window of the two";
  const entries: Entry[] = [said(text, "strong"), said(text, "log")];
  const rowsIn = (columns: number, ascii: boolean, of = entries) => {
    const { terminal, ...rest } = idleState({ columns, rows: 24 });
    const state = { ...rest, terminal: { ...terminal, ascii } };
    return picture({ ...state, history: { dropped: 0, entries: of } }, NAMES).history.entries;
  };
  const seen = [false, true].flatMap((ascii) =>
    [80, 40, 80].map((columns) => {
      const rows = rowsIn(columns, ascii);
      assertEquals(rows, rowsIn(columns, ascii, structuredClone(entries)));
      return JSON.stringify(rows);
    })
  );
  assertEquals(new Set(seen).size, 4);
});
