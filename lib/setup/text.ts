/**
 * What setup tells a person: a summary, notes, and the lines of each file that change.
 *
 * @module
 */
import { structuredPatch } from "diff";
import { commandFolder, COMMANDS } from "../platform/installed.ts";
import { wrapWords } from "../platform/wrap_words.ts";
import { ANSWER_S, CLIENTS, type McpClient, type UserFolders } from "./clients.ts";
import { ENTRY_NAME } from "./config_text.ts";
import type { Change, Plan } from "./plan.ts";
import { PROJECT } from "../start.ts";
import { stableDeno, type StartSpec } from "./server_entry.ts";

/** The column of the texts: the longest label, and two blanks. */
const LABEL_WIDTH = "Time limit".length + 2;
/** How many lines around a change are shown. */
const CONTEXT_LINES = 2;
/** A longer list of grants is shown as a count. */
const MAX_GRANTS_LENGTH = 120;

/** A line with a label before it. */
export type LabelledLine = readonly [label: string, text: string];

/** A line of a difference. */
export interface DifferenceLine {
  /** Whether it goes, comes or stays, or says where in the file we are. */
  readonly kind: "removed" | "added" | "same" | "position";
  /** The line, without its end. */
  readonly text: string;
}

/** What setup would do so that `clients` start `server`: a line for each question. */
export function setupSummary(
  { changes, unchanged }: Plan,
  clients: readonly McpClient[],
  server: StartSpec,
  { home }: UserFolders,
): LabelledLine[] {
  const changed = new Set(changes.map(({ title }) => title));
  const commands = COMMANDS.filter((name) => changed.has(`the command ${name}`));
  const entries = clients.filter(({ title }) => changed.has(title));
  const parts = [
    ...(commands.length > 0 ? [`${commands.join(", ")} in ${commandFolder(home)}`] : []),
    ...(entries.length > 0
      ? [`an entry for ${entries.length === clients.length ? "each" : titles(entries)}`]
      : []),
  ];
  const kept = unchanged.length === 0 ? [] : [`${unchanged.length} already there`];
  const unlimited = clients.filter(({ limit }) => limit === undefined);
  const unasked = clients.filter(({ callsUnasked }) => callsUnasked)
    .map(({ title, callsUnasked }) =>
      Array.isArray(callsUnasked) ? `${title} (${callsUnasked.join(", ")})` : title
    );
  return [
    ...(clients.length > 0 ? [["Found", titles(clients)] as const] : []),
    ["To write", [parts.join("; ") || "nothing", ...kept].join("; ")],
    ["Grants", `${grantCount(server)} (--print shows them)`],
    [
      "Time limit",
      `${ANSWER_S} s for an answer` +
      (unlimited.length === 0 ? "" : `; none to set in ${titles(unlimited)}`),
    ],
    [
      "Who asks",
      "the daemon before it runs a command; before that your client, " +
      (unasked.length === 0 ? "too" : `but not ${unasked.join(", ")}`),
    ],
  ];
}

/** How much the MCP server may do. */
function grantCount({ args }: StartSpec): string {
  const lists = args.flatMap((arg) => /^--allow-[a-z]+=(.*)$/s.exec(arg)?.[1]?.split(",") ?? []);
  return lists.length === 0 ? "baked into the program" : `${lists.length} for the MCP server`;
}

/** What may keep the installed commands from being found or started. */
export function setupNotes(folders: UserFolders, path = ""): LabelledLine[] {
  const folder = commandFolder(folders.home);
  const notes = [
    ...(path.split(":").includes(folder)
      ? []
      : [`${folder} is not in your PATH: start the commands by their path, or add it.`]),
    ...(isInNpxCache(PROJECT)
      ? [
        "sudo-proxy runs from a cache of npx, which npm may empty. Install it " +
        "(npm install --global @tarides/sudo-proxy), and run sudo-proxy setup again.",
      ]
      : isInNpxCache(stableDeno(folders))
      ? [
        "Deno runs from a cache of npx, which npm may empty. Install it " +
        "(npm install -g deno@2.9), and run setup again.",
      ]
      : []),
  ];
  return notes.map((text) => ["Note", text]);
}

function isInNpxCache(path: string): boolean {
  return path.includes("/_npx/");
}

/** Lays lines out for a terminal: the labels in a column, no line too wide unless a word is. */
export function layOut(lines: readonly LabelledLine[], columns: number): string[] {
  return lines.flatMap(([label, text]) =>
    wrapWords(text, columns - LABEL_WIDTH).split("\n")
      .map((row, index) => (index === 0 ? label : "").padEnd(LABEL_WIDTH) + row)
  );
}

/** Says that no client was found, and which clients are looked for. */
export function noClientsText(): string {
  return `No MCP client was found (${titles(CLIENTS)}).`;
}

/** Says that some clients are not known, and which are. */
export function unknownClientsText(unknown: readonly string[]): string {
  const names = CLIENTS.map(({ name }) => name).join(", ");
  return `Setup does not know ${unknown.join(", ")}. It knows ${names}.`;
}

/** The entry for a client that is not known: it starts the installed command. */
export function pasteLine({ home }: UserFolders): string {
  const command = `${commandFolder(home)}/sudo-proxy-mcp`;
  return JSON.stringify({ mcpServers: { [ENTRY_NAME]: { command, args: [] } } });
}

/** The question before anything is written. */
export function setupQuestion(changes: readonly Change[]): string {
  const removed = changes.filter(({ after }) => after === undefined).length;
  const part = (verb: string, count: number) =>
    count === 0 ? [] : [`${verb} ${count} ${count === 1 ? "file" : "files"}`];
  const parts = [...part("Write", changes.length - removed), ...part("Remove", removed)];
  return `${parts.join(", ")}? (d shows every line)`;
}

/** Which file changes, and how. */
export function changeHeading({ title, path, before, after }: Change): string {
  const verb = before === undefined ? "new" : after === undefined ? "goes" : "changes";
  return `${title}: ${path} (${verb})`;
}

/** The lines of a file that change, with a few around them. */
export function difference({ before = "", after = "" }: Change): DifferenceLine[] {
  const { hunks } = structuredPatch("", "", before, after, "", "", { context: CONTEXT_LINES });
  return hunks.flatMap(({ oldStart, newStart, lines }) => [
    { kind: "position", text: `line ${Math.max(1, before === "" ? newStart : oldStart)}` },
    ...lines.filter((line) => !line.startsWith("\\")).map((line): DifferenceLine => ({
      kind: line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "same",
      text: withCounts(line.slice(1).replace(/\r$/, "")),
    })),
  ]);
}

/** A line with no list of grants longer than a line and a half of a terminal. */
function withCounts(line: string): string {
  return line.replace(
    /(--allow-[a-z]+)=([^\s"'\\]+)/g,
    (flag, name, list) =>
      flag.length <= MAX_GRANTS_LENGTH ? flag : `${name}=… (${list.split(",").length})`,
  );
}

function titles(clients: readonly McpClient[]): string {
  return clients.map(({ title }) => title).join(", ");
}
