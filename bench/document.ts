const PAGE = new URL("../docs/install.md", import.meta.url);

/**
 * Puts a table into docs/install.md, between the marks of its name.
 *
 * @param name The name in the marks.
 * @param rows The first one is the head.
 * @param note A sentence below it.
 */
export async function writeTable(
  name: string,
  rows: readonly (readonly string[])[],
  note: string,
): Promise<void> {
  const [head = [], ...others] = rows;
  const lines = [head, head.map(() => "---"), ...others].map((row) => `| ${row.join(" | ")} |`);
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const text = await Deno.readTextFile(PAGE);
  const [before, after] = [text.indexOf(begin), text.indexOf(end)];
  if (before === -1 || after < before) throw new Error(`docs/install.md has no marks "${name}"`);
  const block = `${begin}\n\n${lines.join("\n")}\n\n${note}\n\n`;
  await Deno.writeTextFile(PAGE, text.slice(0, before) + block + text.slice(after));
  console.log(`${lines.join("\n")}\n${note}`);
}

/** The machine and its load, as the end of a sentence. */
export function surroundings(loadBefore: number): string {
  const [loadAfter = 0] = Deno.loadavg();
  return `on ${navigator.hardwareConcurrency} cores, with Deno ${Deno.version.deno} and a load of ` +
    `${loadBefore.toFixed(1)} before and ${loadAfter.toFixed(1)} after`;
}
