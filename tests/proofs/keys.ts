/**
 * The rules of keys once more: what each means where it is pressed.
 *
 * @module
 */
import { defined } from "../rig/assert.ts";
import type { Account, Screen } from "./account.ts";
import type { Follower } from "./rules.ts";
import { SHAPES } from "./shapes.ts";

const MARKS = ["\x1b[200~", "\x1b[201~"];
/** Keys that only move the text or explain the keys. */
const READING = [" ", "?", "\x1b[B"];
const SCROLL = [" ", "\x1b[B"];

/** Whether a burst is one of these keys, alone. */
function isOne(burst: string, keys: string): boolean {
  return burst.length === 1 && keys.includes(burst);
}

/** Reads a burst byte by byte for the marks of pastes; tells whether any of it was pasted. */
function followMarks(a: Account, burst: string): boolean {
  let isPasted = a.open;
  for (const letter of burst) {
    const next = a.mark + letter;
    a.mark = MARKS.some((mark) => mark.startsWith(next)) ? next : letter === "\x1b" ? letter : "";
    if (!MARKS.includes(a.mark)) continue;
    a.open = a.mark === MARKS[0];
    [isPasted, a.mark] = [true, ""];
  }
  return isPasted || a.open;
}

/** A person presses keys. */
export function pressed(turn: Follower, burst: string, mayTrust: boolean): void {
  const { a } = turn;
  if (a.suspended) return;
  const isPasted = followMarks(a, burst);
  if (!READING.includes(burst)) a.disturbed = true;
  if (a.terminal !== "ours") return;
  if (a.screen) return pressedAt(turn, a.screen, burst, isPasted, mayTrust);
  const isKey = (keys: string) => !isPasted && isOne(burst, keys);
  if (a.question === "") {
    const job = a.running.find((id) => turn.life(id).kill === "-" || turn.life(id).failed);
    if (isKey("q\x03")) a.question = "quit";
    if (isKey("k") && job !== undefined) [a.question, a.about] = ["end", job];
    return;
  }
  const { question, about } = a;
  turn.free();
  if (question === "quit" && isKey("q\x03")) turn.stop(true);
  if (question === "end" && isKey("k") && a.running.includes(about)) turn.end(about);
}

function pressedAt(
  turn: Follower,
  screen: Screen,
  burst: string,
  isPasted: boolean,
  mayTrust: boolean,
): void {
  const { id } = screen;
  const isArmed = screen.seen === "010" && screen.still === "o" && screen.typed === "-" &&
    !screen.help && !isPasted;
  const isTrust = isOne(burst, "a") && mayTrust && !SHAPES[turn.life(id).shape].asRoot;
  if (isArmed && (isOne(burst, "yY") || isTrust)) return turn.approve(id, isTrust);
  if (!READING.includes(burst)) screen.long = true;
  if (screen.typed !== "-") return typed(turn, screen, burst, isPasted);
  const wasStill = screen.still === "o";
  if (wasStill) screen.still = "r";
  // To deny is safe, whatever else.
  if (isOne(burst, screen.help ? "nN\x03" : "nN\r\n\x1b\x03")) return deny(turn, id);
  const move = (changes: Partial<Screen>) => Object.assign(screen, { still: "-", ...changes });
  if (!isPasted && SCROLL.includes(burst)) move({ again: true });
  else if (screen.help) move({ help: false, again: false });
  else if (isPasted) return;
  else if (burst === "?") move({ help: true, again: false });
  else if (burst === "r" && wasStill) Object.assign(screen, { typed: "e", over: false });
  else if (burst === "d") denyAll(turn, id);
}

/** A line for the model. */
function typed(turn: Follower, screen: Screen, burst: string, isPasted: boolean): void {
  if (isOne(burst, "\x1b\x03")) {
    Object.assign(screen, { typed: "-", still: "-", again: true, over: false });
    return;
  }
  const text = MARKS.reduce((rest, mark) => rest.replaceAll(mark, ""), burst);
  const isSent = isOne(burst, "\r\n") || (text === burst && /[^\r\n][\r\n]$/.test(burst));
  if (isSent && !isPasted) return deny(turn, screen.id);
  if (text.charAt(0) >= " ") screen.typed = "m";
}

function deny(turn: Follower, id: string): void {
  turn.free();
  turn.do(`record denied ${id}`);
  turn.answer(id, "denied");
}

/** So is everything that waits, and for a moment everything that comes. */
function denyAll(turn: Follower, id: string): void {
  const { a } = turn;
  const { line } = a;
  a.line = [];
  a.denies = true;
  deny(turn, id);
  for (const waiting of line) {
    turn.do(`record denied ${defined(waiting)}`);
    turn.answer(waiting, "denied");
  }
}
