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

/** How a terminal is written to: `mono` keeps what is no colour, and `plain` is the text alone. */
export type Paint = "colour" | "mono" | "plain";

/**
 * SGR parameters (ECMA-48) of each style, with colours and without. A colour that has no background
 * of its own can be read on black and on white.
 */
const SGR: Readonly<Record<Style, { readonly colour: string; readonly mono: string }>> = {
  plain: { colour: "", mono: "" },
  frame: { colour: "36", mono: "" },
  label: { colour: "2", mono: "" },
  strong: { colour: "1", mono: "1" },
  root: { colour: "1;97;41", mono: "1;7" },
  user: { colour: "1;97;44", mono: "1;7" },
  warning: { colour: "35", mono: "1" },
  badge: { colour: "7", mono: "7" },
  ready: { colour: "30;42", mono: "7" },
  urgent: { colour: "1;97;41", mono: "1;7" },
  muted: { colour: "2", mono: "" },
  good: { colour: "32", mono: "" },
  bad: { colour: "31", mono: "1" },
};

// deno-lint-ignore no-control-regex -- the very thing that must not get through
const CONTROL = /[\x00-\x1f\x7f-\x9f]/g;

/** A piece of a line. */
export function span(text: string, style: Style = "plain"): Span {
  return { text, style };
}

/**
 * Turns a line into bytes for the terminal. The last wall: a control character that got this far is
 * replaced.
 *
 * @param line What to write.
 * @param paint What the terminal gets; the text alone says everything.
 * @returns The text with its styling.
 */
export function paintLine(line: Line, paint: Paint): string {
  return line.map(({ text, style }) => {
    const safe = text.replace(CONTROL, "\uFFFD");
    const sgr = paint === "plain" ? "" : SGR[style][paint];
    return sgr === "" ? safe : `\x1b[${sgr}m${safe}\x1b[0m`;
  }).join("");
}

/**
 * How the terminal of this process is written to.
 *
 * @param env Reads a variable of the environment.
 * @returns Without colours where `NO_COLOR` has any value that isn't empty (https://no-color.org).
 */
export function paintOf(env: (name: "NO_COLOR" | "TERM") => string | undefined): Paint {
  if (env("TERM") === "dumb") return "plain";
  return env("NO_COLOR") ? "mono" : "colour";
}
