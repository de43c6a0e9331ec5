/** Where nothing says how wide the terminal is, in columns. */
const COLUMNS = 80;

/**
 * Breaks a text at blanks, so that a terminal breaks no word that fits into a line. Words that don't
 * fit stay whole, so that they can be copied, and so do commands: lines that begin with two blanks.
 * The text's own lines stay.
 */
export function wrapWords(text: string, columns: number): string {
  return text.split("\n").map((line) => {
    if (/^ {2}\S/.test(line)) return line;
    let used = 0;
    return line.split(" ").map((word, index) => {
      const fits = used + 1 + word.length <= columns;
      const blank = index === 0 ? "" : fits ? " " : "\n";
      used = blank === " " ? used + 1 + word.length : word.length;
      return blank + word;
    }).join("");
  }).join("\n");
}

/** The width of the terminal; `undefined` if no standard stream says it. */
export function terminalColumns(): number | undefined {
  try {
    return Deno.consoleSize().columns || undefined;
  } catch {
    return undefined;
  }
}

/** Breaks a text at blanks where it goes to a terminal: to standard error, if left out. */
export function wrapForTerminal(
  text: string,
  stream: Pick<typeof Deno.stderr, "isTerminal"> = Deno.stderr,
): string {
  return stream.isTerminal() ? wrapWords(text, terminalColumns() ?? COLUMNS) : text;
}
