import type { Visible } from "../decide/prompt.ts";
import { type Line, type Paint, paintLine } from "../view/paint.ts";
import type { Picture, PromptPicture } from "../view/picture.ts";
import { PROBE } from "./probe.ts";
import {
  type Notification,
  NOTIFICATIONS,
  QUESTIONS,
  rowSequence,
  SEQUENCES,
  titleSequence,
} from "./sequences.ts";

/** What is to be written, and which answers the terminal will give. */
export interface Writing {
  /** Text with control sequences. */
  readonly text: string;
  /**
   * Set if samples are written, each with a question for the cursor's column: the reset before
   * them.
   */
  readonly probes?: number;
  /** The drawing whose end the terminal is asked to confirm. */
  readonly asks?: { readonly drawing: number; readonly visible: Visible };
}

/**
 * The difference between what was written on the terminal and a picture. On the alternate screen
 * every row is addressed by its number; the history scrolls.
 */
export class Difference {
  /** Whether the terminal is ours, with our title. */
  isOpen = false;
  readonly #paint: Paint;
  readonly #notification: Notification | undefined;
  // What was written last, as far as it is known to be there.
  #resets: number | undefined;
  #bells = 0;
  #notices = 0;
  #title: string | undefined;
  /** Whether the alternate screen is shown. */
  #isPrompt = false;
  /** Its rows; `undefined` if all have to be written. */
  #rows: string | undefined;
  /** The drawing that the terminal was asked about, and what was visible. */
  #asked: string | undefined;
  /** Which entries of the history were printed: all before this number. */
  #printed = 0;
  /** Whether something may have drawn over the history. */
  #isSpoilt = false;
  #status: string | undefined;

  /** Begins with a terminal on which nothing was written. */
  constructor(paint: Paint, notification: Notification | undefined) {
    this.#paint = paint;
    this.#notification = notification;
  }

  /** The rows are written once more, and the terminal is asked once more whether it drew them. */
  forgetRows(): void {
    this.#rows = undefined;
    this.#asked = undefined;
  }

  /** Takes the terminal; the last borrower may have drawn anything anywhere. */
  open(isDrawnOver: boolean): string {
    this.isOpen = true;
    this.#title = undefined;
    this.#status = undefined;
    this.#isSpoilt = isDrawnOver;
    const { open, leavePrompt, draw, home } = SEQUENCES;
    return open + (isDrawnOver ? leavePrompt + draw + home : "");
  }

  /**
   * Goes from the last picture to this one.
   *
   * @param picture What is to be on the terminal.
   * @param isTaken Whether the terminal was just taken.
   * @param probed The last reset after which the terminal has answered what it draws.
   */
  to(picture: Picture, isTaken: boolean, probed: number): Writing {
    const { prompt, title, bells, notices, resets } = picture;
    const isEntered = prompt !== undefined && !this.#isPrompt;
    const isReset = resets !== this.#resets;
    let text = prompt ? "" : this.#leavePrompt();
    if (isEntered) text += SEQUENCES.enterPrompt;
    this.#isPrompt = prompt !== undefined;
    if (isReset) {
      const { stayInPrompt, leavePrompt, draw, home, clear } = SEQUENCES;
      if (!isEntered && !isTaken) text += prompt ? stayInPrompt : leavePrompt;
      if (prompt || !isTaken) text += draw + home;
      if (prompt && notices !== this.#notices) text += clear;
      // Each new prompt brings one reset, and so does taking the terminal.
      const expected = notices - this.#notices + (isTaken ? 1 : 0);
      const isMore = resets - (this.#resets ?? resets) > expected;
      this.#isSpoilt ||= isMore || !(prompt || isTaken);
      this.forgetRows();
    }
    if (title !== this.#title) text += titleSequence(title);
    if (bells !== this.#bells) text += SEQUENCES.bell;
    if (notices !== this.#notices && this.#notification) text += NOTIFICATIONS[this.#notification];
    [this.#title, this.#bells, this.#notices, this.#resets] = [title, bells, notices, resets];
    if (isReset) {
      return { text: text + PROBE, probes: resets };
    }
    if (!picture.isProbed || probed !== resets) return { text };
    if (prompt === undefined) return { text: text + this.#historyText(picture) };
    return this.#toPrompt(text, prompt, picture);
  }

  #toPrompt(before: string, prompt: PromptPicture, { window }: Picture): Writing {
    const { drawing, visible, fault } = prompt;
    const asked = JSON.stringify([drawing, visible]);
    const isNew = asked !== this.#asked;
    if (fault !== undefined) return { text: before };
    const rows = rowsText(this.#painted(prompt.rows), window.rows);
    const isSame = rows === this.#rows;
    this.#asked = asked;
    this.#rows = rows;
    if (isSame && !isNew) return { text: before };
    // Written whole, since others may have drawn over any row: wall(1), write(1), a command.
    const text = before + SEQUENCES.draw + rows;
    return isNew ? { text: text + QUESTIONS.status, asks: { drawing, visible } } : { text };
  }

  #historyText({ history: { dropped, entries }, status, window }: Picture): string {
    const { draw, emptyLine, normal } = SEQUENCES;
    let text = "";
    if (this.#isSpoilt) {
      const rows = this.#painted(entries.flat()).slice(-Math.max(1, window.rows - 1));
      text = draw + rowsText(rows, window.rows) + rowSequence(rows.length) + normal;
    } else {
      const rows = this.#painted(entries.slice(Math.max(0, this.#printed - dropped)).flat());
      if (rows.length > 0) text = `${emptyLine}${rows.join("\r\n")}\r\n`;
    }
    const line = paintLine(status, this.#paint);
    if (text !== "" || line !== this.#status) text += `${emptyLine}${line}`;
    this.#isSpoilt = false;
    this.#printed = dropped + entries.length;
    this.#status = line;
    return text;
  }

  #painted(lines: readonly Line[]): string[] {
    return lines.map((line) => paintLine(line, this.#paint));
  }

  #leavePrompt(): string {
    if (!this.#isPrompt) return "";
    this.#isPrompt = false;
    this.#status = undefined;
    this.forgetRows();
    return SEQUENCES.draw + SEQUENCES.normal + SEQUENCES.leavePrompt;
  }

  /** What is new in the history, between the questions of two borrowers. */
  aside(picture: Picture): string {
    return SEQUENCES.reset + this.#historyText({ ...picture, status: [] }) + SEQUENCES.unmarkPastes;
  }

  /** Gives the terminal away as it was found; the history stays. */
  close(picture: Picture | undefined): string {
    this.isOpen = false;
    const leaving = this.#leavePrompt();
    const last = picture === undefined ? "" : this.#historyText({ ...picture, status: [] });
    // A command may have ended since the last reset.
    return leaving + SEQUENCES.reset + last + SEQUENCES.normal + SEQUENCES.close;
  }
}

/** Writes the rows, and empties what is below. */
function rowsText(rows: readonly string[], height: number): string {
  const below = rows.length < height ? rowSequence(rows.length) + SEQUENCES.emptyBelow : "";
  return rows.map((row, at) => rowSequence(at) + SEQUENCES.emptyRow + row).join("") + below;
}
