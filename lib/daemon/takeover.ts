import type { Terminal } from "../terminal/mode.ts";
import { span } from "../terminal/paint.ts";
import type { ApprovalScreen } from "../terminal/screen.ts";

/**
 * Gives the terminal to a command, for which sudo asks a second time: two questions in a row would
 * look like a mistake, so between them stands why.
 *
 * @param screen What is drawn on the terminal, which `sudo -v` has had.
 * @param terminal The terminal; in its normal mode afterwards.
 */
export function giveToCommand(screen: ApprovalScreen, terminal: Terminal): void {
  screen.open();
  screen.begin(true);
  screen.print([
    span("sudo keeps no credentials: it asks again, for the command itself.", "strong"),
  ]);
  screen.close();
  // At once: sudo's question comes next. The person has just answered here.
  terminal.writeLast();
  terminal.release();
}
