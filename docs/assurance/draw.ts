/**
 * Makes the parts of docs/assurance/assurance-case.md from its data: the outline, the table of
 * assumptions, and the picture, in the shapes of the Goal Structuring Notation.
 *
 * @module
 */
import { ASSUMPTIONS, CLAIM, type Goal, GOALS, type Leaf, STRATEGY } from "./case.ts";

/** A leaf with what it is called: E1, E2 … are evidence. */
interface Named {
  readonly id: string;
  readonly leaf: Leaf;
}

const NAMED: readonly (readonly [Goal, readonly Named[]])[] = name();

function name(): [Goal, Named[]][] {
  let count = 0;
  return GOALS.map((goal) => [
    goal,
    goal.shownBy.map((leaf) => ({ id: "assumes" in leaf ? leaf.assumes : `E${++count}`, leaf })),
  ]);
}

/** In a few words. */
function textOf(leaf: Leaf): string {
  if ("assumes" in leaf) return ASSUMPTIONS[leaf.assumes]?.text ?? "";
  return leaf.shows.charAt(0).toUpperCase() + leaf.shows.slice(1);
}

/** The goals, with a line for each leaf. */
export function outline(): string {
  const lines = NAMED.flatMap(([{ claim }, leaves], at) => [
    `- **G1.${at + 1}** ${claim}.`,
    ...leaves.map((named) => `  - **${named.id}** ${textOf(named.leaf)}${source(named.leaf)}`),
  ]);
  const ignored = (lines: readonly string[]) => [
    "<!-- deno-fmt-ignore-start -->",
    ...lines,
    "<!-- deno-fmt-ignore-end -->",
  ];
  return [...ignored([`**G1** ${CLAIM}`, "", `**S1** ${STRATEGY}.`, "", ...lines]), ""].join("\n");
}

function source(leaf: Leaf): string {
  if ("assumes" in leaf) return "";
  if ("task" in leaf) return `: \`deno task ${leaf.task}\``;
  return `: [${leaf.file}](../../${leaf.file}), \`${leaf.test}\``;
}

/** Each assumption, with the goals that rest on it. */
export function assumptionRows(): readonly (readonly string[])[] {
  return Object.entries(ASSUMPTIONS).map(([id, { text, see }]) => {
    const goals = NAMED.flatMap(([, leaves], at) =>
      leaves.some((leaf) => leaf.id === id) ? [`G1.${at + 1}`] : []
    );
    return [id, text, goals.join(", "), `[${see.replace(/^.*\/|#.*$/g, "")}](${see})`];
  });
}

const WIDTH = 920;
const MARGIN = 20;
const LINE = 19;
const ROW = 30;
/** Between goals. */
const GAP = 22;
const GOAL = { x: 56, width: 268, padding: 12 };
const LEAF_X = 384;
/** Letters of the goals' text in a line; fonts differ, so with room to spare. */
const GOAL_LETTERS = 33;
const TOP_LETTERS = 122;

const STYLE = `
.paper{fill:white}.line{stroke:#57606a;fill:none;stroke-width:1.5}text{fill:#1f2328}
.goal{fill:#ddf4ff;stroke:#0969da}.strategy{fill:#fff8c5;stroke:#9a6700}
.evidence{fill:#dafbe1;stroke:#1a7f37}.assumption{fill:#ffebe9;stroke:#cf222e}
@media (prefers-color-scheme:dark){.paper{fill:#0d1117}.line{stroke:#8b949e}text{fill:#e6edf3}
.goal{fill:#0c2d6b;stroke:#58a6ff}.strategy{fill:#4b2900;stroke:#d29922}
.evidence{fill:#033a16;stroke:#3fb950}.assumption{fill:#67060c;stroke:#f85149}}`;

/** The goal structure as an SVG, readable on light and on dark pages. */
export function picture(): string {
  const trunk = MARGIN + 18;
  const claim = wrap(`G1 ${CLAIM}`, TOP_LETTERS);
  const claimHeight = claim.length * LINE + 2 * GOAL.padding;
  const strategyTop = MARGIN + claimHeight + GAP;
  const strategyHeight = LINE + 2 * GOAL.padding;
  let top = strategyTop + strategyHeight + GAP;
  let last = top;
  const goals = NAMED.flatMap(([goal, leaves], at) => {
    const lines = wrap(`G1.${at + 1} ${goal.claim}`, GOAL_LETTERS);
    const height = lines.length * LINE + 2 * GOAL.padding;
    const room = Math.max(height, leaves.length * ROW);
    const middle = last = top + room / 2;
    const parts = [
      line(`M${trunk} ${middle}H${GOAL.x}`),
      ...leaves.flatMap((leaf, at) => {
        const y = middle + (at - (leaves.length - 1) / 2) * ROW;
        const bend = GOAL.x + GOAL.width + 16;
        return [line(`M${bend - 16} ${middle}H${bend}V${y}H${LEAF_X - 22}`), ...drawLeaf(leaf, y)];
      }),
      ...box(lines, GOAL.x, middle - height / 2, GOAL.width, height),
    ];
    top += room + GAP;
    return parts;
  });
  const width = WIDTH - 2 * MARGIN;
  const size = `width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" font-family="Verdana,'DejaVu Sans',sans-serif" font-size="12.5">`,
    `<title>The goal structure of the assurance case</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="paper" width="${WIDTH}" height="${top}" rx="6"/>`,
    line(`M${trunk} ${MARGIN + claimHeight}V${last}`),
    ...box(claim, MARGIN, MARGIN, width, claimHeight),
    `<path class="strategy" d="M${MARGIN + 16} ${strategyTop}H${
      MARGIN + width
    }l-16 ${strategyHeight}H${MARGIN}z"/>`,
    words(`S1 ${STRATEGY}`, MARGIN + 30, strategyTop + strategyHeight / 2),
    ...goals,
    "</svg>",
    "",
  ].join("\n");
}

function drawLeaf({ id, leaf }: Named, y: number): string[] {
  const shape = "assumes" in leaf
    ? `<ellipse class="assumption" cx="${LEAF_X}" cy="${y}" rx="22" ry="12"/>`
    : `<circle class="evidence" cx="${LEAF_X}" cy="${y}" r="14"/>`;
  const label = `<text x="${LEAF_X}" y="${y + 4}" font-size="10" text-anchor="middle">${id}</text>`;
  return [shape, label, words(textOf(leaf), LEAF_X + 30, y)];
}

function box(lines: readonly string[], x: number, y: number, width: number, height: number) {
  return [
    `<rect class="goal" x="${x}" y="${y}" width="${width}" height="${height}"/>`,
    ...lines.map((text, at) => words(text, x + GOAL.padding, y + GOAL.padding + (at + 0.5) * LINE)),
  ];
}

/** A line of text whose middle is at this height. The texts have no character that XML escapes. */
function words(text: string, x: number, y: number): string {
  return `<text x="${x}" y="${y + 4.5}">${text}</text>`;
}

function line(path: string): string {
  return `<path class="line" d="${path}"/>`;
}

/** Breaks a text at blanks. */
function wrap(text: string, letters: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const joined = `${lines.at(-1) ?? ""} ${word}`.trim();
    if (lines.length === 0 || joined.length > letters) lines.push(word);
    else lines[lines.length - 1] = joined;
  }
  return lines;
}
