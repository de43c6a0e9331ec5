/** What a piece of a line means; how it looks is decided in one place. */
export type Style =
  | "plain"
  | "frame"
  | "label"
  | "strong"
  | "root"
  | "user"
  | "warning"
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

/** SGR parameters (ECMA-48) of each style. */
const SGR: Readonly<Record<Style, string>> = {
  plain: "",
  frame: "36",
  label: "2",
  strong: "1",
  root: "1;97;41",
  user: "1;97;44",
  warning: "1;33",
  muted: "2",
  good: "32",
  bad: "31",
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
 * @param colour Whether styling is wanted; without it the text alone says everything.
 * @returns The text with its styling.
 */
export function paintLine(line: Line, colour: boolean): string {
  return line.map(({ text, style }) => {
    const safe = text.replace(CONTROL, "\uFFFD");
    return colour && SGR[style] !== "" ? `\x1b[${SGR[style]}m${safe}\x1b[0m` : safe;
  }).join("");
}
