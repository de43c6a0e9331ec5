/**
 * Keys between prompts: what they ask the person, and the answers.
 *
 * @module
 */
import { type Key, keyOf } from "../decide/keys.ts";
import { mayBeEnded, mayTrust } from "./facts.ts";
import { headOfCommand } from "./history.ts";
import { terminate } from "./jobs.ts";
import type { EventOf, IdleQuestion, PhaseOf, SessionState } from "./state.ts";
import { stop } from "./stopping.ts";
import type { Turn } from "./turn.ts";

/**
 * The key that says yes to a question: the one that asked it, once more. Never the key that
 * approves, since a request may take the question's place.
 */
const YES: Readonly<Record<IdleQuestion["kind"], Key>> = { quit: "quit", end: "endCommand" };

/** Handles a key while nothing is shown and nothing was asked. */
export function pressedIdle(
  turn: Turn,
  _phase: PhaseOf<"idle">,
  { burst }: EventOf<"keys">,
): void {
  const key = idleKey(turn.state, burst);
  if (key === "help") return turn.print({ kind: "help", mayTrust: mayTrust(turn.state) });
  if (key === "quit") return ask(turn, { kind: "quit" });
  const job = turn.state.jobs.values().find(mayBeEnded);
  if (key === "endCommand" && job) ask(turn, { kind: "end", id: job.request.id });
}

/** Takes the answer to a question. */
export function pressedAnswer(
  turn: Turn,
  { question }: PhaseOf<"asking">,
  { burst }: EventOf<"keys">,
): void {
  if (idleKey(turn.state, burst) !== YES[question.kind]) return cancelQuestion(turn);
  turn.free();
  if (question.kind === "quit") return stop(turn, "person");
  const job = turn.state.jobs.get(question.id);
  if (job) terminate(turn, job, "person");
}

/** Takes a question back. */
export function cancelQuestion(turn: Turn): void {
  turn.print({ kind: "question", question: "dropped" });
  turn.free();
}

function ask(turn: Turn, question: IdleQuestion): void {
  const job = question.kind === "end" ? turn.state.jobs.get(question.id) : undefined;
  const about = job && headOfCommand(job.request);
  turn.print({ kind: "question", question: question.kind, about });
  turn.set({ phase: { kind: "asking", question } });
}

function idleKey({ paste }: SessionState, burst: Uint8Array): Key | undefined {
  return paste.pasted ? undefined : keyOf(burst, "idle");
}
