import type { Key } from "../gate/keys.ts";
import { cellWidth, fitCells } from "./cells.ts";
import type { Terminal } from "./mode.ts";
import { type Line, paintLine, span } from "./paint.ts";
import { drawPrompt, type PromptPicture, type PromptView } from "./prompt.ts";

const CSI = "\x1b[";
const OSC_TITLE = "\x1b]2;";
const ST = "\x1b\\";
/** Alternate screen, hidden cursor (xterm, "DEC Private Mode Set"). */
const ENTER_PROMPT = `${CSI}?1049h${CSI}?25l${CSI}?2004h`;
const LEAVE_PROMPT = `${CSI}?25h${CSI}?1049l`;
/** Bracketed paste, so that a paste is recognised as one; and the title, kept to be put back. */
const OPEN = `${CSI}22;2t${CSI}?2004h`;
const CLOSE = `${CSI}?2004l${CSI}23;2t`;
const HISTORY_KEPT = 50;
/**
 * Desktop notifications (iTerm2's OSC 9, urxvt's OSC 777). The words are constant: no request text
 * leaves the prompt.
 */
const NOTIFICATIONS: Readonly<Record<Notification, string>> = {
  "9": `\x1b]9;sudo-proxy: a request waits\x07`,
  "777": `\x1b]777;notify;sudo-proxy;a request waits\x07`,
};

/** Which desktop notification the terminal understands. */
export type Notification = "9" | "777";

/**
 * What the person sees: a history that scrolls, and over it, on the alternate screen, one prompt at
 * a time. While the terminal is lent nothing is written; lines wait until it is back.
 */
export class ApprovalScreen {
  readonly #terminal: Pick<Terminal, "size" | "write">;
  readonly #colour: boolean;
  readonly #notification: Notification | undefined;
  readonly #history: Line[] = [];
  /** Lines that could not be printed yet. */
  #waiting: Line[] = [];
  #showing: "history" | "prompt" | "nothing" = "nothing";
  #scroll = 0;
  #seen = new Set<number>();
  #picture: PromptPicture | undefined;
  #lastDrawn = "";
  #status: Line | undefined;

  /**
   * Makes a screen that has not been opened yet.
   *
   * @param terminal Where to draw.
   * @param colour Whether styling is wanted.
   * @param notification How the desktop is told that a request waits, if at all.
   */
  constructor(
    terminal: Pick<Terminal, "size" | "write">,
    colour: boolean,
    notification?: Notification,
  ) {
    this.#terminal = terminal;
    this.#colour = colour;
    this.#notification = notification;
  }

  /** Takes the terminal for the history. */
  open(): void {
    this.#terminal.write(OPEN);
    this.#title("sudo-proxy");
    this.#showing = "history";
    this.#printWaiting();
  }

  /** Gives the screen away, as it was found; nothing is written until {@linkcode open}. */
  close(): void {
    if (this.#showing === "nothing") return;
    this.hidePrompt();
    this.#status = undefined;
    this.#drawStatus();
    this.#terminal.write(CLOSE);
    this.#showing = "nothing";
  }

  /**
   * Adds a line to the history.
   *
   * @param line The line; cut to the window, since it only reminds.
   */
  print(line: Line): void {
    this.#history.push(line);
    if (this.#history.length > HISTORY_KEPT) this.#history.shift();
    this.#waiting.push(line);
    if (this.#showing === "history") this.#printWaiting();
  }

  /**
   * Sets the line below the history that changes in place.
   *
   * @param line The line, or `undefined` for none.
   */
  setStatus(line: Line | undefined): void {
    if (line === undefined && this.#status === undefined) return;
    this.#status = line;
    if (this.#showing === "history") this.#drawStatus();
  }

  /** Rings the bell. */
  bell(): void {
    if (this.#showing !== "nothing") this.#terminal.write("\x07");
  }

  /** Begins to show another request. */
  showPrompt(): void {
    this.#scroll = 0;
    this.#forgetSeen();
    if (this.#showing === "history") this.#terminal.write(ENTER_PROMPT);
    this.#showing = "prompt";
    this.#title("sudo-proxy: a request waits");
    this.bell();
    if (this.#notification) this.#terminal.write(NOTIFICATIONS[this.#notification]);
  }

  /** Goes back to the history. */
  hidePrompt(): void {
    if (this.#showing !== "prompt") return;
    this.#terminal.write(LEAVE_PROMPT);
    this.#showing = "history";
    this.#title("sudo-proxy");
    this.#printWaiting();
  }

  /**
   * The window has another size: what was seen before was another layout, and reading begins anew.
   */
  forgetLayout(): void {
    this.#scroll = 0;
    this.#forgetSeen();
  }

  /**
   * Brings the prompt up to date; writes only what is new.
   *
   * @param view What to show.
   * @returns Whether all of the request has been on the screen in this layout.
   */
  draw(view: PromptView): boolean {
    const size = this.#terminal.size;
    const picture = drawPrompt(view, size, this.#scroll);
    this.#picture = picture;
    this.#scroll = picture.scroll;
    // What explains the keys is not the request.
    const shown = view.unarmed === "help" ? 0 : picture.page;
    for (let line = 0; line < shown; line++) this.#seen.add(picture.scroll + line);
    const room = size.rows - picture.lines.length;
    const history = room > 0 ? this.#history.slice(-room) : [];
    const lines = [...history.map((line) => fitLine(line, size.columns)), ...picture.lines];
    const drawn = lines.map((line) => `${CSI}2K${paintLine(line, this.#colour)}`).join("\r\n");
    if (drawn !== this.#lastDrawn) {
      this.#lastDrawn = drawn;
      this.#terminal.write(`${CSI}H${drawn}${CSI}J`);
    }
    return view.unarmed !== "help" && this.#seen.size >= picture.total;
  }

  /**
   * Moves within a long request; takes effect with the next {@linkcode draw}.
   *
   * @param key A key that moves.
   */
  scroll(key: Key): void {
    const page = Math.max(1, (this.#picture?.page ?? 1) - 1);
    const moves: Partial<Record<Key, number>> = {
      lineUp: -1,
      lineDown: 1,
      pageUp: -page,
      pageDown: page,
      top: -Infinity,
      end: this.#picture?.total ?? 0,
    };
    this.#scroll = Math.max(0, this.#scroll + (moves[key] ?? 0));
  }

  #forgetSeen(): void {
    this.#seen = new Set();
    this.#lastDrawn = "";
  }

  #printWaiting(): void {
    const { columns } = this.#terminal.size;
    const lines = this.#waiting.map((line) => paintLine(fitLine(line, columns), this.#colour));
    this.#waiting = [];
    if (lines.length > 0) this.#terminal.write(`\r${CSI}K${lines.join("\r\n")}\r\n`);
    this.#drawStatus();
  }

  #drawStatus(): void {
    const { columns } = this.#terminal.size;
    const text = this.#status ? paintLine(fitLine(this.#status, columns - 1), this.#colour) : "";
    this.#terminal.write(`\r${CSI}K${text}`);
  }

  #title(words: string): void {
    this.#terminal.write(`${OSC_TITLE}${words}${ST}`);
  }
}

/** Cuts a line to a width; its last piece loses what is too much. */
function fitLine(line: Line, columns: number): Line {
  const fitted: { text: string; style: Line[number]["style"] }[] = [];
  let room = columns;
  for (const { text, style } of line) {
    const piece = fitCells(text, room);
    fitted.push(span(piece, style));
    if (piece !== text) break;
    room -= cellWidth(text);
  }
  return fitted;
}
