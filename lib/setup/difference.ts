import { structuredPatch } from "diff";

/** How many lines around a change are shown. */
const CONTEXT_LINES = 2;

/** A longer list of grants is shown as a count. */
const MAX_GRANTS_LENGTH = 120;

/** A line of a difference. */
export interface DifferenceLine {
  /** Whether it goes, comes or stays, or says where in the file we are. */
  readonly kind: "removed" | "added" | "same" | "place";
  /** The line, without its end. */
  readonly text: string;
}

/**
 * Compares two versions of a file line by line.
 *
 * @param before The old contents; nothing for a new file.
 * @param after The new contents; nothing for a file that goes.
 * @returns The lines that change, with a few around them.
 */
export function difference(before: string, after: string): DifferenceLine[] {
  const { hunks } = structuredPatch("", "", before, after, "", "", { context: CONTEXT_LINES });
  return hunks.flatMap(({ oldStart, newStart, lines }) => [
    { kind: "place", text: `line ${Math.max(1, before === "" ? newStart : oldStart)}` },
    ...lines.filter((line) => !line.startsWith("\\")).map((line): DifferenceLine => ({
      kind: line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "same",
      text: line.slice(1).replace(/\r$/, ""),
    })),
  ]);
}

/**
 * Shows a long list of grants as a count.
 *
 * @param line A line of a configuration file, or of a script.
 * @returns The line, with no list of grants longer than a line and a half of a terminal.
 */
export function withCounts(line: string): string {
  return line.replace(
    /(--allow-[a-z]+)=([^\s"'\\]+)/g,
    (flag, name, list) =>
      flag.length <= MAX_GRANTS_LENGTH ? flag : `${name}=… (${list.split(",").length})`,
  );
}
