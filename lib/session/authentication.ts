/**
 * Authentication, between an approval and the start. If sudo keeps no credentials
 * (`timestamp_timeout=0` in sudoers(5)), it asks when it runs the command, and the command has the
 * terminal until it ends. polkit asks like this for each command, which has the terminal until it
 * has started.
 *
 * @module
 */
import type { Approved } from "../decide/approved.ts";
import { isAsking, isBeginning } from "./facts.ts";
import { begin, endWithPassword } from "./jobs.ts";
import type { EventOf, KillSignal, PhaseOf } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Starts what was approved, at once or after sudo's question. */
export function startApproved(turn: Turn, approved: Approved): void {
  const { request } = approved;
  const { authentication, password } = turn.state.config;
  if (!request.privileged || authentication === "none") return begin(turn, approved);
  if (authentication === "polkit" || password === "each") return askOnce(turn, approved);
  turn.set({ phase: { kind: "checking", approved, waitsFor: "answer" }, usedCredentials: true });
  turn.effects.push({
    kind: "checkCredentials",
    id: request.id,
    lookForSharing: turn.state.sharing === "unknown",
  });
}

/**
 * Asking again drops the credentials that the previous command may still need: that one must begin
 * first.
 */
function askOnce(turn: Turn, approved: Approved): void {
  if (isBeginning(turn.state)) {
    turn.set({ phase: { kind: "checking", approved, waitsFor: "begun" } });
  } else lendForStart(turn, approved);
}

/** Asks once the previous command has begun. */
export function askIfBegun(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.kind !== "checking" || phase.waitsFor !== "begun" || isBeginning(turn.state)) return;
  lendForStart(turn, phase.approved);
}

/** Goes on after an approval, depending on the result of `sudo -nv`. */
export function credentials(
  turn: Turn,
  { approved, waitsFor }: PhaseOf<"checking">,
  { id, present }: EventOf<"credentials">,
): void {
  if (waitsFor !== "answer" || approved.request.id !== id) return;
  if (!present) return lendForStart(turn, approved);
  turn.free();
  begin(turn, approved);
}

/** Lends the terminal to `sudo -v`, or to the command itself if `sudo -v` has proved useless. */
function lendForStart(turn: Turn, approved: Approved): void {
  if (!turn.state.keepsCredentials) return takeOver(turn, approved);
  turn.lend({ kind: "start", approved });
  ask(turn, approved.request.id, "start");
}

/** Lets sudo or polkit ask. polkit asks for each program, so its question comes with the signal. */
function ask(turn: Turn, id: string, purpose: "start" | "end", signal?: KillSignal): void {
  tellOfQuestion(turn, purpose);
  const lookForSharing = turn.state.sharing === "unknown";
  turn.effects.push({ kind: "authenticate", id, signal, lookForSharing });
}

function tellOfQuestion(turn: Turn, purpose: "start" | "end" | "again"): void {
  const to = turn.state.config.authentication === "polkit" ? "polkit" : "sudo";
  turn.print({ kind: "lending", to, purpose });
}

/**
 * Starts a command that has the terminal. The stages would all ask for a password at the same time,
 * so only a single stage can start like this.
 */
function takeOver(turn: Turn, approved: Approved): void {
  const { request } = approved;
  if (request.stages.length > 1) {
    const code = "unsupported";
    const message = "approved, but sudo keeps no credentials here (timestamp_timeout=0), so a " +
      "privileged pipeline can't be started: send its stages one by one";
    turn.free();
    turn.note({ what: "ended", request, end: { kind: "refused", code, message } });
    return turn.fail(request.id, code, message);
  }
  // Two questions in a row would look like a mistake, so a line between them says why.
  tellOfQuestion(turn, turn.state.config.authentication === "polkit" ? "start" : "again");
  turn.lend({ kind: "command", id: request.id });
  begin(turn, approved, { withTerminal: true });
}

/** The question has ended: starts or ends what it was for. */
export function authenticated(
  turn: Turn,
  { to }: PhaseOf<"lent">,
  { id, result }: EventOf<"authenticated">,
): void {
  const about = to.kind === "start" ? to.approved.request.id : to.id;
  if (to.kind === "command" || about !== id) return;
  if (result === "kept" && turn.state.config.password === "each") turn.set({ mustForget: true });
  if (to.kind === "withdrawn") return turn.free();
  if (to.kind === "ending") return endWithPassword(turn, id, result);
  const { approved } = to;
  if (result === "notKept") {
    // This holds for every command from now on.
    turn.set({ keepsCredentials: false });
    return takeOver(turn, approved);
  }
  turn.free();
  if (result === "kept") return begin(turn, approved, { wasAsked: true });
  turn.note({ what: "notAuthenticated", request: approved.request });
  turn.fail(
    id,
    "not_authenticated",
    "approved, but sudo did not authenticate the person: nothing ran",
  );
}

/** Asks for the password that ends a command. */
export function lendForEnding(turn: Turn, id: string): void {
  const job = turn.state.jobs.get(id);
  if (!job) return;
  turn.setJob(id, { ...job, needsPassword: false });
  turn.lend({ kind: "ending", id });
  if (turn.state.config.authentication !== "polkit") return ask(turn, id, "end");
  ask(turn, id, "end", job.ending?.killed ? "SIGKILL" : "SIGTERM");
}

/** If sudo's memory is shared, an unprivileged command could become root: the grant ends. */
export function learnSharing(turn: Turn, shared: boolean | undefined): void {
  if (shared === undefined || turn.state.sharing !== "unknown") return;
  turn.set({ sharing: shared ? "shared" : "private" });
  if (!shared) return;
  turn.set({ grant: undefined });
  turn.note({ what: "policy", trustUnprivileged: false, by: "sudo" });
  turn.print({ kind: "sharing" });
}

/** If sudo asks for each command, it forgets the credentials once no command needs them. */
export function forgetUnneeded(turn: Turn): void {
  const { mustForget, jobs } = turn.state;
  const isNeeded = isAsking(turn.state) ||
    jobs.values().some(({ needsCredentials }) => needsCredentials !== undefined);
  if (!mustForget || isNeeded) return;
  turn.set({ mustForget: false });
  turn.effects.push({ kind: "forget" });
}
