/** Quotes a text without NUL as one word of a POSIX shell, if it needs that. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,.\/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
