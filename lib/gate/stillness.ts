/**
 * When a key counts: only on a prompt that was drawn and read whole, and after stillness.
 *
 * @module
 */
import type { GateState, Prompt } from "./state.ts";
import { ARM_MS, REPLACED_ARM_MS } from "./times.ts";

/** Why `y` does not count yet. */
export type Unarmed = "drawing" | "help" | "unread" | "unquiet";

/** Why `y` would not count yet, for the screen; `undefined` once the prompt is armed. */
export function unarmedReason(
  prompt: Prompt,
  now: number,
): Unarmed | undefined {
  if (prompt.quietSince === undefined) return "drawing";
  if (prompt.help) return "help";
  if (!prompt.readWhole) return "unread";
  return now - prompt.quietSince >= prompt.stillMs ? undefined : "unquiet";
}

/** Whether a prompt is shown on which `y` counts now. */
export function isArmed({ holder }: GateState, now: number): boolean {
  return holder.kind === "prompting" && unarmedReason(holder.prompt, now) === undefined;
}

/** How long a prompt that is shown now must be still, in milliseconds. */
export function stillnessOf({ disturbedAt }: GateState, now: number): number {
  return now - disturbedAt < REPLACED_ARM_MS ? REPLACED_ARM_MS : ARM_MS;
}

/**
 * A key decided or could have, or what it could have been meant for is gone. Whatever is shown
 * within the next two seconds, or is shown now, needs the longer stillness.
 */
export function disturbed(state: GateState, now: number): GateState {
  const { holder } = state;
  if (holder.kind !== "prompting") return { ...state, disturbedAt: now };
  const prompt = { ...holder.prompt, stillMs: REPLACED_ARM_MS };
  return { ...state, disturbedAt: now, holder: { kind: "prompting", prompt } };
}
