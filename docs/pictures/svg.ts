import { type Cell, type CellStyle, INK, PAPER } from "./cells.ts";
import { at } from "../../tests/rig/assert.ts";

/** The size of a cell, and of the letters in it, in pixels. */
const CELL_WIDTH = 8.5;
const CELL_HEIGHT = 18;
const FONT_SIZE = 14;
/** From the top of a cell to the line that letters stand on. */
const BASELINE = 13.5;
const MARGIN = 12;
const FONTS = "'DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace";
/** The heavy line of the frame: drawn, since fonts leave gaps between its cells. */
const FRAME = "━";

/** Neighboring cells of one row that look the same. */
interface Run extends CellStyle {
  readonly column: number;
  readonly cells: number;
  readonly text: string;
}

/** One view of a window, for a picture that moves. */
export interface Frame {
  /** The cells of the window. */
  readonly rows: readonly (readonly Cell[])[];
  /** What happens, in one line below the window. */
  readonly caption: string;
  /** How long it stands, in seconds. */
  readonly seconds: number;
}

/**
 * Draws cells as an SVG: each run of one style begins at its own cell, and is stretched over exactly
 * its cells.
 *
 * @param rows The cells of a window.
 * @param title What the picture shows, in one line.
 * @returns The SVG.
 */
export function drawSvg(rows: readonly (readonly Cell[])[], title: string): string {
  const [width, height] = sizeOf(rows);
  return svg(width, height, title, [
    `<rect width="${width}" height="${height}" rx="6" fill="${PAPER}"/>`,
    ...drawRows(rows),
  ]);
}

/**
 * Draws views of one window one after the other, again and again. Who wants no motion sees the
 * second.
 *
 * @param frames The views, all of one size.
 * @param title What the picture shows, in one line.
 * @returns The SVG.
 */
export function drawMovie(frames: readonly Frame[], title: string): string {
  const [width, windowHeight] = sizeOf(at(frames, 0).rows);
  const height = windowHeight + 2 * CELL_HEIGHT;
  const total = frames.reduce((sum, { seconds }) => sum + seconds, 0);
  let begin = 0;
  const styles = frames.map(({ seconds }, index) => {
    const [from, to] = [begin, begin + seconds].map((time) => (100 * time / total).toFixed(2));
    begin += seconds;
    return `.f${index}{animation:f${index} ${total}s step-end infinite;visibility:hidden}` +
      `@keyframes f${index}{0%{visibility:hidden}${from}%{visibility:visible}${to}%{visibility:hidden}}`;
  });
  const still = `@media (prefers-reduced-motion:reduce){g{animation:none!important}` +
    `.f1{visibility:visible}}`;
  return svg(width, height, title, [
    `<style>${styles.join("")}${still}</style>`,
    `<rect width="${width}" height="${height}" rx="6" fill="${PAPER}"/>`,
    `<path d="M0 ${windowHeight}H${width}" stroke="#30363d"/>`,
    ...frames.flatMap(({ rows, caption }, index) => [
      `<g class="f${index}">`,
      ...drawRows(rows),
      `<text x="${width / 2}" y="${windowHeight + 23}" text-anchor="middle" ` +
      `font-family="sans-serif" font-size="16">${escapeXml(caption)}</text>`,
      "</g>",
    ]),
  ]);
}

function sizeOf(rows: readonly (readonly Cell[])[]): [width: number, height: number] {
  return [at(rows, 0).length * CELL_WIDTH + 2 * MARGIN, rows.length * CELL_HEIGHT + 2 * MARGIN];
}

function svg(width: number, height: number, title: string, content: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"` +
    ` role="img" xml:space="preserve" font-family="${FONTS}" font-size="${FONT_SIZE}" fill="${INK}">`,
    `<title>${escapeXml(title)}</title>`,
    ...content,
    "</svg>",
    "",
  ].join("\n");
}

function drawRows(rows: readonly (readonly Cell[])[]): string[] {
  return rows.flatMap((row, y) => {
    const top = MARGIN + y * CELL_HEIGHT;
    const runs = runsOf(row).filter(({ text, background }) => text.trim() !== "" || background);
    return [...runs.flatMap((run) => drawBackground(run, top)), ...drawText(runs, top)];
  });
}

function runsOf(row: readonly Cell[]): Run[] {
  const runs: Run[] = [];
  for (const [column, cell] of row.entries()) {
    const before = runs.at(-1);
    // The second cell of a wide character belongs to the first.
    if (
      before && (cell.text === "" || (looksLike(before, cell) && joins(before.text, cell.text)))
    ) {
      runs[runs.length - 1] = {
        ...before,
        cells: before.cells + 1,
        text: before.text + cell.text,
      };
    } else runs.push({ ...cell, column, cells: 1 });
  }
  return runs.flatMap(withoutOuterBlanks);
}

function looksLike(a: CellStyle, b: CellStyle): boolean {
  return a.foreground === b.foreground && a.background === b.background && a.bold === b.bold &&
    a.dim === b.dim;
}

/** What is not ASCII stands by itself, so that no font moves its neighbors. */
function joins(before: string, text: string): boolean {
  if (text === FRAME || before.endsWith(FRAME)) return before.endsWith(text);
  return /^[ -~]$/.test(text) && /^[ -~]+$/.test(before);
}

/** Blanks at the ends need not be stretched, unless their background shows. */
function withoutOuterBlanks(run: Run): Run[] {
  if (run.background !== undefined || run.text.trim() === "") return [run];
  const before = run.text.length - run.text.trimStart().length;
  const text = run.text.trim();
  const cells = run.cells - (run.text.length - text.length);
  return [{ ...run, column: run.column + before, cells, text }];
}

function drawBackground({ column, cells, background }: Run, top: number): string[] {
  if (background === undefined) return [];
  const width = cells * CELL_WIDTH;
  return [
    `<rect x="${
      left(column)
    }" y="${top}" width="${width}" height="${CELL_HEIGHT}" fill="${background}"/>`,
  ];
}

function drawText(runs: readonly Run[], top: number): string[] {
  return runs.filter(({ text }) => text.trim() !== "").map((run) => {
    const width = run.cells * CELL_WIDTH;
    if (run.text.startsWith(FRAME)) {
      const y = top + CELL_HEIGHT / 2 - 1;
      return `<rect x="${left(run.column)}" y="${y}" width="${width}" height="2"${paint(run)}/>`;
    }
    const weight = run.bold ? ' font-weight="bold"' : "";
    return `<text x="${left(run.column)}" y="${top + BASELINE}" textLength="${width}"` +
      ` lengthAdjust="spacingAndGlyphs"${weight}${paint(run)}>${escapeXml(run.text)}</text>`;
  });
}

function paint({ foreground, dim }: CellStyle): string {
  return `${foreground === undefined ? "" : ` fill="${foreground}"`}${
    dim ? ' fill-opacity="0.65"' : ""
  }`;
}

function left(column: number): number {
  return MARGIN + column * CELL_WIDTH;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
