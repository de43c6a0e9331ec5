/** Prompts, and how a person reads through one. */
import type { ResolvedRequest } from "../../lib/gate/request.ts";
import type { PromptView } from "../../lib/terminal/prompt.ts";
import type { ApprovalScreen } from "../../lib/terminal/screen.ts";
import type { Emulator } from "./emulator.ts";
import { type Page, readPage } from "./reader.ts";

/** What the daemon gives the screen to draw. */
export type Shown = Omit<PromptView, "ascii">;

/** What the prompt shows of a request that waits for a key. */
export function viewOf(request: ResolvedRequest, more: Partial<Shown> = {}): Shown {
  return {
    request,
    waiting: 0,
    secondsLeft: 59,
    unarmed: undefined,
    message: undefined,
    mayTrust: true,
    running: 0,
    machine: "box",
    user: "joe",
    ...more,
  };
}

/**
 * Reads a request page by page.
 *
 * @returns The pages, the last of which is the first with which `draw` said that all was seen.
 */
export async function readThrough(
  screen: ApprovalScreen,
  emulator: Emulator,
  view: Shown,
): Promise<Page[]> {
  const pages: Page[] = [];
  for (let whole = false; !whole;) {
    if (pages.length > 20_000) throw new Error("draw() never says that all was seen");
    if (pages.length > 0) screen.scroll("pageDown");
    whole = screen.draw(view);
    pages.push(readPage(await emulator.rows()));
  }
  return pages;
}
