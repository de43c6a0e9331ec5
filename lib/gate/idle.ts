/**
 * Keys between prompts: what they ask the person, and the answers.
 *
 * @module
 */
import { type Key, keyOf } from "./keys.ts";
import { stop } from "./leaving.ts";
import { mayBeEnded, terminate } from "./running.ts";
import type { IdleQuestion } from "./state.ts";
import type { Turn } from "./turn.ts";

/** The key that says yes to a question between prompts: the one that asked it, once more. */
const QUESTION_KEYS = { quit: "quit", end: "endCommand" } as const satisfies Record<
  IdleQuestion["kind"],
  Key
>;

/** Takes a key between prompts; `undefined` stands for what was pasted. */
export function idleKeys(
  turn: Turn,
  question: IdleQuestion | undefined,
  burst: Uint8Array | undefined,
): void {
  const key = burst && (burst.length === 1 && burst[0] === 3 ? "quit" : keyOf(burst));
  if (question !== undefined) {
    // Never the key that approves: a request may take the question's place.
    if (key !== QUESTION_KEYS[question.kind]) return turn.ask(undefined);
    turn.freeTerminal();
    if (question.kind === "quit") return stop(turn, "person");
    const run = turn.state.running.get(question.request.id);
    return run && terminate(turn, run, "person");
  }
  if (key === "help") return void turn.effects.push({ kind: "help" });
  if (key === "quit") return turn.ask({ kind: "quit" });
  const [run] = [...turn.state.running.values()].filter(mayBeEnded);
  if (key === "endCommand" && run) turn.ask({ kind: "end", request: run.request });
}
