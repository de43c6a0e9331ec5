import { cellWidth } from "../view/cells.ts";
import { QUESTIONS, SAMPLES, SEQUENCES } from "./sequences.ts";
import { Tty } from "./tty.ts";

/** What is written to test how a terminal draws our letters; the line is empty afterwards. */
export const PROBE: string = SAMPLES.map((sample) => `\r${sample}${QUESTIONS.cursor}`).join("") +
  SEQUENCES.plainLine;

/**
 * Takes the answers of a terminal to {@linkcode PROBE}, which has to be in the next write.
 *
 * @returns Whether it draws all that `visible.ts` lets through in the expected cells; false if an
 * answer is wrong, or does not come within a second.
 */
export async function probed(tty: Tty): Promise<boolean> {
  const answers = await Promise.all(SAMPLES.map(() => tty.ask("cursor")));
  return SAMPLES.every((sample, at) => answers[at] === cellWidth(sample) + 1);
}

/** Takes the terminal of this process for a moment, and tells whether it draws our letters. */
export async function drawsLetters(): Promise<boolean> {
  const tty = new Tty();
  tty.take(() => {});
  try {
    const answer = probed(tty);
    await tty.write(PROBE);
    const draws = await answer;
    await tty.answered();
    return draws;
  } finally {
    tty.release();
  }
}
