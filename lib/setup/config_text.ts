/**
 * The entry of one MCP server in the text of a configuration file: read, set and taken out, with
 * everything else in the text left as it is.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { Syntax } from "./clients.ts";
import { parseJson, removeMember, setMember } from "./json_text.ts";
import { parseToml, removeTable, setTable } from "./toml_text.ts";

/** How our entry is called in every client. */
export const ENTRY_NAME = "sudo-proxy";

/** A text that can't be changed safely; the message is the end of a sentence about the file. */
export class ConfigTextError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "ConfigTextError";
}

/** An entry, as the client reads it. */
export type Entry = Readonly<Record<string, unknown>>;

const BOM = "\ufeff";

/**
 * Reads our entry.
 *
 * @param text The contents of the file.
 * @param syntax How it is written.
 * @param servers The key of the object that has the servers.
 * @returns The entry, or `undefined` where there is none.
 * @throws {ConfigTextError} If the text can't be parsed, or has something else in that place.
 */
export function entryIn(text: string, syntax: Syntax, servers: string): Entry | undefined {
  return entryOf(parse(text, syntax), servers);
}

/**
 * Sets our entry.
 *
 * @param text The contents of the file; an empty one counts as an empty object.
 * @param syntax How it is written.
 * @param servers The key of the object that has the servers.
 * @param entry The entry as it is to be.
 * @returns The new contents.
 * @throws {ConfigTextError} If the text can't be parsed, or the change would change more than that.
 */
export function withEntry(text: string, syntax: Syntax, servers: string, entry: Entry): string {
  const before = parse(text, syntax);
  const old = entryOf(before, servers);
  if (isDeepStrictEqual(old, entry)) return text;
  const { bom, body } = split(text);
  const changed = syntax === "toml"
    ? setTable(body, [servers, ENTRY_NAME], entry)
    : setMember(body, [servers, ENTRY_NAME], entry);
  const expected = { ...before, [servers]: { ...objectAt(before, servers), [ENTRY_NAME]: entry } };
  return checked(bom + changed, syntax, expected);
}

/**
 * Takes our entry out.
 *
 * @param text The contents of the file.
 * @param syntax How it is written.
 * @param servers The key of the object that has the servers.
 * @returns The new contents; the object that has the servers stays, if need be empty.
 * @throws {ConfigTextError} If the text can't be parsed, or the change would change more than that.
 */
export function withoutEntry(text: string, syntax: Syntax, servers: string): string {
  const before = parse(text, syntax);
  if (entryOf(before, servers) === undefined) return text;
  const { bom, body } = split(text);
  const changed = syntax === "toml"
    ? removeTable(body, [servers, ENTRY_NAME])
    : removeMember(body, [servers, ENTRY_NAME]);
  const { [ENTRY_NAME]: _, ...others } = objectAt(before, servers);
  const { [servers]: __, ...rest } = before;
  // In TOML the object is only there as long as it has a table.
  const isGone = syntax === "toml" && Object.keys(others).length === 0;
  return checked(bom + changed, syntax, isGone ? rest : { ...before, [servers]: others });
}

/**
 * Tells whether a text has the object of the servers.
 *
 * @param text The contents of the file.
 * @param syntax How it is written.
 * @param servers The key of the object that has the servers.
 * @returns Whether the key is there.
 * @throws {ConfigTextError} If the text can't be parsed.
 */
export function hasServers(text: string, syntax: Syntax, servers: string): boolean {
  return Object.hasOwn(parse(text, syntax), servers);
}

/**
 * Takes the object of the servers out, if it is empty.
 *
 * @param text The contents of the file.
 * @param syntax How it is written.
 * @param servers The key of the object that has the servers.
 * @returns The new contents.
 * @throws {ConfigTextError} If the text can't be parsed, or the change would change more than that.
 */
export function withoutEmptyServers(text: string, syntax: Syntax, servers: string): string {
  const { [servers]: old, ...rest } = parse(text, syntax);
  if (syntax === "toml" || !isDeepStrictEqual(old, {})) return text;
  const { bom, body } = split(text);
  return checked(bom + removeMember(body, [servers]), syntax, rest);
}

/** A parser has the last word: nothing but the entry may have changed. */
function checked(text: string, syntax: Syntax, expected: Entry): string {
  if (isDeepStrictEqual(parse(text, syntax), plain(expected))) return text;
  throw new ConfigTextError(
    `has the key "${ENTRY_NAME}", or one above it, in a form that can't be changed safely`,
  );
}

function parse(text: string, syntax: Syntax): Entry {
  const { body } = split(text);
  const value = plain(syntax === "toml" ? parseToml(body) : parseJson(body, syntax === "jsonc"));
  if (isObject(value)) return value;
  throw new ConfigTextError("must hold an object");
}

function entryOf(root: Entry, servers: string): Entry | undefined {
  const entry = objectAt(root, servers)[ENTRY_NAME];
  if (entry === undefined || isObject(entry)) return entry;
  throw new ConfigTextError(`must have an object as "${servers}.${ENTRY_NAME}"`);
}

function objectAt(root: Entry, key: string): Entry {
  const value = Object.hasOwn(root, key) ? root[key] : {};
  if (isObject(value)) return value;
  throw new ConfigTextError(`must have an object as "${key}"`);
}

function isObject(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}

/** Parsers make objects of several kinds; compared are their contents. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function split(text: string): { readonly bom: string; readonly body: string } {
  return text.startsWith(BOM) ? { bom: BOM, body: text.slice(1) } : { bom: "", body: text };
}
