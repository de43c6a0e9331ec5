/**
 * A test that waits to be interrupted, with all that tests make on this machine; `interrupt_test.ts`
 * runs it.
 *
 * @module
 */
import { RunningDaemon } from "./daemon.ts";
import { OrdinaryUser } from "./user.ts";
import { defined } from "./assert.ts";

Deno.test("waits to be interrupted", async () => {
  await using user = await OrdinaryUser.make();
  await using daemon = await RunningDaemon.start({ user });
  const made = {
    user: user.name,
    folder: daemon.installation.folder,
    tmux: (await daemon.terminal.environment()).split(",")[0],
  };
  // The name appears when all of it is there.
  const path = defined(Deno.env.get("MADE_FILE"));
  await Deno.writeTextFile(`${path}.new`, JSON.stringify(made));
  await Deno.rename(`${path}.new`, path);
  await new Promise(() => setInterval(() => {}, 1000));
});
