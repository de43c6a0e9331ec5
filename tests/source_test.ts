/**
 * Holds rules for the text of lib/: how long a file may be, that no two files need each other, and
 * that nothing goes past the compiler without a reason beside it.
 *
 * @module
 */
import { assertEquals, assertTrue } from "./rig/assert.ts";

const ROOT = new URL("../", import.meta.url);
/** A longer file tells more than one story. */
const MAX_LINES = 300;

const FILES = ["main_proxy.ts", "main_mcp.ts", "main_permissions.ts", ...filesIn("lib")];

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return filesIn(path);
    return name.endsWith(".ts") ? [path] : [];
  });
}

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

interface Source {
  /** The paths of this project's files that it imports: to run, and as types alone. */
  readonly imports: string[];
  readonly typeImports: string[];
  /** Casts but `as const`, and assertions with `!`: the line above, the first and the last. */
  readonly casts: string[];
  readonly nonNullAssertions: string[];
}

/** Reads a file as the linter does. */
function parse(path: string, text = read(path)): Source {
  const found: Source = { imports: [], typeImports: [], casts: [], nonNullAssertions: [] };
  const lines = text.split("\n");
  const lineAt = (offset: number) => text.slice(0, offset).split("\n").length - 1;
  const linesOf = ({ range: [from, to] }: Deno.lint.Node) => {
    const [first, last] = [lineAt(from), lineAt(to)];
    return [...new Set([first - 1, first, last])].map((line) => lines[line] ?? "").join("\n");
  };
  const imported = (specifier: unknown, kind?: "type" | "value") => {
    if (typeof specifier !== "string" || !specifier.startsWith(".")) return;
    const to = new URL(specifier, `file:///${path}`).pathname.slice(1);
    found[kind === "type" ? "typeImports" : "imports"].push(to);
  };
  const find: Deno.lint.LintVisitor = {
    ImportDeclaration: ({ source, importKind }) => imported(source.value, importKind),
    ExportNamedDeclaration: ({ source, exportKind }) => imported(source?.value, exportKind),
    ExportAllDeclaration: ({ source, exportKind }) => imported(source.value, exportKind),
    ImportExpression: ({ source }) => imported(source.type === "Literal" && source.value),
    TSImportType({ argument }) {
      if (argument.type !== "TSLiteralType" || argument.literal.type !== "Literal") return;
      imported(argument.literal.value, "type");
    },
    TSNonNullExpression: (node) => void found.nonNullAssertions.push(linesOf(node)),
    TSTypeAssertion: (node) => void found.casts.push(linesOf(node)),
    TSAsExpression(node) {
      const { typeAnnotation: type } = node;
      const isConst = type.type === "TSTypeReference" &&
        type.typeName.type === "Identifier" && type.typeName.name === "const";
      if (!isConst) found.casts.push(linesOf(node));
    },
  };
  Deno.lint.runPlugin({ name: "source", rules: { find: { create: () => find } } }, path, text);
  return found;
}

Deno.test("parse() of these tests finds what it looks for, and nothing else", () => {
  const text = `// as text
import { a as b } from "./b.ts";
import type { C } from "../c.ts";
export * from "jsr:d";
export const e = "as text" as const satisfies string;
type F = import("./f.ts").F;
const g = await import("./g.ts");
// why
const h = \`${"${b as C}"}\`;
const i = <C> b;
const j = b!;
export type { K } from "./k.ts";
`;
  assertEquals(parse("lib/x/a.ts", text), {
    imports: ["lib/x/b.ts", "lib/x/g.ts"],
    typeImports: ["lib/c.ts", "lib/x/f.ts", "lib/x/k.ts"],
    casts: ["// why\nconst h = `${b as C}`;", "const h = `${b as C}`;\nconst i = <C> b;"],
    nonNullAssertions: ["const i = <C> b;\nconst j = b!;"],
  });
});

Deno.test("no file of lib/ is longer than 300 lines", () => {
  const long = FILES.filter((path) => read(path).trimEnd().split("\n").length > MAX_LINES);
  assertEquals(long, []);
});

Deno.test("no import leads back to where it began, not even one of a type", () => {
  const imports = new Map(FILES.map((path) => {
    const { imports, typeImports } = parse(path);
    return [path, [...imports, ...typeImports]];
  }));
  const cycles: string[] = [];
  const done = new Set<string>();
  const follow = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) cycles.push([...way.slice(way.indexOf(path)), path].join(" > "));
    else if (!done.has(path)) {
      for (const to of imports.get(path) ?? []) follow(to, [...way, path]);
      done.add(path);
    }
  };
  for (const path of FILES) follow(path, []);
  assertEquals(cycles, []);
  const count = [...imports.values()].flat().length;
  assertTrue(count > FILES.length, `the search must find imports, and found ${count}`);
});

Deno.test("a comment says why a cast is safe, and nothing is only asserted to be there", () => {
  const faults = FILES.flatMap((path) => {
    const { casts, nonNullAssertions } = parse(path);
    return [...casts.filter((lines) => !/(?:^|\s)\/\/ /.test(lines)), ...nonNullAssertions]
      .map((lines) => `${path}:\n${lines}`);
  });
  assertEquals(faults, []);
});
