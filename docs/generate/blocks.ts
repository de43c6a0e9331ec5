/** The folder of the project. */
export const ROOT: URL = new URL("../../", import.meta.url);

/** A table as `deno fmt` formats it; `|` in a cell is escaped. */
export function table(...rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const [header = []] = cells;
  const widths = header.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |\n`;
  const rule = widths.map((width) => "-".repeat(width));
  return [header, rule, ...cells.slice(1)].map(line).join("");
}

/** A paragraph as `deno fmt` wraps it, each line after a prefix. */
export function paragraph(text: string, prefix = ""): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && prefix.length + last.length + word.length + 1 <= 100) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines.map((line) => `${prefix}${line}`).join("\n");
}

/** Puts a block between its marks; gives whether it was another one before. */
export function put(path: string, name: string, block: string): boolean {
  const page = Deno.readTextFileSync(new URL(path, ROOT));
  const [begin, end] = [`<!-- ${name}: begin -->\n\n`, `\n<!-- ${name}: end -->\n`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no marks for "${name}"`);
  return replace(path, page.slice(0, from + begin.length) + block + page.slice(to));
}

/** Writes a file, or with `CI` says that it should be written; gives whether it was another one. */
export function replace(path: string, wanted: string): boolean {
  if (Deno.readTextFileSync(new URL(path, ROOT)) === wanted) return false;
  if (!Deno.env.get("CI")) Deno.writeTextFileSync(new URL(path, ROOT), wanted);
  else console.error(`${path} is not up to date: run deno task check, and commit what it writes`);
  return true;
}
