/**
 * The promises of docs/security/display-and-keys.md, each held to every step by itself: what came before, what
 * happened, what is done, and what stands then.
 *
 * @module
 */
import { type Approved, takeApproved } from "../../lib/decide/approved.ts";
import type { Effect } from "../../lib/session/state.ts";
import type { Happening } from "../session/machine.ts";
import type { Account } from "./account.ts";
import type { Step } from "./moves.ts";
import { requestOf, SHAPES } from "./shapes.ts";

/** One step of the machine, as others see it. */
export interface Seen {
  readonly before: Account;
  readonly step: Step;
  readonly effects: readonly Effect[];
  readonly after: Account;
}

type EffectOf<Kind extends Effect["kind"]> = Extract<Effect, { kind: Kind }>;

function only<Kind extends Effect["kind"]>(
  effects: readonly Effect[],
  kind: Kind,
): readonly EffectOf<Kind>[] {
  return effects.filter((effect): effect is EffectOf<Kind> => effect.kind === kind);
}

/** The single byte that was read where keys count, as a letter. */
function loneKey({ before, step: { event } }: Seen): string | undefined {
  if (event.kind !== "keys" || event.burst.length !== 1) return undefined;
  return before.open || before.suspended ? undefined : String.fromCharCode(...event.burst);
}

/** Whose prompt a key finds armed: read whole, drawn, and long enough still. */
function armedId({ before: { screen }, step }: Seen): string | undefined {
  const isArmed = screen && !step.stalls && !screen.over && screen.known && !screen.help &&
    screen.typed === "-" && screen.seen === "010" && screen.still === "o";
  return isArmed ? screen.id : undefined;
}

/** The request on the screen that nobody answered in time. */
function overId({ before: { screen } }: Seen): string | undefined {
  return screen?.over ? screen.id : undefined;
}

/** Whether an approval is still good for one start, which it is not after that. */
function isGood(approved: Approved): boolean {
  try {
    takeApproved(approved);
    return true;
  } catch {
    return false;
  }
}

function target(event: Happening): string | undefined {
  if (event.kind === "cancel") return event.target;
  return "id" in event ? event.id : undefined;
}

/** Each promise, and whether a step keeps it. */
export const PROMISES: Readonly<Record<string, (seen: Seen) => boolean>> = {
  "nothing is approved without a lone key for what is armed": (seen) => {
    const approved = only(seen.effects, "record").flatMap(({ note }) =>
      note.what === "decided" && note.decision === "approved" ? [note.request.id] : []
    );
    const key = loneKey(seen) ?? "";
    return approved.length === 0 ||
      (approved.length === 1 && approved[0] === armedId(seen) && /^[yYa]$/.test(key));
  },
  "nothing starts without such a key for it, or a grant that such a key gave": ({
    before,
    step: { event },
    effects,
  }) =>
    only(effects, "start").every(({ approved: { request, basis } }) => {
      const life = before.lives.get(request.id);
      if (basis === "trust") {
        const isGranted = before.trust ||
          (event.kind === "keys" && event.burst.length === 1 && event.burst[0] === 97);
        const waits = life?.stage === "waiting" || event.kind === "submitted";
        return isGranted && waits && !request.asRoot && !request.forwardAgent;
      }
      const isNow = life?.stage === "shown" && event.kind === "keys";
      return life?.stage === "approved" || isNow;
    }),
  "what starts is what was asked, and an approval is good for one start": (seen) =>
    only(seen.effects, "start").every(({ approved }) => {
      const { request } = approved;
      const { before: { lives }, step: { event } } = seen;
      const life = overId(seen) === request.id ? undefined : lives.get(request.id);
      const asked = life
        ? requestOf(request.id, life.shape)
        : event.kind === "submitted"
        ? event.request
        : undefined;
      return request === asked && isGood(approved);
    }),
  "nothing starts twice": ({ before, effects }) => {
    const ids = only(effects, "start").map(({ approved }) => approved.request.id);
    return new Set(ids).size === ids.length &&
      ids.every((id) => before.lives.get(id)?.stage !== "started");
  },
  "what was withdrawn, denied or not answered never starts": (seen) => {
    const { before, step: { event }, effects } = seen;
    return only(effects, "start").every(({ approved: { request: { id } } }) => {
      const isBack = event.kind === "clientGone" || event.kind === "cancel";
      const isAnew = event.kind === "submitted" && overId(seen) === id;
      return before.lives.get(id)?.stage !== "withdrawn" && !(isBack && target(event) === id) &&
        (isAnew || !only(effects, "reply").some((reply) => reply.id === id));
    });
  },
  "nothing starts where sudo did not let it": ({ step: { event }, effects }) =>
    event.kind !== "authenticated" || event.result === "kept" || event.result === "notKept" ||
    only(effects, "start").every(({ approved }) => approved.basis === "trust"),
  "nothing starts while the daemon stops": ({ after, effects }) =>
    after.stopped === "-" || only(effects, "start").length === 0,
  "no prompt is shown while somebody else has the terminal": ({ after, effects }) => {
    const asks = only(effects, "authenticate").length > 0 || only(effects, "start").some(
      ({ withTerminal }) => withTerminal,
    );
    return !(asks && after.screen) && !(after.terminal !== "ours" && after.screen);
  },
  "sudo asks only for what was approved, or for the end of what runs": ({ before, effects }) =>
    only(effects, "authenticate").every(({ id }) => {
      const stage = before.lives.get(id)?.stage;
      return stage === "approved" || stage === "shown" || stage === "started";
    }),
  "each request has one response, unless its client left": (seen) => {
    const { before, step: { event }, effects, after } = seen;
    const replies = only(effects, "reply");
    const submitted = event.kind === "submitted" ? event.request.id : undefined;
    const all = [...before.lives.keys(), ...(submitted === undefined ? [] : [submitted])];
    return replies.every(({ id, response }) => response.id === id) &&
      [...new Set(all)].every((id) => {
        // Its deadline comes first, and then its id is free.
        const isOver = overId(seen) === id;
        const stage = isOver ? undefined : before.lives.get(id)?.stage;
        const isTaken = before.question === "end" && before.about === id;
        const isHere = stage === undefined ? submitted === id && !isTaken : stage !== "withdrawn";
        const now = after.lives.get(id)?.stage;
        const ends = isHere && (now === undefined || now === "withdrawn");
        const left = event.kind === "clientGone" && event.id === id;
        const count = replies.filter((reply) => reply.id === id).length;
        return count === (isOver ? 1 : 0) + (ends && !left ? 1 : 0);
      });
  },
  "each wish to cancel has one response": ({ step: { event }, effects }) => {
    const count = only(effects, "reply").filter(({ id }) => id === "z").length;
    return count === (event.kind === "cancel" ? 1 : 0);
  },
  "a key that finds no prompt decides no request": ({ before, step: { event }, effects }) =>
    event.kind !== "keys" || before.screen !== undefined || only(effects, "record").every(
      ({ note }) => note.what !== "decided" || note.decision === "trusted",
    ),
  "what comes in the place of something, or after a key, waits the long time": ({
    before,
    step: { event },
    after,
  }) => {
    if (!after.screen || after.screen.id === before.screen?.id) return true;
    const wasIdle = before.terminal === "ours" && !before.screen && before.question === "";
    const isKey = event.kind === "keys" && !before.suspended;
    return after.screen.long || (wasIdle && !before.disturbed && !isKey);
  },
  "no key that was meant for one question answers another": (seen) => {
    const { before: { screen, question, about, line }, step: { event }, effects } = seen;
    const key = loneKey(seen) ?? "";
    return event.kind !== "keys" || only(effects, "record").every(({ note }) => {
      switch (note.what) {
        case "stopping":
          return question === "quit" && ["q", "\x03"].includes(key);
        case "ending":
          return note.why !== "person" ||
            (question === "end" && key === "k" && note.request.id === about);
        case "decided":
          return note.decision === "trusted" || note.request.id === screen?.id ||
            (note.decision === "denied" && key === "d" && line.includes(note.request.id));
        default:
          return true;
      }
    });
  },
  "a question about a command is about that one alone": ({ after }) =>
    after.question !== "end" || after.running.includes(after.about) ||
    !after.lives.has(after.about),
  "nobody is forgotten": ({ before, after }) => {
    const isFree = after.terminal === "ours" && !after.screen && !after.suspended;
    const waits = [...after.lives.values()].some(({ needs }) => needs === "s") &&
      [...after.lives.values()].some(({ password, kill }) => password && kill !== "-");
    const stays = before.line.filter((id) => after.line.includes(id));
    return (!isFree || after.line.length === 0 || waits) &&
      stays.join() === after.line.slice(0, stays.length).join();
  },
  "what is trusted waits for no question": ({ after }) =>
    !after.trust || after.terminal !== "ours" || after.suspended ||
    after.line.every((id) => {
      const life = after.lives.get(id);
      return life && (SHAPES[life.shape].asRoot || SHAPES[life.shape].forwardAgent);
    }),
  "an ending that failed can be asked for again": (seen) => {
    const { before, step: { event }, effects, after } = seen;
    const failed = before.running.filter((id) => before.lives.get(id)?.failed);
    const wanted = event.kind === "cancel"
      ? failed.filter((id) => id === event.target)
      : event.kind === "signal" && event.signal === "SIGTERM"
      ? failed
      : [];
    const ended = only(effects, "signal").filter(({ signal }) => signal === "SIGTERM");
    const isAsked = before.terminal === "ours" && !before.screen && before.question === "" &&
      loneKey(seen) === "k" && failed.length > 0;
    return wanted.every((id) => ended.some((effect) => effect.id === id)) &&
      (!isAsked || after.question === "end");
  },
  "SIGKILL comes after SIGTERM and its time": ({ before, effects }) =>
    only(effects, "signal").every(({ id, signal }) =>
      signal === "SIGTERM" || before.lives.get(id)?.kill === "o"
    ),
  "the daemon ends when it was asked to, and leaves nothing that may run": ({ after, effects }) =>
    only(effects, "exit").length === 0 ||
    (after.stopped !== "-" && !after.screen && after.line.length === 0 &&
      (after.running.length === 0 || after.stopped === "o")),
  "sudo remembers nothing that no command needs": ({ after }) =>
    !after.remembered || after.terminal === "sudo" ||
    [...after.lives.values()].some(({ needs }) => needs !== "-"),
};
