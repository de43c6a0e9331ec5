/**
 * Between an approval and the start: sudo has to know the person.
 *
 * @module
 */
import type { Approved } from "./approved.ts";
import { begin, endWithPassword } from "./running.ts";
import { keptNothing, lendForStart } from "./takeover.ts";
import type { Turn } from "./turn.ts";

/** Starts what was approved, at once or after sudo's question. */
export function authenticate(turn: Turn, approved: Approved): void {
  const { request } = approved;
  if (!request.privileged || turn.state.config.authentication === "none") {
    return begin(turn, approved, false);
  }
  const { authentication, password } = turn.state.config;
  if (authentication === "atStart" || password === "each") return lendForStart(turn, approved);
  turn.state = { ...turn.state, holder: { kind: "checking", approved } };
  turn.effects.push({ kind: "checkCredentials", id: request.id });
}

/** Goes on after an approval by what `sudo -nv` said. */
export function credentials(turn: Turn, id: string, present: boolean): void {
  const { holder } = turn.state;
  if (holder.kind !== "checking" || holder.approved.request.id !== id) return;
  const { approved } = holder;
  if (!present) return lendForStart(turn, approved);
  turn.freeTerminal();
  begin(turn, approved, false);
}

/** An unprivileged command could become root by itself: trust would give root away. */
export function credentialsShared(turn: Turn): void {
  if (turn.state.sharesCredentials) return;
  turn.state = { ...turn.state, sharesCredentials: true, trustUnprivileged: false };
  turn.note({ what: "policy", trustUnprivileged: false, by: "sudo" });
}

/** `sudo -v` has ended: starts or ends what it was for. */
export function authenticated(
  turn: Turn,
  id: string,
  result: "kept" | "notKept" | "failed" | "sent",
): void {
  const { holder } = turn.state;
  if (holder.kind !== "lent") return;
  const { to } = holder;
  if (to.kind === "withdrawn" && to.id === id) return turn.takeBack();
  if (to.kind === "ending" && to.id === id) return endWithPassword(turn, id, result);
  if (to.kind !== "start" || to.approved.request.id !== id) return;
  const { approved } = to;
  if (result === "notKept") return keptNothing(turn, approved);
  turn.takeBack();
  if (result === "kept") return begin(turn, approved, false);
  turn.note({ what: "notAuthenticated", request: approved.request });
  turn.fail(id, "approved, but sudo did not authenticate the person: nothing ran");
}
