/**
 * Which texts may reach the screen at all. This is the first wall; escaping in `view/` is the
 * second, for anything that this one lets through.
 *
 * @module
 */

/**
 * Classes of code points that no honest client sends. Controls move the cursor; bidi controls
 * reorder what is read (CVE-2021-42574, "Trojan Source"); zero-width and tag characters make two
 * different texts look the same, or carry text that nobody sees.
 */
const FORBIDDEN: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: "a control character", pattern: /\p{Cc}/u },
  { name: "a lone surrogate", pattern: /\p{Cs}/u },
  { name: "a bidirectional control character", pattern: /\p{Bidi_Control}/u },
  { name: "a zero-width character", pattern: /[\u180E\u200B-\u200D\u2060-\u2064\uFEFF]/u },
  { name: "a tag character", pattern: /[\u{E0000}-\u{E007F}]/u },
];

/**
 * Finds what makes a text unfit to be shown to a person.
 *
 * @param text Any text of a request.
 * @param layout Whether tab and newline are allowed, as they are in arguments and stdin.
 * @returns The rule that the text breaks, as the end of a sentence, or `undefined` if it may be
 * shown.
 */
export function textFault(text: string, layout: "line" | "script" = "line"): string | undefined {
  const checked = layout === "script" ? text.replace(/[\t\n]/g, " ") : text;
  for (const { name, pattern } of FORBIDDEN) {
    const found = pattern.exec(checked);
    if (found) return `must not contain ${name} (${codePointName(found[0])})`;
  }
  return undefined;
}

/** Names the first code point of a text in the Unicode notation, such as `U+202E`. */
export function codePointName(text: string): string {
  return `U+${text.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}`;
}

/**
 * Writes JSON in printable ASCII, with `\uXXXX` for every other character. `JSON.stringify` leaves C1
 * controls, DEL and bidirectional controls as they are.
 *
 * @param value What `JSON.stringify` takes.
 * @param indent The blanks of one level; a single line if left out.
 */
export function asciiJson(value: unknown, indent?: number): string {
  return asciiOnly(JSON.stringify(value, null, indent));
}

/** The same for a line that is already JSON. A line that is not is escaped in the same way. */
export function asciiOnly(json: string): string {
  // By UTF-16 units, as JSON has them (RFC 8259, section 7).
  return json.replace(
    /[^ -~\n]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
