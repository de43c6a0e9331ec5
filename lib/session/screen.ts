/**
 * What happens to the terminal.
 *
 * @module
 */
import { isReadingKey } from "../decide/keys.ts";
import { followPaste } from "../decide/paste.ts";
import type { EventOf } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Notes what every read from the terminal changes, in any phase. */
export function read(turn: Turn, { burst }: EventOf<"keys">): void {
  turn.set({ paste: followPaste(turn.state.paste, burst) });
  if (!isReadingKey(burst)) turn.disturb();
}

/** What was seen before was another layout, even if the size is the same again. */
export function resized(turn: Turn, { columns, rows }: EventOf<"resized">): void {
  turn.setTerminal({ window: { columns, rows } });
  turn.redraw();
}

/** The terminal answered what it draws; only the answer after the last reset counts. */
export function probed(turn: Turn, { reset, ascii }: EventOf<"probed">): void {
  if (reset !== turn.state.terminal.resets) return;
  turn.setTerminal({ ascii });
  turn.redraw();
}

/** Job control wants this process to stop; the commands that run go on. */
export function suspend(turn: Turn): void {
  if (turn.state.terminal.suspended) return;
  turn.setTerminal({ suspended: true });
  turn.effects.push({ kind: "suspend" });
}

/** This process continues: the shell that read meanwhile has set a mode of its own. */
export function continued(turn: Turn): void {
  turn.setTerminal({ suspended: false });
  turn.reset();
  if (turn.state.phase.kind === "prompting") turn.announce();
}
