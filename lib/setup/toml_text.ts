/**
 * Changes one table in TOML text. Its lines, and those of the tables below it, are replaced as a
 * whole; every other line stays.
 *
 * @module
 */
import { parse, stringify } from "smol-toml";
import { ConfigTextError } from "./config_text.ts";

/** A longer list takes several lines. */
const MAX_LINE_LENGTH = 100;

/**
 * Parses TOML.
 *
 * @param text The text.
 * @returns Its value.
 * @throws {ConfigTextError} If it breaks the rules of TOML.
 */
export function parseToml(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const [first] = String(error instanceof Error ? error.message : error).split("\n");
    throw new ConfigTextError(`can't be parsed: ${first}`);
  }
}

/**
 * Sets a table: in the place of the old one, or at the end of the text.
 *
 * @param text The text.
 * @param path The keys that lead to the table.
 * @param value What it holds.
 * @returns The new text.
 */
export function setTable(
  text: string,
  path: readonly string[],
  value: Readonly<Record<string, unknown>>,
): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const nested = path.reduceRight((inner: unknown, key) => ({ [key]: inner }), value);
  const lines = stringify(nested).trim().split("\n");
  // The tables above are made by their headers: only our own are written.
  const own = lines.slice(lines.findIndex((line) => headerOf(line)?.length === path.length))
    .flatMap((line) => onLines(line, value));
  const blocks = blocksOf(text, path);
  const body = own.join(eol);
  if (blocks.length === 0) {
    const before = text.trimEnd();
    const gap = before === "" ? "" : before + eol + eol;
    return gap + body + eol;
  }
  const [first, ...others] = blocks;
  const without = others.reduceRight((rest, block) => cut(rest, block), text);
  return without.slice(0, first.begin) + body + without.slice(first.end);
}

/** A long list of texts is written with one text a line, so that changes can be read. */
function onLines(line: string, value: Readonly<Record<string, unknown>>): string[] {
  const [, key] = /^([A-Za-z0-9_-]+) = \[ /.exec(line) ?? [];
  const items = key === undefined ? undefined : value[key];
  if (line.length <= MAX_LINE_LENGTH || !Array.isArray(items)) return [line];
  if (!items.every((item) => typeof item === "string")) return [line];
  const rows = items.map((item) => `  ${stringify({ item }).trim().slice("item = ".length)},`);
  return [`${key} = [`, ...rows, "]"];
}

/**
 * Takes a table out, with the tables below it.
 *
 * @param text The text.
 * @param path The keys that lead to the table.
 * @returns The new text.
 */
export function removeTable(text: string, path: readonly string[]): string {
  const rest = blocksOf(text, path).reduceRight((text, block) => cut(text, block), text);
  return rest.trim() === "" ? "" : rest;
}

interface Block {
  readonly begin: number;
  readonly end: number;
}

/** The lines of a table, from its header to its last line that is neither empty nor a comment. */
function blocksOf(text: string, path: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let open: { begin: number; end: number } | undefined;
  let offset = 0;
  for (const line of text.split("\n")) {
    const keys = headerOf(line);
    if (keys !== undefined || /^\s*\[\[/.test(line)) {
      if (open) blocks.push(open);
      open = keys !== undefined && path.every((key, index) => keys[index] === key)
        ? { begin: offset, end: offset + line.trimEnd().length }
        : undefined;
    } else if (open && /^\s*[^\s#]/.test(line)) open.end = offset + line.trimEnd().length;
    offset += line.length + 1;
  }
  if (open) blocks.push(open);
  return blocks;
}

/** A block, and the empty lines before it. */
function cut(text: string, { begin, end }: Block): string {
  const before = text.slice(0, begin).trimEnd();
  const after = text.slice(end);
  return before === "" ? after.replace(/^\s*\n/, "") : before + after;
}

/** The keys of a line like `[a."b c".d]`. */
function headerOf(line: string): string[] | undefined {
  const match = /^\s*\[([^[\]][^\]]*)\]\s*(?:#.*)?$/.exec(line);
  if (!match) return undefined;
  const keys = match[1].matchAll(/\s*(?:"([^"\\]*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*(?:\.|$)/g);
  return [...keys].map(([, double, single, bare]) => double ?? single ?? bare);
}
