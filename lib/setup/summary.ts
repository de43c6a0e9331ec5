/**
 * What setup found and would do, in five lines.
 *
 * @module
 */
import type { McpClient } from "./clients.ts";
import { ANSWER_S } from "./clients.ts";
import { COMMANDS } from "./files.ts";
import { commandFolder } from "../installed.ts";
import type { Plan } from "./plan.ts";
import type { StartWords } from "./server_entry.ts";

/** The column of the texts: the longest label, and two blanks. */
const LABEL_WIDTH = "Time limit".length + 2;

/** A line of the summary. */
export interface SummaryLine {
  /** What the line is about. */
  readonly label: string;
  /** What there is to say. */
  readonly text: string;
}

/**
 * Sums up what setup would do.
 *
 * @param plan What would change.
 * @param clients The clients whose configuration is meant.
 * @param server What they are to start.
 * @param home The user's home.
 * @returns Five lines.
 */
export function setupSummary(
  { changes, unchanged }: Plan,
  clients: readonly McpClient[],
  server: StartWords,
  home: string,
): SummaryLine[] {
  const changed = new Set(changes.map(({ title }) => title));
  const commands = COMMANDS.filter((name) => changed.has(`the command ${name}`));
  const entries = clients.filter(({ title }) => changed.has(title));
  const parts = [
    ...(commands.length > 0 ? [`${commands.join(", ")} in ${commandFolder(home)}`] : []),
    ...(entries.length === 0
      ? []
      : [`an entry for ${entries.length === clients.length ? "each" : titles(entries)}`]),
  ];
  const kept = unchanged.length === 0 ? [] : [`${unchanged.length} already there`];
  const unlimited = clients.filter(({ limit }) => limit === undefined);
  const silent = clients.filter(({ callsUnasked }) => callsUnasked);
  return [
    { label: "Found", text: titles(clients) || "no MCP client" },
    { label: "To write", text: [parts.join("; ") || "nothing", ...kept].join("; ") },
    { label: "Grants", text: `${grantCount(server)} (--print shows them)` },
    {
      label: "Time limit",
      text: unlimited.length === 0
        ? `${ANSWER_S} s for an answer`
        : `${ANSWER_S} s for an answer; none to set in ${titles(unlimited)}`,
    },
    {
      label: "Who asks",
      text: "the daemon before it runs a command; " +
        (silent.length === 0
          ? "before that your client, too"
          : `before that your client, but not ${silent.map(unasked).join(", ")}`),
    },
  ];
}

/** How much the MCP server may do. */
function grantCount({ args }: StartWords): string {
  const lists = args.flatMap((arg) => /^--allow-[a-z]+=(.*)$/s.exec(arg)?.[1].split(",") ?? []);
  return lists.length === 0 ? "baked into the program" : `${lists.length} for the MCP server`;
}

function unasked({ title, callsUnasked }: McpClient): string {
  return Array.isArray(callsUnasked) ? `${title} (${callsUnasked.join(", ")})` : title;
}

function titles(clients: readonly McpClient[]): string {
  return clients.map(({ title }) => title).join(", ");
}

/**
 * Lays the lines out: the labels in a column, and no line wider than the terminal unless a single
 * word is.
 *
 * @param lines The lines.
 * @param columns How wide the terminal is, in characters.
 * @returns One text for each line on the screen.
 */
export function layOut(lines: readonly SummaryLine[], columns: number): string[] {
  return lines.flatMap(({ label, text }) => {
    const rows = [""];
    for (const part of text.split(" ")) {
      const last = rows.at(-1)!;
      if (last === "") rows[rows.length - 1] = part;
      else if (LABEL_WIDTH + last.length + 1 + part.length > columns) rows.push(part);
      else rows[rows.length - 1] = `${last} ${part}`;
    }
    return rows.map((row, index) => (index === 0 ? label : "").padEnd(LABEL_WIDTH) + row);
  });
}
