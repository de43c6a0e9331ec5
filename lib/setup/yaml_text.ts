/**
 * YAML text. The lines of one entry are replaced as a whole; every other line stays. Only the block
 * style is changed: a list or a mapping in brackets is refused.
 *
 * @module
 */
import { isMap, isNode, isPair, isScalar, isSeq, type Pair, parseDocument, stringify } from "yaml";
import { ConfigTextError, type Language, lineEndOf, unsafeKey } from "./language.ts";

/** The lines of a server, from the first character of the first to the end of the last. */
interface Lines {
  readonly name: unknown;
  readonly begin: number;
  readonly end: number;
  /** The blanks before it. */
  readonly column: number;
}

/** YAML 1.2. */
export const yamlLanguage: Language = {
  parse: (text) => {
    const document = parseDocument(text);
    const [error] = document.errors;
    if (error === undefined) return document.toJS() ?? {};
    throw new ConfigTextError(`can't be parsed: ${error.message.split("\n", 1)[0]}`);
  },
  set: (text, { servers, name, isList }, value) => {
    const eol = lineEndOf(text);
    const entry = stringify(isList ? [{ name, ...value }] : { [name]: value }, { lineWidth: 0 });
    const indented = (column: number) =>
      entry.trimEnd().split("\n").map((line) => " ".repeat(column) + line).join(eol);
    const pair = pairOf(text, servers);
    if (pair === undefined) {
      const before = text.trimEnd();
      return `${before}${before === "" ? "" : eol}${servers}:${eol}${indented(2)}${eol}`;
    }
    const items = itemsOf(text, pair);
    const [first] = items;
    const old = items.find((item) => item.name === name);
    if (first !== undefined && old !== undefined) {
      return text.slice(0, old.begin) + indented(first.column) + text.slice(old.end);
    }
    const last = items.at(-1);
    if (first !== undefined && last !== undefined) {
      return text.slice(0, last.end) + eol + indented(first.column) + text.slice(last.end);
    }
    // "servers:" or "servers: {}", maybe with a comment behind it.
    const line = withoutEmpty(text, pair);
    const end = lineEnd(line, keyEnd(pair));
    return line.slice(0, end) + eol + indented(2) + line.slice(end);
  },
  remove: (text, { servers, name, isList }) => {
    const pair = pairOf(text, servers);
    const items = pair === undefined ? [] : itemsOf(text, pair);
    const item = items.find((item) => item.name === name);
    if (pair === undefined || item === undefined) return text;
    const rest = text.slice(0, item.begin).replace(/\r?\n$/, "") + text.slice(item.end);
    if (items.length > 1) return rest;
    const colon = keyEnd(pair) + 1;
    return `${rest.slice(0, colon)} ${isList ? "[]" : "{}"}${rest.slice(colon)}`;
  },
  removeServers: (text, servers) => {
    const pair = pairOf(text, servers);
    if (pair === undefined) return text;
    const begin = lineBegin(text, keyEnd(pair));
    return text.slice(0, begin) + text.slice(lineEnd(text, keyEnd(pair))).replace(/^\r?\n/, "");
  },
};

function pairOf(text: string, servers: string): Pair | undefined {
  const { contents } = parseDocument(text);
  if (contents === null || (isScalar(contents) && contents.value === null)) return undefined;
  if (!isMap(contents) || contents.flow) throw unsafeKey(servers);
  return contents.items.find(({ key }) => isScalar(key) && key.value === servers);
}

/** The entries of the servers. */
function itemsOf(text: string, { key, value }: Pair): Lines[] {
  const isEmpty = value === null || (isScalar(value) && value.value === null) ||
    ((isMap(value) || isSeq(value)) && value.items.length === 0);
  if (isEmpty) return [];
  const unsafe = unsafeKey(String(key));
  if (!(isMap(value) || isSeq(value)) || value.flow || !value.range) throw unsafe;
  return value.items.map((item) => {
    const scalar = isPair(item) && isScalar(item.key) ? item.key : undefined;
    const map = isMap(item) && item.range ? item : undefined;
    const at = map?.range
      // The item of a list begins with its dash.
      ? text.lastIndexOf("-", map.range[0] - 1)
      : scalar?.range?.[0] ?? -1;
    const last = endOf(isPair(item) ? item.value : item) ?? scalar?.range?.[1] ?? -1;
    if ((scalar ?? map) === undefined || at < 0 || last < 0) throw unsafe;
    const begin = lineBegin(text, at);
    // A comment may stand behind the last value.
    const end = lineEnd(text, text.slice(0, last).trimEnd().length);
    return { name: scalar ? scalar.value : map?.get("name"), begin, end, column: at - begin };
  });
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
  if (end === undefined) throw unsafeKey(String(key));
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
