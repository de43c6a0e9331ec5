/**
 * Changes members of objects in JSON text, with or without comments. Only the member itself and the
 * comma beside it are touched; comments, order, indentation and line ends stay.
 *
 * @module
 */
import {
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { ConfigTextError } from "./config_text.ts";

/**
 * Parses JSON.
 *
 * @param text The text; an empty one stands for an empty object.
 * @param isLoose Whether comments and trailing commas are allowed.
 * @returns Its value.
 * @throws {ConfigTextError} If it breaks the rules of JSON.
 */
export function parseJson(text: string, isLoose: boolean): unknown {
  return getNodeValue(treeOf(text, isLoose));
}

/**
 * Sets a member, and makes the objects above it where they are missing. Of an object that is there
 * already, only the members that differ are touched.
 *
 * @param text The text.
 * @param path The keys that lead to the member.
 * @param value Its new value.
 * @returns The new text.
 */
export function setMember(text: string, path: readonly string[], value: unknown): string {
  const whole = text.trim() === "" ? `{}${lineEnd(text)}` : text;
  const [key, ...rest] = path;
  return setIn(whole, [], key, rest, value);
}

/**
 * Takes a member out, with the comma that belongs to it.
 *
 * @param text The text.
 * @param path The keys that lead to the member.
 * @returns The new text.
 */
export function removeMember(text: string, path: readonly string[]): string {
  const object = find(treeOf(text, true), path.slice(0, -1));
  const members = object?.children ?? [];
  const index = members.findLastIndex((member) => keyOf(member) === path.at(-1));
  if (object === undefined || index < 0) return text;
  const { offset, length } = members[index];
  const comma = commaAfter(text, offset + length, endOf(object) - 1);
  const end = comma === undefined ? offset + length : comma + 1;
  const removed = text.slice(0, gapBegin(text, offset, end)) + text.slice(end);
  const isLast = index === members.length - 1;
  const previous = members[index - 1];
  if (isLast && comma === undefined && previous !== undefined) {
    const before = commaAfter(text, endOf(previous), offset);
    if (before !== undefined) return removed.slice(0, before) + removed.slice(before + 1);
  }
  if (members.length > 1) return removed;
  const begin = object.offset + 1;
  const close = endOf(object) - 1 - (text.length - removed.length);
  const isEmpty = removed.slice(begin, close).trim() === "";
  return isEmpty ? removed.slice(0, begin) + removed.slice(close) : removed;
}

/** Where the blanks before a member begin; a line end stays where something follows the member. */
function gapBegin(text: string, offset: number, end: number): number {
  const begin = contentEnd(text, offset);
  const lineBegin = text.indexOf("\n", begin) + 1;
  const hasOwnLine = lineBegin > 0 && lineBegin <= offset;
  return hasOwnLine && !/^[ \t]*\r?(?:\n|$)/.test(text.slice(end)) ? lineBegin : begin;
}

/** Follows a path to a member, one object after the other. */
function setIn(
  text: string,
  above: readonly string[],
  key: string,
  rest: readonly string[],
  value: unknown,
): string {
  const object = find(treeOf(text, true), above)!;
  const member = object.children?.findLast((child) => keyOf(child) === key);
  if (member === undefined) {
    const inner = rest.reduceRight((item: unknown, name) => ({ [name]: item }), value);
    return insert(text, object, key, inner);
  }
  if (rest.length > 0) return setIn(text, [...above, key], rest[0], rest.slice(1), value);
  const old = member.children![1];
  if (old.type === "object" && isObject(value)) return merge(text, [...above, key], old, value);
  const written = write(value, text, indentOf(text, member.offset));
  return text.slice(0, old.offset) + written + text.slice(endOf(old));
}

/** Member by member, so that comments within the object stay. */
function merge(
  text: string,
  path: readonly string[],
  old: Node,
  value: Readonly<Record<string, unknown>>,
): string {
  const before = getNodeValue(old) as Record<string, unknown>;
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(value, key));
  const kept = gone.reduce((changed, key) => removeMember(changed, [...path, key]), text);
  return Object.entries(value)
    .filter(([key, item]) => JSON.stringify(before[key]) !== JSON.stringify(item))
    .reduce((changed, [key, item]) => setIn(changed, path, key, [], item), kept);
}

/** Adds a member as the last one, after the comments that belong to the one before. */
function insert(text: string, object: Node, key: string, value: unknown): string {
  const close = endOf(object) - 1;
  const last = object.children?.at(-1);
  const end = contentEnd(text, close);
  const isOneLine = last !== undefined && !text.slice(endOf(last), close).includes("\n");
  if (isOneLine) {
    const comma = commaAfter(text, endOf(last), close);
    const member = `${JSON.stringify(key)}: ${JSON.stringify(value)}`;
    return comma === undefined
      ? `${text.slice(0, endOf(last))}, ${member}${text.slice(endOf(last))}`
      : `${text.slice(0, comma + 1)} ${member},${text.slice(comma + 1)}`;
  }
  const eol = lineEnd(text);
  const outer = indentOf(text, object.offset);
  const indent = last === undefined ? outer + unitOf(text) : indentOf(text, last.offset);
  const comma = last === undefined ? undefined : commaAfter(text, endOf(last), close);
  const member = eol + indent + JSON.stringify(key) + ": " + write(value, text, indent) +
    (comma === undefined ? "" : ",");
  const tail = text.slice(end, close).includes("\n")
    ? text.slice(end)
    : eol + outer + text.slice(close);
  if (last === undefined || comma !== undefined) return text.slice(0, end) + member + tail;
  return text.slice(0, endOf(last)) + "," + text.slice(endOf(last), end) + member + tail;
}

function treeOf(text: string, isLoose: boolean): Node {
  const errors: ParseError[] = [];
  const tree = parseTree(text.trim() === "" ? "{}" : text, errors, {
    disallowComments: !isLoose,
    allowTrailingComma: isLoose,
    allowEmptyContent: false,
  });
  if (tree !== undefined && errors.length === 0) return tree;
  const [{ error, offset }] = errors.length > 0 ? errors : [{ error: 4, offset: 0 }];
  const before = text.slice(0, offset).split("\n");
  throw new ConfigTextError(
    `can't be parsed: ${printParseErrorCode(error)} in line ${before.length}, column ${
      before.at(-1)!.length + 1
    }`,
  );
}

/** Where a key stands twice, readers take the last. */
function find(tree: Node, path: readonly string[]): Node | undefined {
  return path.reduce(
    (node: Node | undefined, key) =>
      node?.children?.findLast((member) => keyOf(member) === key)?.children?.[1],
    tree,
  );
}

function keyOf(member: Node): unknown {
  return member.children?.[0]?.value;
}

function endOf({ offset, length }: Node): number {
  return offset + length;
}

/** The end of what stands before a place, blanks left out. */
function contentEnd(text: string, before: number): number {
  return text.slice(0, before).trimEnd().length;
}

/** The comma between two places, where only blanks and comments stand beside it. */
function commaAfter(text: string, from: number, to: number): number | undefined {
  const pattern = /\/\/[^\n]*|\/\*[^]*?\*\/|,/g;
  for (const match of text.slice(from, to).matchAll(pattern)) {
    if (match[0] === ",") return from + match.index;
  }
  return undefined;
}

function write(value: unknown, text: string, indent: string): string {
  return JSON.stringify(value, null, unitOf(text)).replaceAll("\n", lineEnd(text) + indent);
}

function lineEnd(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

/** The blanks at the beginning of the line of a place. */
function indentOf(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1);
  return /^[ \t]*/.exec(line)![0];
}

/** One step of indentation: what the first indented line has. */
function unitOf(text: string): string {
  return /^([ \t]+)\S/m.exec(text)?.[1] ?? "  ";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
