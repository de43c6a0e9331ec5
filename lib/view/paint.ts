/** What a piece of a line means; how it looks is decided in one place. */
export type Style =
  | "plain"
  | "frame"
  | "label"
  | "strong"
  | "root"
  | "user"
  | "warning"
  | "badge"
  | "ready"
  | "urgent"
  | "muted"
  | "good"
  | "bad";

/** A piece of a line in one style. Its text has no control characters. */
export interface Span {
  /** The text. */
  readonly text: string;
  /** How it looks. */
  readonly style: Style;
}

/** One line of the screen. */
export type Line = readonly Span[];

/**
 * How a terminal is written to: `mono` keeps all styles but colors, and `plain` is the text alone.
 */
export type Paint = "color" | "mono" | "plain";

/**
 * SGR parameters (ECMA-48) of each style, with colors and without. A color that has no background
 * of its own can be read on black and on white.
 */
const SGR: Readonly<Record<Style, { readonly color: string; readonly mono: string }>> = {
  plain: { color: "", mono: "" },
  frame: { color: "36", mono: "" },
  label: { color: "2", mono: "" },
  strong: { color: "1", mono: "1" },
  root: { color: "1;97;41", mono: "1;7" },
  user: { color: "1;97;44", mono: "1;7" },
  warning: { color: "35", mono: "1" },
  badge: { color: "7", mono: "7" },
  ready: { color: "30;42", mono: "7" },
  urgent: { color: "1;97;41", mono: "1;7" },
  muted: { color: "2", mono: "" },
  good: { color: "32", mono: "" },
  bad: { color: "31", mono: "1" },
};

// deno-lint-ignore no-control-regex -- the very thing that must not get through
const CONTROL = /[\x00-\x1f\x7f-\x9f]/g;

/** A piece of a line. */
export function span(text: string, style: Style = "plain"): Span {
  return { text, style };
}

/**
 * Writes a line with its styling. The last wall: a control character that got this far is replaced.
 */
export function paintLine(line: Line, paint: Paint): string {
  return line.map(({ text, style }) => {
    const safe = text.replace(CONTROL, "\uFFFD");
    const sgr = paint === "plain" ? "" : SGR[style][paint];
    return sgr === "" ? safe : `\x1b[${sgr}m${safe}\x1b[0m`;
  }).join("");
}

/**
 * How the terminal of this process is written to: without colors where `NO_COLOR` has any value
 * that isn't empty (https://no-color.org).
 */
export function paintOf(env: (name: "NO_COLOR" | "TERM") => string | undefined): Paint {
  if (env("TERM") === "dumb") return "plain";
  return env("NO_COLOR") ? "mono" : "color";
}
