/**
 * The manual pages, made of the reference pages in docs/, which in turn have their tables from the
 * code.
 *
 * @module
 */
import type { List, ListItem, PhrasingContent, Root, Table } from "mdast";
import remarkGfm from "remark-gfm";
import remarkMan from "remark-man";
import remarkParse from "remark-parse";
import { unified } from "unified";
import { epoch, PROJECT, VERSION } from "./common.ts";

interface Page {
  readonly name: string;
  readonly section: 1 | 5;
  readonly description: string;
  readonly synopsis?: string;
  /** The documents that it is made of, in order. */
  readonly sources: readonly string[];
  readonly seeAlso: string;
}

/** The manual pages. */
export const MANUAL_PAGES: readonly Page[] = [
  {
    name: "sudo-proxy",
    section: 1,
    description: "run commands as root after a person has read each one",
    synopsis: "`sudo-proxy` [option...]\n\n`sudo-proxy` command [option...] [argument...]",
    sources: ["reference/command-line.md", "reference/keys.md", "reference/files.md"],
    seeAlso: "**sudo-proxy-mcp**(1), **sudo-proxy-protocol**(5), **sudo**(8), **ssh**(1)",
  },
  {
    name: "sudo-proxy-mcp",
    section: 1,
    description: "MCP server through which a model asks for commands as root",
    synopsis: "`sudo-proxy-mcp` [option...]",
    sources: ["reference/mcp.md"],
    seeAlso: "**sudo-proxy**(1), **sudo-proxy-protocol**(5)",
  },
  {
    name: "sudo-proxy-protocol",
    section: 5,
    description: "lines of JSON between sudo-proxy and its clients",
    sources: ["reference/wire.md"],
    seeAlso: "**sudo-proxy**(1), **sudo-proxy-mcp**(1)",
  },
];

/** Makes a manual page; the date in it is that of the last change to the sources. */
export async function manualPage({ name, section, description, ...page }: Page): Promise<string> {
  const texts = page.sources.map((source) =>
    Deno.readTextFileSync(`${PROJECT}docs/${source}`)
      // The title, for whom the page is, and the marks of what is generated.
      .replace(/^# .*\n+(?:For: [^]*?\n\n)?/, "")
      .replaceAll(/^<!--.*-->\n/gm, "")
      // Links lead to files that are not there.
      .replaceAll(/!\[[^\]]*\]\([^)]*\)\n*/g, "")
      .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, "$1")
  );
  const synopsis = page.synopsis === undefined ? "" : `## Synopsis\n\n${page.synopsis}\n\n`;
  const date = new Date(await epoch() * 1000).toISOString().slice(0, 10);
  const manual = section === 1 ? "User Commands" : "File Formats";
  const markdown = `# ${name}(${section}) -- ${description}\n\n${synopsis}` +
    `${section === 1 ? "## Description\n\n" : ""}${
      texts.join("\n")
    }\n\n## See also\n\n${page.seeAlso}\n`;
  const file = await unified().use(remarkParse).use(remarkGfm).use(() => asManual).use(remarkMan, {
    date,
    manual,
    version: `sudo-proxy ${VERSION}`,
  }).process(markdown);
  // mandoc(1) wants the date of ISO 8601, which the library turns into words, and no empty paragraph.
  return String(file).replace(/^(\.TH \S+ \S+) "[^"]*"/m, `$1 "${date}"`)
    .replaceAll(/^(\.S[HS] .*)\n\.P$/gm, "$1").replaceAll(/[ \t]+$/gm, "");
}

/** Tables would be wider than the page. */
function asManual(tree: Root): void {
  tree.children = tree.children.map((node) => node.type === "table" ? listOf(node) : node);
}

/** Each row as an item: its first cell, then the others with the titles of their columns. */
function listOf({ children: [header, ...rows] }: Table): List {
  const titles = header?.children.map(({ children }) => children) ?? [];
  const text = (value: string): PhrasingContent => ({ type: "text", value });
  const items = rows.map(({ children: [first, ...rest] }): ListItem => {
    const cells = rest.flatMap(({ children }, at): PhrasingContent[] => {
      if (children.length === 0) return [];
      const title = rest.length > 1 ? [...titles[at + 1] ?? [], text(": ")] : [];
      return [text(at === 0 ? ": " : "; "), ...title, ...children];
    });
    return {
      type: "listItem",
      children: [{ type: "paragraph", children: [...first?.children ?? [], ...cells] }],
    };
  });
  return { type: "list", spread: false, children: items };
}

if (import.meta.main) {
  const page = MANUAL_PAGES.find(({ name }) => name === Deno.args[0]);
  if (page === undefined) {
    console.error(`Name one of ${MANUAL_PAGES.map(({ name }) => name).join(", ")}`);
    Deno.exit(1);
  }
  console.log(await manualPage(page));
}
