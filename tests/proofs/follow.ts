/**
 * One step by the rules, and what the machine did in the same words.
 *
 * @module
 */
import type { Effect, SessionConfig } from "../../lib/session/state.ts";
import type { Happening } from "../session/machine.ts";
import type { Account, Screen } from "./account.ts";
import { pressed } from "./keys.ts";
import { DRAWING, RESET, type Step } from "./moves.ts";
import { Follower } from "./rules.ts";
import { type ShapeName, SHAPES } from "./shapes.ts";

/** What must follow from an event. */
export function follow(before: Account, { event, stalls }: Step, config: SessionConfig): Follower {
  const turn = new Follower(before, config);
  turn.passDeadlines();
  const { screen } = turn.a;
  if (stalls && screen?.still === "o") screen.still = "r";
  take(turn, event, config);
  turn.goOn();
  return turn;
}

function take(turn: Follower, event: Happening, config: SessionConfig): void {
  const { a } = turn;
  switch (event.kind) {
    case "submitted":
      // Safe: the reason of each request in a walk is the letter of its shape.
      return submitted(turn, event.request.id, event.request.reason as ShapeName);
    case "clientGone":
      return void turn.withdraw(event.id);
    case "cancel":
      return cancelled(turn, event.target, event.replyTo);
    case "stop":
    case "hangup":
      return turn.stop(false);
    case "signal":
      // Ctrl+C is for whoever has the terminal.
      if (event.signal === "SIGINT" && (a.terminal === "sudo" || a.terminal === "command")) return;
      return turn.stop(true);
    case "keys": {
      const mayTrust = config.mayTrust && a.shared !== "s";
      return pressed(turn, String.fromCharCode(...event.burst), mayTrust);
    }
    case "resized":
      return turn.readAnew(false);
    case "probed":
      if (event.reset !== RESET) return;
      turn.readAnew(false);
      if (a.screen) a.screen.known = true;
      return;
    case "drawn":
      return drawn(a.screen, event.drawing === DRAWING, event.visible);
    case "undrawable": {
      const id = a.screen?.id;
      if (id === undefined || event.drawing !== DRAWING) return;
      turn.withdraw(id);
      return turn.do(`reply ${id} error`);
    }
    case "suspend":
      if (!a.suspended) turn.do("suspend");
      a.suspended = true;
      return;
    case "continued":
      a.suspended = false;
      return turn.readAnew(true);
    case "credentials":
      turn.learn(event.shared);
      return turn.looked(event.id, event.present);
    case "authenticated":
      turn.learn(event.shared);
      return turn.asked(event.id, event.result);
    default:
      return ofJob(turn, event, config);
  }
}

function submitted(turn: Follower, id: string, shape: ShapeName): void {
  const { a } = turn;
  // The answer to the question would be for another command.
  if (a.lives.has(id) || (a.question === "end" && a.about === id)) return;
  if (a.stopped !== "-") return turn.do(`record withdrawn ${id}`, `reply ${id} error`);
  if (a.denies) return turn.do(`record denied ${id}`, `reply ${id} denied`);
  a.line.push(id);
  a.lives.set(id, {
    shape,
    stage: "waiting",
    limit: "-",
    kill: "-",
    failed: false,
    password: false,
    terminal: false,
    needs: "-",
  });
}

function cancelled(turn: Follower, id: string, replyTo: string): void {
  if (turn.a.running.includes(id)) {
    turn.end(id);
    return turn.do(`reply ${replyTo} ok`);
  }
  if (!turn.withdraw(id)) return turn.do(`reply ${replyTo} error`);
  turn.do(`reply ${id} error`, `reply ${replyTo} ok`);
}

function drawn(
  screen: Screen | undefined,
  isLast: boolean,
  { first, page }: { readonly first: number; readonly page: number },
): void {
  if (!screen?.known || !(isLast || screen.again)) return;
  if (isLast) screen.still = "r";
  if (screen.help || page === 0) return;
  const lines = `${first}${first + page}`;
  const isWhole = screen.seen === "010" || lines === "010" ||
    (screen.seen !== "" && screen.seen !== lines);
  // Safe: the views of a walk are these.
  screen.seen = isWhole ? "010" : lines as Screen["seen"];
}

/** What commands do. */
function ofJob(turn: Follower, event: Happening, config: SessionConfig): void {
  if (!("id" in event)) return;
  const { a } = turn;
  const { id } = event;
  if (!a.running.includes(id)) return;
  const life = turn.life(id);
  switch (event.kind) {
    case "started":
      if (life.limit === "-") {
        life.limit = "r";
        turn.do(`record started ${id}`);
        if (SHAPES[life.shape].stream) turn.do(`tell started ${id}`);
      }
      // polkit has asked.
      if (config.authentication === "polkit" && a.terminal === "command" && a.about === id) {
        life.terminal = false;
        turn.free();
      }
      return;
    case "begun":
      if (life.needs === "s") life.needs = "-";
      return;
    case "ended": {
      const isOk = event.end.kind === "finished" && life.kill === "-";
      a.running = a.running.filter((other) => other !== id);
      if (a.terminal === "command" && a.about === id) turn.free();
      turn.readAnew(true);
      turn.do(`record ended ${id}`);
      return turn.answer(id, isOk ? "ok" : "error");
    }
    case "signalFailed":
      turn.do(`record endingFailed ${id}`);
      if (life.kill !== "-") life.failed = !event.wouldAsk;
      if (event.wouldAsk) life.password = true;
  }
}

/** The effects in the words of {@linkcode Follower.expected}; places in the line are left out. */
export function wordsOf(effects: readonly Effect[]): string[] {
  return effects.map((effect) => {
    switch (effect.kind) {
      case "reply":
        return `reply ${effect.id} ${effect.response.status}`;
      case "tell":
        return effect.event.event === "queued"
          ? ""
          : `tell ${effect.event.event} ${effect.event.id}`;
      case "record": {
        const { note } = effect;
        if (note.what === "policy") return `record policy ${note.trustUnprivileged}`;
        if (note.what === "stopping") return "record stopping";
        const what = note.what === "decided" ? note.decision : note.what;
        return `record ${what} ${note.request.id}`;
      }
      case "checkCredentials":
        return `check ${effect.id} ${effect.lookForSharing}`;
      case "authenticate":
        return `ask ${effect.id} ${effect.signal} ${effect.lookForSharing}`;
      case "start": {
        const { approved, withTerminal, wasAsked } = effect;
        return `start ${approved.request.id} ${approved.basis} ${withTerminal} ${wasAsked}`;
      }
      case "signal":
        return `signal ${effect.id} ${effect.signal}`;
      default:
        return effect.kind;
    }
  }).filter((words) => words !== "");
}
