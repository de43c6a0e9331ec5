/**
 * Reads the documents of this project, and the names of its tests.
 *
 * @module
 */
import { assertTrue, at } from "./assert.ts";

/** The folder of the project. */
export const ROOT = new URL("../../", import.meta.url);

/** The text of a file of the project. */
export function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** The rows of every table, cell by cell; `\|` is no border. */
export function rows(text: string): string[][] {
  return text.split("\n").filter((line) => line.startsWith("|")).map((line) =>
    line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim())
  );
}

/** The part of a document below a heading, up to the next one of the same level. */
export function section(text: string, heading: string): string {
  const begin = text.indexOf(`\n${heading}\n`);
  assertTrue(begin >= 0, `there is no heading "${heading}"`);
  const rest = text.slice(begin + heading.length + 2);
  const level = heading.split(" ")[0];
  const end = rest.search(new RegExp(`^${level} `, "m"));
  return end < 0 ? rest : rest.slice(0, end);
}

/** A block of code of a document. */
export interface Block {
  /** What stands behind the opening marks, such as `sh`. */
  readonly language: string;
  /** Its lines, without the indentation that the block has. */
  readonly text: string;
}

/** The blocks of code of a document, in order. */
export function blocks(document: string): Block[] {
  return [...document.matchAll(/^( *)```(\w*)\n([^]*?)^ *```$/gm)].map((match) => {
    const indentation = at(match, 1);
    const lines = at(match, 3).trimEnd().split("\n");
    const text = lines.map((line) => line.slice(indentation.length)).join("\n");
    return { language: at(match, 2), text };
  });
}

/**
 * The words that people write and read: not those of blocks of code, of what is generated, or of
 * the targets of links.
 */
export function proseWords(document: string): number {
  const prose = document
    .replaceAll(/<!-- (\S+): begin -->[^]*?<!-- \1: end -->/g, "")
    .replaceAll(/^ *```[^]*?^ *```$/gm, "")
    .replaceAll(/<!--[^]*?-->/g, "")
    .replaceAll(/\]\([^)]*\)/g, "]");
  return prose.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

/** Asserts that a file has a test of this name; what a template fills in may be anything. */
export function assertTest(path: string, name: string): void {
  assertTrue(/^tests\/[\w/]+_test\.ts$/.test(path), `${path} is no file of tests`);
  assertTrue(testNames(read(path)).some((pattern) => pattern.test(name)), `${path}: ${name}`);
}

function testNames(source: string): RegExp[] {
  const names = source.matchAll(/(?:Deno\.test\(|\bname:)\s*("(?:[^"\\]|\\.)*"|`[^`]*`)/g);
  return [...names].map((match) => {
    const literal = at(match, 1);
    // Safe: a JSON string is a string.
    const parts = literal.startsWith('"')
      ? [JSON.parse(literal) as string]
      : literal.slice(1, -1).split(/\$\{[^}]*\}/);
    return new RegExp(`^${parts.map(RegExp.escape).join(".+")}$`);
  });
}
