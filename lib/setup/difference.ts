import { structuredPatch } from "diff";

/** How many lines around a change are shown. */
const CONTEXT_LINES = 2;

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
