/**
 * What can happen next, in the finite space in which the machine is walked.
 *
 * @module
 */
import { FINISHED, type Happening } from "../session/machine.ts";
import { nameOf, requestOf, type ShapeName } from "./shapes.ts";

/** The number of the last drawing in a state of the walk. */
export const DRAWING = 10;
/** The number of the last reset of the terminal in a state of the walk. */
export const RESET = 5;
/** A request has so many lines in each layout. */
const LINES = 10;

/** What can be visible of a request. */
export const VIEWS = {
  whole: { first: 0, page: LINES, total: LINES },
  begin: { first: 0, page: 6, total: LINES },
  end: { first: 5, page: 5, total: LINES },
  nothing: { first: 0, page: 0, total: LINES },
} as const;

/** One burst for each way in which a burst can count, and those in which a mark is cut in two. */
export const ALL_BURSTS: readonly string[] = [
  ..."yYanNrdqk? x",
  "\r",
  "\x1b",
  "\x03",
  "yy",
  "x\r",
  "\x1b[B",
  "\x1b[200~",
  "\x1b[201~",
  "\x1b[200~y\x1b[201~",
  "\x1b[20",
  "0~",
  "1~",
];
/** Those that differ where no mark is cut in two. */
export const FEW_BURSTS: readonly string[] = [..."yanrdqk?", "\x1b", "\x1b[200~", "\x1b[201~"];

/** Which events a walk has. */
export interface Scope {
  readonly slots: readonly string[];
  readonly shapes: readonly ShapeName[];
  readonly bursts: readonly string[];
  readonly views: readonly (keyof typeof VIEWS)[];
  /** Whether the screen changes: sizes, answers to old drawings, job control. */
  readonly screen: boolean;
  /** Whether sudo says if what it remembers counts elsewhere. */
  readonly sharing: boolean;
  /** Whether causes that differ only in what is said come apart, and unknown ids come. */
  readonly causes: boolean;
}

/** An event; `stalls` where this process did not run before it. */
export interface Step {
  readonly event: Happening;
  readonly stalls: boolean;
  readonly label: string;
}

/** Everything that could happen next, whether or not the machine waits for it. */
export function stepsOf(scope: Scope): readonly Step[] {
  const { slots, shapes, bursts, views, screen, sharing, causes } = scope;
  const shared = sharing ? [undefined, true, false] : [undefined];
  const events: Happening[] = [
    { kind: "clock" },
    { kind: "stop", by: "request" },
    { kind: "signal", signal: "SIGTERM" },
    { kind: "signal", signal: "SIGINT" },
    { kind: "probed", reset: RESET, ascii: false },
    ...views.map((name): Happening => ({ kind: "drawn", drawing: DRAWING, visible: VIEWS[name] })),
    { kind: "undrawable", drawing: DRAWING },
    ...bursts.map((text): Happening => ({ kind: "keys", burst: new TextEncoder().encode(text) })),
  ];
  if (causes) {
    events.push({ kind: "stop", by: "itself" }, { kind: "hangup" });
    events.push({ kind: "probed", reset: RESET - 1, ascii: false });
    events.push({ kind: "undrawable", drawing: DRAWING - 1 });
    events.push({ kind: "credentials", id: "x", present: true, shared: undefined });
    events.push({ kind: "authenticated", id: "x", result: "kept", shared: undefined });
    events.push({ kind: "ended", id: "x", end: FINISHED });
    events.push({ kind: "cancel", target: "x", replyTo: "z" });
  }
  if (screen) {
    events.push({ kind: "resized", columns: 81, rows: 24 }, { kind: "suspend" });
    events.push({ kind: "continued" });
    for (const name of views) {
      events.push({ kind: "drawn", drawing: DRAWING - 1, visible: VIEWS[name] });
    }
  }
  for (const id of slots) {
    events.push(
      ...shapes.map((name): Happening => ({ kind: "submitted", request: requestOf(id, name) })),
      { kind: "clientGone", id },
      { kind: "cancel", target: id, replyTo: "z" },
      ...shared.flatMap((shared): Happening[] => [
        { kind: "credentials", id, present: true, shared },
        { kind: "credentials", id, present: false, shared },
        { kind: "authenticated", id, result: "kept", shared },
        { kind: "authenticated", id, result: "notKept", shared },
        { kind: "authenticated", id, result: "failed", shared },
      ]),
      { kind: "authenticated", id, result: "sent", shared: undefined },
      { kind: "started", id },
      { kind: "begun", id },
      { kind: "ended", id, end: FINISHED },
      { kind: "signalFailed", id, wouldAsk: true },
      { kind: "signalFailed", id, wouldAsk: false },
    );
    if (causes) {
      events.push({
        kind: "ended",
        id,
        end: { kind: "refused", code: "not_recorded", message: "" },
      });
    }
  }
  return [
    ...events.map((event): Step => ({ event, stalls: false, label: labelOf(event) })),
    { event: { kind: "clock" }, stalls: true, label: "a stall" },
  ];
}

/** What an event is called in a trace. */
export function labelOf(event: Happening): string {
  switch (event.kind) {
    case "keys":
      return `keys ${JSON.stringify(String.fromCharCode(...event.burst))}`;
    case "submitted":
      return `submitted ${nameOf(event.request)}`;
    case "ended":
      return `ended ${event.id} ${event.end.kind}`;
    default:
      return Object.values(event).map((value) =>
        typeof value === "object" ? JSON.stringify(value) : String(value)
      ).join(" ");
  }
}
