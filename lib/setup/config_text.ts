/**
 * The entry of one MCP server in the text of a configuration file: read, set and taken out, with
 * everything else in the text left as it is.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { ConfigForm, Syntax } from "./clients.ts";
import { parseJson, removeMember, setMember } from "./json_text.ts";
import { parseToml, removeTable, setTable } from "./toml_text.ts";
import { parseYaml, removeYamlEntry, removeYamlServers, setYamlEntry } from "./yaml_text.ts";

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
 * @param form How it is written.
 * @returns The entry, or `undefined` where there is none.
 * @throws {ConfigTextError} If the text can't be parsed, or has something else in that place.
 */
export function entryIn(text: string, form: ConfigForm): Entry | undefined {
  return entryOf(parse(text, form.syntax), form);
}

/**
 * Sets our entry.
 *
 * @param text The contents of the file; an empty one counts as an empty object.
 * @param form How it is written.
 * @param entry The entry as it is to be.
 * @returns The new contents.
 * @throws {ConfigTextError} If the text can't be parsed, or the change would change more than that.
 */
export function withEntry(text: string, form: ConfigForm, entry: Entry): string {
  const { syntax, servers, isList = false } = form;
  const before = parse(text, syntax);
  if (isDeepStrictEqual(entryOf(before, form), plain(entry))) return text;
  const { bom, body } = split(text);
  const changed = syntax === "toml"
    ? setTable(body, [servers, ENTRY_NAME], entry)
    : syntax === "yaml"
    ? setYamlEntry(body, { servers, name: ENTRY_NAME, isList }, entry)
    : setMember(body, [servers, ENTRY_NAME], entry);
  const items = itemsOf(before, form);
  const expected = items.some(({ name }) => name === ENTRY_NAME)
    ? items.map((item) => item.name === ENTRY_NAME ? { ...item, value: entry } : item)
    : [...items, { name: ENTRY_NAME, value: entry }];
  return checked(bom + changed, syntax, { ...before, [servers]: serversOf(expected, isList) });
}

/**
 * Takes our entry out.
 *
 * @param text The contents of the file.
 * @param form How it is written.
 * @returns The new contents; the object that has the servers stays, if need be empty.
 * @throws {ConfigTextError} If the text can't be parsed, or the change would change more than that.
 */
export function withoutEntry(text: string, form: ConfigForm): string {
  const { syntax, servers, isList = false } = form;
  const before = parse(text, syntax);
  if (entryOf(before, form) === undefined) return text;
  const { bom, body } = split(text);
  const changed = syntax === "toml"
    ? removeTable(body, [servers, ENTRY_NAME])
    : syntax === "yaml"
    ? removeYamlEntry(body, { servers, name: ENTRY_NAME, isList })
    : removeMember(body, [servers, ENTRY_NAME]);
  const others = itemsOf(before, form).filter(({ name }) => name !== ENTRY_NAME);
  const { [servers]: _, ...rest } = before;
  // In TOML the object is only there as long as it has a table.
  const isGone = syntax === "toml" && others.length === 0;
  const expected = isGone ? rest : { ...before, [servers]: serversOf(others, isList) };
  return checked(bom + changed, syntax, expected);
}

/**
 * Tells whether a text has the object of the servers.
 *
 * @param text The contents of the file.
 * @param form How it is written.
 * @returns Whether the key is there.
 * @throws {ConfigTextError} If the text can't be parsed.
 */
export function hasServers(text: string, { syntax, servers }: ConfigForm): boolean {
  return Object.hasOwn(parse(text, syntax), servers);
}

/**
 * Takes the object of the servers out, if it is empty.
 *
 * @param text The contents of the file.
 * @param form How it is written.
 * @returns The new contents.
 * @throws {ConfigTextError} If the text can't be parsed, or the change would change more than that.
 */
export function withoutEmptyServers(text: string, { syntax, servers }: ConfigForm): string {
  const { [servers]: old, ...rest } = parse(text, syntax);
  const isEmpty = isDeepStrictEqual(old, {}) || isDeepStrictEqual(old, []);
  if (syntax === "toml" || !isEmpty) return text;
  const { bom, body } = split(text);
  const changed = syntax === "yaml"
    ? removeYamlServers(body, servers)
    : removeMember(body, [servers]);
  return checked(bom + changed, syntax, rest);
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
  const value = plain(
    syntax === "toml"
      ? parseToml(body)
      : syntax === "yaml"
      ? parseYaml(body)
      : parseJson(body, syntax === "jsonc"),
  );
  if (isObject(value)) return value;
  throw new ConfigTextError("must hold an object");
}

/** A server, without its name. */
interface Item {
  readonly name: unknown;
  readonly value: unknown;
}

function entryOf(root: Entry, form: ConfigForm): Entry | undefined {
  const { value } = itemsOf(root, form).findLast(({ name }) => name === ENTRY_NAME) ?? {};
  if (value === undefined || isObject(value)) return value;
  throw new ConfigTextError(`must have an object as "${form.servers}.${ENTRY_NAME}"`);
}

function itemsOf(root: Entry, { syntax, servers, isList = false }: ConfigForm): readonly Item[] {
  const value = Object.hasOwn(root, servers) ? root[servers] : undefined;
  // In YAML a key may have nothing behind it.
  if (value === undefined || (syntax === "yaml" && value === null)) return [];
  if (isList && Array.isArray(value)) {
    return value.map((item) => {
      if (!isObject(item)) return { name: undefined, value: item };
      const { name, ...rest } = item;
      return { name, value: rest };
    });
  }
  if (!isList && isObject(value)) {
    return Object.entries(value).map(([name, value]) => ({ name, value }));
  }
  throw new ConfigTextError(`must have ${isList ? "a list" : "an object"} as "${servers}"`);
}

/** The opposite of `itemsOf`. */
function serversOf(items: readonly Item[], isList: boolean): unknown {
  if (!isList) return Object.fromEntries(items.map(({ name, value }) => [name, value]));
  return items.map(({ name, value }) =>
    name === undefined || !isObject(value) ? value : { name, ...value }
  );
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
