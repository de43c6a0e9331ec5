/** Where nothing says how wide the terminal is, in columns. */
const COLUMNS = 80;

/**
 * Breaks a text at blanks, so that a terminal breaks no word that fits into a line. Words that don't
 * fit stay whole, so that they can be copied.
 *
 * @param text The text; its own lines stay.
 * @param columns The width of the terminal.
 * @returns The text with more newlines.
 */
export function wrapWords(text: string, columns: number): string {
  return text.split("\n").map((line) => {
    let used = 0;
    return line.split(" ").map((word, index) => {
      const fits = used + 1 + word.length <= columns;
      const blank = index === 0 ? "" : fits ? " " : "\n";
      used = blank === " " ? used + 1 + word.length : word.length;
      return blank + word;
    }).join("");
  }).join("\n");
}

/**
 * Breaks a text at blanks where it goes to a terminal.
 *
 * @param text What is to be printed.
 * @param stream Where it is to be printed: standard error, if left out.
 * @returns The text as it is to be printed.
 */
export function wrapForTerminal(
  text: string,
  stream: Pick<typeof Deno.stderr, "isTerminal"> = Deno.stderr,
): string {
  if (!stream.isTerminal()) return text;
  let columns = COLUMNS;
  try {
    columns = Deno.consoleSize().columns || COLUMNS;
  } catch {
    // No standard stream says how wide it is.
  }
  return wrapWords(text, columns);
}
