/**
 * JSON text, with or without comments. Only a member itself and the comma beside it are touched;
 * comments, order, indentation and line ends stay. `modify` of jsonc-parser moves comments, and
 * changes the first of two equal keys, while readers take the last.
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
import { ConfigTextError, type Language, lineEndOf } from "./language.ts";

/** Parser of JSON; comments and trailing commas are allowed where it is loose. */
export function jsonLanguage(isLoose: boolean): Language {
  return {
    parse: (text) => getNodeValue(treeOf(text, isLoose)),
    set: (text, { servers, name }, value) => {
      const whole = text.trim() === "" ? `{}${lineEndOf(text)}` : text;
      return find(treeOf(whole), [servers]) === undefined
        ? setMember(whole, [servers], { [name]: value })
        : setMember(whole, [servers, name], value);
    },
    remove: (text, { servers, name }) => removeMember(text, [servers, name]),
    removeServers: (text, servers) => removeMember(text, [servers]),
  };
}

/** Sets a member of an object that is there. */
function setMember(text: string, path: readonly string[], value: unknown): string {
  const tree = treeOf(text);
  const object = find(tree, path.slice(0, -1)) ?? tree;
  const member = lastMember(object, path.at(-1));
  const old = member?.children?.[1];
  if (member === undefined || old === undefined) return insert(text, object, path.at(-1), value);
  if (old.type !== "object" || !isObject(value)) {
    const written = write(value, text, indentOf(text, member.offset));
    return text.slice(0, old.offset) + written + text.slice(endOf(old));
  }
  // Member by member, so that comments within the object stay.
  const before: Readonly<Record<string, unknown>> = getNodeValue(old);
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(value, key));
  const kept = gone.reduce((changed, key) => removeMember(changed, [...path, key]), text);
  return Object.entries(value)
    .filter(([key, item]) => JSON.stringify(before[key]) !== JSON.stringify(item))
    .reduce((changed, [key, item]) => setMember(changed, [...path, key], item), kept);
}

/** Takes a member out, with the comma that belongs to it. */
function removeMember(text: string, path: readonly string[]): string {
  const object = find(treeOf(text), path.slice(0, -1));
  const member = lastMember(object, path.at(-1));
  if (object === undefined || member === undefined) return text;
  const members = object.children ?? [];
  const index = members.indexOf(member);
  const { offset } = member;
  const comma = commaAfter(text, endOf(member), endOf(object) - 1);
  const end = comma === undefined ? endOf(member) : comma + 1;
  const removed = text.slice(0, gapBegin(text, offset, end)) + text.slice(end);
  const previous = members[index - 1];
  if (index === members.length - 1 && comma === undefined && previous !== undefined) {
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

/** Adds a member as the last one, after the comments that belong to the one before. */
function insert(text: string, object: Node, key: string | undefined, value: unknown): string {
  const close = endOf(object) - 1;
  const last = object.children?.at(-1);
  const comma = last && commaAfter(text, endOf(last), close);
  const name = JSON.stringify(key);
  if (last !== undefined && !text.slice(endOf(last), close).includes("\n")) {
    const member = ` ${name}: ${JSON.stringify(value)}`;
    return comma === undefined
      ? `${text.slice(0, endOf(last))},${member}${text.slice(endOf(last))}`
      : `${text.slice(0, comma + 1)}${member},${text.slice(comma + 1)}`;
  }
  const end = contentEnd(text, close);
  const eol = lineEndOf(text);
  const outer = indentOf(text, object.offset);
  const indent = last === undefined ? outer + unitOf(text) : indentOf(text, last.offset);
  const member = `${eol}${indent}${name}: ${write(value, text, indent)}`;
  const tail = text.slice(end, close).includes("\n")
    ? text.slice(end)
    : eol + outer + text.slice(close);
  if (last === undefined) return text.slice(0, end) + member + tail;
  if (comma !== undefined) return `${text.slice(0, end)}${member},${tail}`;
  return `${text.slice(0, endOf(last))},${text.slice(endOf(last), end)}${member}${tail}`;
}

function treeOf(text: string, isLoose = true): Node {
  const errors: ParseError[] = [];
  const tree = parseTree(text.trim() === "" ? "{}" : text, errors, {
    disallowComments: !isLoose,
    allowTrailingComma: isLoose,
    allowEmptyContent: false,
  });
  const [fault] = errors;
  if (tree !== undefined && fault === undefined) return tree;
  const { error, offset } = fault ?? { error: 4, offset: 0 };
  const lines = text.slice(0, offset).split("\n");
  const column = (lines.at(-1)?.length ?? 0) + 1;
  throw new ConfigTextError(
    `can't be parsed: ${printParseErrorCode(error)} in line ${lines.length}, column ${column}`,
  );
}

function find(tree: Node, path: readonly string[]): Node | undefined {
  return path.reduce((node: Node | undefined, key) => lastMember(node, key)?.children?.[1], tree);
}

/** If a key stands twice, readers take the last. */
function lastMember(object: Node | undefined, key: string | undefined): Node | undefined {
  return object?.children?.findLast(({ children }) => children?.[0]?.value === key);
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
  // Only up to the comma: behind it, strings may hold what looks like comments.
  const comma = text.slice(from, to).matchAll(/\/\/[^\n]*|\/\*[^]*?\*\/|,/g)
    .find(([token]) => token === ",");
  return comma && from + comma.index;
}

function write(value: unknown, text: string, indent: string): string {
  return JSON.stringify(value, null, unitOf(text)).replaceAll("\n", lineEndOf(text) + indent);
}

/** The blanks at the beginning of the line of a place. */
function indentOf(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf("\n", offset - 1) + 1))?.[0] ?? "";
}

/** One step of indentation: what the first indented line has. */
function unitOf(text: string): string {
  return /^([ \t]+)\S/m.exec(text)?.[1] ?? "  ";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
