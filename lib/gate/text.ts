/**
 * Which texts may reach the screen at all. This is the first wall; escaping in `terminal/` is the
 * second, for whatever this one does not know.
 *
 * @module
 */

/** Names a class of code points that no honest client sends, and how to find one. */
interface ForbiddenClass {
  readonly name: string;
  readonly pattern: RegExp;
}

// Why these: controls move the cursor; bidi controls reorder what is read (CVE-2021-42574, "Trojan
// Source"); zero-width and tag characters make two different words look the same, or carry words
// that nobody sees.
const FORBIDDEN: readonly ForbiddenClass[] = [
  { name: "a control character", pattern: /\p{Cc}/u },
  { name: "a lone surrogate", pattern: /\p{Cs}/u },
  { name: "a bidirectional control character", pattern: /\p{Bidi_Control}/u },
  { name: "a zero-width character", pattern: /[\u180E\u200B-\u200D\u2060-\u2064\uFEFF]/u },
  { name: "a tag character", pattern: /[\u{E0000}-\u{E007F}]/u },
];

const TAB_OR_NEWLINE = /[\t\n]/g;

/**
 * Finds what makes a text unfit to be shown to a person.
 *
 * @param text Any text of a request.
 * @param layout Whether tab and newline are allowed, as they are in arguments and stdin.
 * @returns The rule that the text breaks, as the end of a sentence, or `undefined` if it may be
 * shown.
 */
export function textFault(text: string, layout: "line" | "script" = "line"): string | undefined {
  const checked = layout === "script" ? text.replace(TAB_OR_NEWLINE, " ") : text;
  for (const { name, pattern } of FORBIDDEN) {
    const found = pattern.exec(checked);
    if (found) return `must not contain ${name} (${codePointName(found[0])})`;
  }
  return undefined;
}

/**
 * Names a code point.
 *
 * @param character A text; its first code point is named.
 * @returns Its name in the Unicode notation, such as `U+202E`.
 */
export function codePointName(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}

const NOT_ASCII = /[^ -~\n]/g;

/**
 * Writes JSON in printable ASCII. `JSON.stringify` leaves C1 controls, DEL and bidirectional
 * controls as they are.
 *
 * @param value What `JSON.stringify` takes.
 * @param indent The blanks of one level; a single line if left out.
 * @returns JSON whose strings have `\uXXXX` for every other character.
 */
export function asciiJson(value: unknown, indent?: number): string {
  return asciiOnly(JSON.stringify(value, null, indent));
}

/**
 * The same for a line that is JSON already. On a line that is not, it escapes alike.
 *
 * @param json JSON without tabs between its parts.
 * @returns The same value in printable ASCII.
 */
export function asciiOnly(json: string): string {
  // By UTF-16 units, as JSON has them (RFC 8259, section 7).
  return json.replace(
    NOT_ASCII,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
