/**
 * TOML text. The lines of one table, and of the tables below it, are replaced as a whole; every
 * other line stays.
 *
 * @module
 */
import { parse, stringify } from "smol-toml";
import { messageOf } from "../platform/message_of.ts";
import { ConfigTextError, type Language, lineEndOf } from "./language.ts";

/** A longer list takes several lines. */
const MAX_LINE_LENGTH = 100;
/** A longer header of a table is not ours. */
const MAX_HEADER_LENGTH = 1000;

/** TOML 1.0. */
export const tomlLanguage: Language = {
  parse: (text) => {
    try {
      return parse(text);
    } catch (error) {
      const [first] = messageOf(error).split("\n");
      throw new ConfigTextError(`can't be parsed: ${first}`);
    }
  },
  set: (text, { servers, name }, value) => {
    const eol = lineEndOf(text);
    const lines = stringify({ [servers]: { [name]: value } }).trim().split("\n");
    // The table above is made by the header: only our own is written.
    const body = lines.slice(lines.findIndex((line) => headerOf(line)?.length === 2))
      .flatMap((line) => onLines(line, value)).join(eol);
    const [first, ...others] = blocksOf(text, [servers, name]);
    if (first === undefined) {
      const before = text.trimEnd();
      return (before === "" ? "" : before + eol + eol) + body + eol;
    }
    const without = others.reduceRight(cut, text);
    return without.slice(0, first.begin) + body + without.slice(first.end);
  },
  remove: (text, { servers, name }) => {
    const rest = blocksOf(text, [servers, name]).reduceRight(cut, text);
    return rest.trim() === "" ? "" : rest;
  },
  // The object of the servers goes with its last table.
  removeServers: (text) => text,
};

/** A long list of texts is written with one text a line, so that changes can be read. */
function onLines(line: string, value: Readonly<Record<string, unknown>>): string[] {
  const key = /^([A-Za-z0-9_-]+) = \[ /.exec(line)?.[1];
  const items = key === undefined ? undefined : value[key];
  if (line.length <= MAX_LINE_LENGTH || !Array.isArray(items)) return [line];
  if (!items.every((item) => typeof item === "string")) return [line];
  const rows = items.map((item) => `  ${stringify({ item }).trim().slice("item = ".length)},`);
  return [`${key} = [`, ...rows, "]"];
}

interface Block {
  readonly begin: number;
  readonly end: number;
}

/** The lines of a table, from its header to its last line that is neither empty nor a comment. */
function blocksOf(text: string, path: readonly string[]): Block[] {
  const blocks: { begin: number; end: number }[] = [];
  let open: { begin: number; end: number } | undefined;
  let offset = 0;
  for (const line of text.split("\n")) {
    const keys = headerOf(line);
    const end = offset + line.trimEnd().length;
    if (keys !== undefined || /^\s*\[\[/.test(line)) {
      const isOurs = keys !== undefined && path.every((key, index) => keys[index] === key);
      open = isOurs ? { begin: offset, end } : undefined;
      if (open) blocks.push(open);
    } else if (open && /^\s*[^\s#]/.test(line)) open.end = end;
    offset += line.length + 1;
  }
  return blocks;
}

/** Takes out a block, and the empty lines before it. */
function cut(text: string, { begin, end }: Block): string {
  const before = text.slice(0, begin).trimEnd();
  const after = text.slice(end);
  return before === "" ? after.replace(/^\s*\n/, "") : before + after;
}

/** The keys of a line like `[a."b c".d]`. */
function headerOf(line: string): string[] | undefined {
  const header = /^\s*\[([^[\]][^\]]*)\]\s*(?:#.*)?$/.exec(line)?.[1];
  if (header === undefined) return undefined;
  // Ours is short; the search below would take minutes for a long one.
  if (header.length > MAX_HEADER_LENGTH) return [];
  return [...header.matchAll(/\s*(?:"([^"\\]*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*(?:\.|$)/g)]
    .map(([, double, single, bare = ""]) => double ?? single ?? bare);
}
