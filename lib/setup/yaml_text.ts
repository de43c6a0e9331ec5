/**
 * Changes one entry in YAML text. Its lines are replaced as a whole; every other line stays. Only
 * the block style is changed: a list or a mapping in brackets is refused.
 *
 * @module
 */
import { isMap, isNode, isPair, isScalar, isSeq, type Pair, parseDocument, stringify } from "yaml";
import { ConfigTextError } from "./config_text.ts";

/** One entry of the servers, as it stands in the text. */
export interface YamlEntry {
  /** The key of the servers, at the top level. */
  readonly servers: string;
  /** The name of the entry. */
  readonly name: string;
  /** Whether the servers are a list in which each has its `name`; a mapping by name otherwise. */
  readonly isList: boolean;
}

/** The lines of a server, from the first character of the first to the end of the last. */
interface Lines {
  readonly name: unknown;
  readonly begin: number;
  readonly end: number;
}

/**
 * Parses YAML 1.2.
 *
 * @param text The text; an empty one stands for an empty mapping.
 * @returns Its value.
 * @throws {ConfigTextError} If it breaks the rules of YAML, or is more than one document.
 */
export function parseYaml(text: string): unknown {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) {
    throw new ConfigTextError(`can't be parsed: ${error.message.split("\n", 1)[0]}`);
  }
  return document.toJS() ?? {};
}

/**
 * Sets an entry: in the place of the old one, or after the last one.
 *
 * @param text The text.
 * @param where The entry.
 * @param value What it holds, without its name.
 * @returns The new text.
 * @throws {ConfigTextError} If the servers are written in brackets.
 */
export function setYamlEntry(
  text: string,
  where: YamlEntry,
  value: Readonly<Record<string, unknown>>,
): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const { servers, name, isList } = where;
  const entry = stringify(isList ? [{ name, ...value }] : { [name]: value }, { lineWidth: 0 });
  const indented = (column: number) =>
    entry.trimEnd().split("\n").map((line) => " ".repeat(column) + line).join(eol);
  const pair = pairOf(text, servers);
  if (pair === undefined) {
    const before = text.trimEnd();
    return `${before}${before === "" ? "" : eol}${servers}:${eol}${indented(2)}${eol}`;
  }
  const { items, column } = itemsOf(text, pair);
  const old = items.find((item) => item.name === name);
  if (old !== undefined) return text.slice(0, old.begin) + indented(column) + text.slice(old.end);
  const last = items.at(-1);
  if (last !== undefined) {
    return text.slice(0, last.end) + eol + indented(column) + text.slice(last.end);
  }
  // "servers:" or "servers: {}", maybe with a comment behind it.
  const line = withoutEmpty(text, pair);
  const end = lineEnd(line, keyEnd(pair));
  return line.slice(0, end) + eol + indented(2) + line.slice(end);
}

/**
 * Takes an entry out.
 *
 * @param text The text.
 * @param where The entry.
 * @returns The new text; servers of which none is left are written as empty brackets.
 */
export function removeYamlEntry(text: string, { servers, name, isList }: YamlEntry): string {
  const pair = pairOf(text, servers);
  const { items } = pair === undefined ? { items: [] } : itemsOf(text, pair);
  const item = items.find((item) => item.name === name);
  if (pair === undefined || item === undefined) return text;
  const before = text.slice(0, item.begin).replace(/\r?\n$/, "");
  const rest = before + text.slice(item.end);
  if (items.length > 1) return rest;
  const colon = keyEnd(pair) + 1;
  return `${rest.slice(0, colon)} ${isList ? "[]" : "{}"}${rest.slice(colon)}`;
}

/**
 * Takes the line of empty servers out.
 *
 * @param text The text.
 * @param servers The key of the servers.
 * @returns The new text.
 */
export function removeYamlServers(text: string, servers: string): string {
  const pair = pairOf(text, servers);
  if (pair === undefined) return text;
  const begin = lineBegin(text, keyEnd(pair));
  return text.slice(0, begin) + text.slice(lineEnd(text, keyEnd(pair))).replace(/^\r?\n/, "");
}

function pairOf(text: string, servers: string): Pair | undefined {
  const { contents } = parseDocument(text);
  if (contents === null || (isScalar(contents) && contents.value === null)) return undefined;
  if (!isMap(contents) || contents.flow) throw unsafe(servers);
  return contents.items.find(({ key }) => isScalar(key) && key.value === servers);
}

/** The entries of the servers, each with its name, and the column in which they begin. */
function itemsOf(
  text: string,
  { key, value }: Pair,
): { readonly items: readonly Lines[]; readonly column: number } {
  const isEmpty = value === null || (isScalar(value) && value.value === null) ||
    ((isMap(value) || isSeq(value)) && value.items.length === 0);
  if (isEmpty) return { items: [], column: 2 };
  if (!(isMap(value) || isSeq(value)) || value.flow || !value.range) throw unsafe(String(key));
  const items = value.items.map((item) => {
    if (isPair(item)) {
      const { key: name, value: node } = item;
      if (!isScalar(name)) throw unsafe(String(key));
      return { name: name.value, at: name.range?.[0], last: endOf(node) ?? name.range?.[1] };
    }
    if (!isMap(item) || !item.range) throw unsafe(String(key));
    // The item of a list begins with its dash.
    const at = text.lastIndexOf("-", item.range[0] - 1);
    return { name: item.get("name"), at, last: endOf(item) };
  }).map(({ name, at = -1, last = -1 }) => {
    if (at < 0 || last < 0) throw unsafe(String(key));
    // A comment may stand behind the last value.
    const end = lineEnd(text, text.slice(0, last).trimEnd().length);
    return { name, begin: lineBegin(text, at), end, column: at - lineBegin(text, at) };
  });
  return { items, column: items[0].column };
}

/** Where the last value of a node ends. */
function endOf(node: unknown): number | undefined {
  const last = (isMap(node) || isSeq(node)) && !node.flow ? node.items.at(-1) : undefined;
  if (isPair(last)) {
    return endOf(last.value) ?? (isScalar(last.key) ? last.key.range?.[1] : undefined);
  }
  if (last !== undefined) return endOf(last);
  return isNode(node) ? node.range?.[1] : undefined;
}

function withoutEmpty(text: string, { value }: Pair): string {
  const range = isMap(value) || isSeq(value) ? value.range : undefined;
  return range ? text.slice(0, range[0]).trimEnd() + text.slice(range[1]) : text;
}

function keyEnd({ key }: Pair): number {
  const end = isScalar(key) ? key.range?.[1] : undefined;
  if (end === undefined) throw unsafe(String(key));
  return end;
}

function lineBegin(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  if (end < 0) return text.length;
  return text[end - 1] === "\r" ? end - 1 : end;
}

function unsafe(key: string): ConfigTextError {
  return new ConfigTextError(
    `has the key "${key}", or one above it, in a form that can't be changed safely`,
  );
}
