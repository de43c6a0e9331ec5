/**
 * The entry of one MCP server in the text of a configuration file: read, set and taken out, with
 * everything else in the text left as it is.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { ConfigForm, Syntax } from "./clients.ts";
import { ConfigTextError, type Language, unsafeKey } from "./language.ts";
import { jsonLanguage } from "./json_text.ts";
import { tomlLanguage } from "./toml_text.ts";
import { yamlLanguage } from "./yaml_text.ts";

/** How our entry is called in every client. */
export const ENTRY_NAME = "sudo-proxy";

/** An entry, as the client reads it. */
export type Entry = Readonly<Record<string, unknown>>;

const LANGUAGES: Readonly<Record<Syntax, Language>> = {
  json: jsonLanguage(false),
  jsonc: jsonLanguage(true),
  toml: tomlLanguage,
  yaml: yamlLanguage,
};

const BOM = "\ufeff";

/**
 * Reads our entry; `undefined` if there is none.
 *
 * @throws {ConfigTextError} If the text can't be parsed, or has something else in that place.
 */
export function entryIn(text: string, form: ConfigForm): Entry | undefined {
  return entryOf(parse(text, form), form);
}

/**
 * Sets our entry. An empty text counts as an empty object.
 *
 * @throws {ConfigTextError} If the text can't be parsed, or the change would change more than that.
 */
export function withEntry(text: string, form: ConfigForm, entry: Entry): string {
  const before = parse(text, form);
  if (isDeepStrictEqual(entryOf(before, form), plain(entry))) return text;
  const items = itemsOf(before, form);
  const expected = items.some(({ name }) => name === ENTRY_NAME)
    ? items.map((item) => item.name === ENTRY_NAME ? { ...item, value: entry } : item)
    : [...items, { name: ENTRY_NAME, value: entry }];
  return changed(
    text,
    form,
    { ...before, [form.servers]: serversOf(expected, form) },
    (language, body) => language.set(body, { ...form, name: ENTRY_NAME }, entry),
  );
}

/**
 * Takes our entry out; the object of the servers stays, even if it is empty.
 *
 * @throws {ConfigTextError} If the text can't be parsed, or the change would change more than that.
 */
export function withoutEntry(text: string, form: ConfigForm): string {
  const before = parse(text, form);
  if (entryOf(before, form) === undefined) return text;
  const others = itemsOf(before, form).filter(({ name }) => name !== ENTRY_NAME);
  const { [form.servers]: _, ...rest } = before;
  // In TOML the object is only there as long as it has a table.
  const isGone = form.syntax === "toml" && others.length === 0;
  const expected = isGone ? rest : { ...before, [form.servers]: serversOf(others, form) };
  return changed(
    text,
    form,
    expected,
    (language, body) => language.remove(body, { ...form, name: ENTRY_NAME }),
  );
}

/** Whether a text has the object of the servers. */
export function hasServers(text: string, form: ConfigForm): boolean {
  return Object.hasOwn(parse(text, form), form.servers);
}

/** Takes the object of the servers out, if it is empty. */
export function withoutEmptyServers(text: string, form: ConfigForm): string {
  const { [form.servers]: old, ...rest } = parse(text, form);
  const isEmpty = isDeepStrictEqual(old, {}) || isDeepStrictEqual(old, []);
  if (form.syntax === "toml" || !isEmpty) return text;
  return changed(text, form, rest, (language, body) => language.removeServers(body, form.servers));
}

/** Changes a text. A parser has the last word: nothing but what is expected may have changed. */
function changed(
  text: string,
  form: ConfigForm,
  expected: Entry,
  change: (language: Language, body: string) => string,
): string {
  const bom = text.startsWith(BOM) ? BOM : "";
  const result = bom + change(LANGUAGES[form.syntax], text.slice(bom.length));
  if (isDeepStrictEqual(parse(result, form), plain(expected))) return result;
  throw unsafeKey(ENTRY_NAME);
}

function parse(text: string, { syntax }: ConfigForm): Entry {
  const body = text.startsWith(BOM) ? text.slice(BOM.length) : text;
  const value = plain(LANGUAGES[syntax].parse(body));
  if (isObject(value)) return value;
  throw new ConfigTextError("must hold an object");
}

/** A server, without its name. */
interface Item {
  readonly name: unknown;
  readonly value: unknown;
}

function entryOf(root: Entry, form: ConfigForm): Entry | undefined {
  const value = itemsOf(root, form).findLast(({ name }) => name === ENTRY_NAME)?.value;
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
function serversOf(items: readonly Item[], { isList = false }: ConfigForm): unknown {
  if (!isList) return Object.fromEntries(items.map(({ name, value }) => [name, value]));
  return items.map(({ name, value }) =>
    name === undefined || !isObject(value) ? value : { name, ...value }
  );
}

function isObject(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}

/** Parsers make objects of several kinds; only their contents are compared. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
