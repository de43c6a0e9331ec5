import config from "../../deno.json" with { type: "json" };
import { table } from "./blocks.ts";

type Package = readonly [what: string, license: string];

/** What the program uses. */
const USED = {
  "@modelcontextprotocol/sdk": ["the MCP protocol", "MIT"],
  "zod": ["the shapes of requests, answers and tools", "MIT"],
  "commander": ["the command line", "MIT"],
  "@commander-js/extra-typings": ["its types", "MIT"],
  "@logtape/logtape": ["the log", "MIT"],
  "@bomb.sh/tab": ["completion in shells", "MIT"],
  "@inquirer/prompts": ["the questions of setup", "MIT"],
  "jsonc-parser": ["configuration of MCP clients", "MIT"],
  "smol-toml": ["the same, for Codex CLI", "BSD-3-Clause"],
  "yaml": ["the same, for Goose and Continue", "ISC"],
  "diff": ["the differences that setup shows", "BSD-3-Clause"],
} as const;

/** What only tests, documents and pictures use. */
const OTHERS = {
  "ajv": ["checks `server.json` and the plugin's files", "MIT"],
  "fast-check": ["property tests", "MIT"],
  "@xterm/headless": ["a terminal emulator", "MIT"],
  "nspell": ["the spelling check", "MIT"],
  "dictionary-en": ["its English words", "MIT and BSD"],
  "unified": ["makes manual pages, with the next three", "MIT"],
  "remark-parse": ["reads Markdown", "MIT"],
  "remark-gfm": ["reads its tables", "MIT"],
  "remark-man": ["writes manual pages", "MIT"],
  "mdast": ["their types, from `@types/mdast`", "MIT"],
} as const;

/** The compiler asks for every import of deno.json. */
const ALL: Readonly<Record<keyof typeof config.imports, Package>> = { ...USED, ...OTHERS };

/** A table of docs/dependencies.md: of what the program uses, or of the other packages. */
export function packageTable(isUsed: boolean): string {
  const missing = Object.keys(config.imports).filter((name) => !Object.hasOwn(ALL, name));
  if (missing.length > 0) throw new Error(`docs/generate/packages.ts lacks ${missing}`);
  return table(
    ["package", "what for", "license"],
    ...Object.entries(ALL).filter(([name]) => Object.hasOwn(USED, name) === isUsed)
      .map(([name, [what, license]]) => [`\`${name}\``, what, license]),
  );
}
