import { waitingForSudo } from "./facts.ts";
import type { Turn } from "./turn.ts";

/** Withdraws a request that does not run yet; false if there is none. */
export function withdraw(turn: Turn, id: string, why: string): boolean {
  const { phase, queue } = turn.state;
  const queued = queue.find((request) => request.id === id);
  const shown = phase.kind === "prompting" ? phase.prompt.request : undefined;
  const request = queued ??
    [shown, waitingForSudo(turn.state)?.request].find((request) => request?.id === id);
  if (request === undefined) return false;
  if (queued) turn.removeFromQueue(id);
  // sudo may still be asking; it runs as root and can't be stopped from here. Its end starts
  // nothing, and only gives the terminal back.
  else if (phase.kind === "lent") turn.lend({ kind: "withdrawn", id });
  else turn.free();
  turn.note({ what: "withdrawn", request, why });
  if (queued) turn.tellPositions();
  return true;
}
