import type { Key } from "../gate/keys.ts";
import { cellWidth, fitCells } from "./cells.ts";
import type { Terminal } from "./mode.ts";
import { type Line, type Paint, paintLine, span } from "./paint.ts";
import { RESET, RESET_MARGINS } from "./probe.ts";
import { drawPrompt, type PromptPicture, type PromptView } from "./prompt.ts";
import { asciiText } from "./visible.ts";

const CSI = "\x1b[";
const OSC_TITLE = "\x1b]2;";
const ST = "\x1b\\";
/** The alternate screen (xterm, "DEC Private Mode Set"). */
const ENTER_PROMPT = `${CSI}?1049h`;
const LEAVE_PROMPT = `${CSI}?1049l`;
/** The same once more, where it may have been left meanwhile; this keeps no cursor. */
const STAY_IN_PROMPT = `${CSI}?1047h`;
/** A known state to draw in: besides that of the reset, no line wraps and no cursor is seen. */
const DRAW = `${RESET}${RESET_MARGINS}${CSI}?7l${CSI}?25l`;
const NORMAL = `${CSI}?7h${CSI}?25h`;
/** The title, kept to be put back; and pastes marked as such, since one must be known as one. */
const OPEN = `${CSI}22;2t${RESET}`;
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
  /** Whether the terminal gets nothing but ASCII; until that is known it gets no text. */
  #ascii: boolean | undefined;
  /** Whether a command may have drawn over the history. */
  #isSpoilt = false;
  readonly #paint: Paint;
  readonly #notification: Notification | undefined;
  readonly #name: string;
  readonly #history: Line[] = [];
  /** Lines that could not be printed yet. */
  #waiting: Line[] = [];
  #showing: "history" | "prompt" | "nothing" = "nothing";
  #scroll = 0;
  /** How far the help is scrolled; `undefined` while the request is shown. */
  #helpScroll: number | undefined;
  #seen = new Uint8Array();
  #picture: PromptPicture | undefined;
  #lastDrawn = "";
  #status: Line | undefined;

  /**
   * Makes a screen that has not been opened yet.
   *
   * @param terminal Where to draw.
   * @param paint Which styling the terminal gets.
   * @param notification How the desktop is told that a request waits, if at all.
   * @param machine The machine whose commands are approved, for the window's title.
   */
  constructor(
    terminal: Pick<Terminal, "size" | "write">,
    paint: Paint,
    notification?: Notification,
    machine = "",
  ) {
    this.#terminal = terminal;
    this.#paint = paint;
    this.#notification = notification;
    // A title is no place for more than the letters of a name.
    this.#name = `sudo-proxy ${machine.replace(/[^\w.-]/g, "")}`.trimEnd();
  }

  /** Takes the terminal for the history, which begins once {@linkcode begin} was called. */
  open(): void {
    this.#terminal.write(OPEN);
    this.#title(this.#name);
    this.#showing = "history";
    this.#ascii = undefined;
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
   * Puts the terminal into a known state after a command that may have changed it. Nothing more is
   * drawn until {@linkcode begin}.
   */
  reset(): void {
    this.#isSpoilt = true;
    if (this.#showing === "nothing") return;
    const stay = this.#showing === "prompt" ? STAY_IN_PROMPT : LEAVE_PROMPT;
    this.#terminal.write(`${stay}${DRAW}${CSI}H`);
    this.#ascii = undefined;
  }

  /**
   * Draws everything anew, now that it is known what the terminal draws.
   *
   * @param ascii Whether it gets nothing but ASCII.
   */
  begin(ascii: boolean): void {
    this.#ascii = ascii;
    this.forgetLayout();
    if (this.#showing === "history") this.#continueHistory();
  }

  /** Whether the screen was not given away. */
  get isOpen(): boolean {
    return this.#showing !== "nothing";
  }

  /** Whether {@linkcode begin} was called since the terminal was reset. */
  get hasBegun(): boolean {
    return this.#ascii !== undefined;
  }

  /** Whether the terminal gets nothing but ASCII. */
  get ascii(): boolean {
    return this.#ascii ?? true;
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
    this.#printWaiting();
  }

  /**
   * Sets the line below the history that changes in place.
   *
   * @param line The line, or `undefined` for none.
   */
  setStatus(line: Line | undefined): void {
    if (sameText(line, this.#status)) return;
    this.#status = line;
    this.#drawStatus();
  }

  /** Rings the bell. */
  bell(): void {
    if (this.#showing !== "nothing") this.#terminal.write("\x07");
  }

  /** Begins to show another request; it is drawn once {@linkcode begin} was called. */
  showPrompt(): void {
    if (this.#showing === "history") this.#terminal.write(ENTER_PROMPT);
    this.#showing = "prompt";
    this.#terminal.write(`${DRAW}${CSI}H${CSI}2J`);
    this.#ascii = undefined;
    this.#title(`${this.#name}: a request waits`);
    this.bell();
    if (this.#notification) this.#terminal.write(NOTIFICATIONS[this.#notification]);
  }

  /** Goes back to the history. */
  hidePrompt(): void {
    if (this.#showing !== "prompt") return;
    this.#terminal.write(`${DRAW}${NORMAL}${LEAVE_PROMPT}`);
    this.#showing = "history";
    this.#title(this.#name);
    this.#continueHistory();
  }

  /**
   * The window has another size: what was seen before was another layout, and reading begins anew.
   */
  forgetLayout(): void {
    this.#scroll = 0;
    this.#helpScroll = undefined;
    this.#seen = new Uint8Array();
    this.#lastDrawn = "";
  }

  /**
   * Brings the prompt up to date; writes only what is new.
   *
   * @param view What to show.
   * @returns Whether all of the request has been on the screen in this layout.
   */
  draw(view: Omit<PromptView, "ascii">): boolean {
    if (this.#showing !== "prompt" || this.#ascii === undefined) return false;
    const size = this.#terminal.size;
    // What explains the keys is not the request, and has a position of its own.
    const isHelp = view.unarmed === "help";
    const scroll = isHelp ? this.#helpScroll ?? 0 : this.#scroll;
    const picture = drawPrompt({ ...view, ascii: this.#ascii }, size, scroll);
    this.#picture = picture;
    this.#helpScroll = isHelp ? picture.scroll : undefined;
    if (!isHelp) this.#scroll = picture.scroll;
    const isRequest = !isHelp && picture.page > 0;
    if (isRequest) {
      if (this.#seen.length !== picture.total) this.#seen = new Uint8Array(picture.total);
      this.#seen.fill(1, picture.scroll, picture.scroll + picture.page);
    }
    const room = Math.max(0, size.rows - picture.lines.length);
    const history = room > 0 ? this.#history.slice(-room) : [];
    // The keys stand on the last row.
    const length = picture.page > 0 ? room - history.length : 0;
    const blanks = Array.from({ length }, () => []);
    const above = history.map((line) => this.#fitLine(line, size.columns));
    const drawn = this.#rows([...above, ...blanks, ...picture.lines]);
    if (drawn !== this.#lastDrawn) {
      this.#lastDrawn = drawn;
      this.#terminal.write(drawn, "picture");
    }
    return isRequest && !this.#seen.includes(0);
  }

  /** Every row is addressed by its number, so that nothing depends on what was there. */
  #rows(lines: readonly Line[]): string {
    const rows = lines.map((line, index) =>
      `${CSI}${index + 1};1H${CSI}2K${paintLine(line, this.#paint)}`
    );
    const below = lines.length < this.#terminal.size.rows
      ? `${CSI}${lines.length + 1};1H${CSI}J`
      : "";
    return `${DRAW}${rows.join("")}${below}`;
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
    const move = moves[key] ?? 0;
    if (this.#helpScroll === undefined) this.#scroll = Math.max(0, this.#scroll + move);
    else this.#helpScroll = Math.max(0, this.#helpScroll + move);
  }

  #continueHistory(): void {
    if (this.#isSpoilt && this.#ascii !== undefined) {
      this.#isSpoilt = false;
      this.#waiting = [];
      const { columns, rows } = this.#terminal.size;
      const lines = this.#history.slice(-Math.max(1, rows - 1)).map((line) =>
        this.#fitLine(line, columns)
      );
      this.#terminal.write(`${this.#rows(lines)}${CSI}${lines.length + 1};1H${NORMAL}`);
    }
    this.#printWaiting();
  }

  #printWaiting(): void {
    if (this.#showing !== "history" || this.#ascii === undefined) return;
    const { columns } = this.#terminal.size;
    const lines = this.#waiting.map((line) => paintLine(this.#fitLine(line, columns), this.#paint));
    this.#waiting = [];
    if (lines.length > 0) this.#terminal.write(`\r${CSI}K${lines.join("\r\n")}\r\n`);
    this.#drawStatus();
  }

  #drawStatus(): void {
    if (this.#showing !== "history" || this.#ascii === undefined) return;
    const { columns } = this.#terminal.size;
    const line = this.#fitLine(this.#status ?? [], columns - 1);
    this.#terminal.write(`\r${CSI}K${paintLine(line, this.#paint)}`);
  }

  #title(words: string): void {
    this.#terminal.write(`${OSC_TITLE}${words}${ST}`);
  }

  /** Cuts a line to a width; its last piece loses what is too much. */
  #fitLine(line: Line, columns: number): Line {
    const fitted: Line[number][] = [];
    let room = columns;
    for (const { text, style } of line) {
      const shown = this.ascii ? asciiHistory(text) : text;
      const piece = fitCells(shown, room, this.ascii ? "~" : "…");
      fitted.push(span(piece, style));
      if (piece !== shown) break;
      room -= cellWidth(shown);
    }
    return fitted;
  }
}

function sameText(a: Line | undefined, b: Line | undefined): boolean {
  const text = (line: Line = []) => line.map(({ text }) => text).join("");
  return text(a) === text(b);
}

/** Our own marks in lines of the history; the rest is written as escapes. */
const HISTORY_MARKS: Readonly<Record<string, string>> = { "·": "-", "┊": "|", "…": "~" };

function asciiHistory(text: string): string {
  return asciiText(text.replace(/[·┊…]/g, (mark) => HISTORY_MARKS[mark]));
}
