import type { Visible } from "../decide/prompt.ts";
import { within } from "../platform/deadline.ts";
import type { Paint } from "../view/paint.ts";
import type { Picture } from "../view/picture.ts";
import { Difference } from "./difference.ts";
import { probed } from "./probe.ts";
import type { Notification } from "./sequences.ts";
import { Tty } from "./tty.ts";

/** How long the terminal may take for its last answers, and for our last words, in milliseconds. */
const LEAVE_MS = 1000;

/** What the terminal reports; the receiver adds the time. */
export type ScreenEvent =
  /** The bytes of one read, without the terminal's own answers. */
  | { readonly kind: "keys"; readonly burst: Uint8Array }
  /** The window has another size, or was drawn over by a change of its size. */
  | { readonly kind: "resized"; readonly columns: number; readonly rows: number }
  /** What the terminal draws, after the reset of this number. */
  | { readonly kind: "probed"; readonly reset: number; readonly ascii: boolean }
  /** The terminal has drawn this drawing of the prompt. */
  | { readonly kind: "drawn"; readonly drawing: number; readonly visible: Visible }
  /** This drawing of the prompt can't be made. */
  | { readonly kind: "undrawable"; readonly drawing: number; readonly error: unknown };

/** Keeps the terminal at the latest picture: takes it, writes what differs, and gives it away. */
export class Renderer {
  readonly #tty: Tty;
  readonly #report: (event: ScreenEvent) => void;
  readonly #difference: Difference;
  #make: (() => Picture) | undefined;
  /** Whether a picture has to be made. */
  #isDue = false;
  #running: Promise<void> | undefined;
  #mustRetake = false;
  #isEnding = false;
  #borrower: Picture["borrower"];
  /** Whether one of the borrowers since the terminal was last ours may have drawn anything. */
  #isDrawnOver = false;
  #onLent: (() => void)[] = [];
  /** The last reset after which it is known what the terminal draws. */
  #probed = -1;
  #size: Tty["size"];

  /**
   * Makes a renderer that has not taken the terminal yet.
   *
   * @param report Told what the terminal reports.
   * @param paint Which styling the terminal gets.
   * @param notification How the desktop is told that a request waits, if at all.
   * @param tty The terminal.
   */
  constructor(
    report: (event: ScreenEvent) => void,
    paint: Paint,
    notification?: Notification,
    tty: Tty = new Tty(),
  ) {
    this.#report = report;
    this.#difference = new Difference(paint, notification);
    this.#tty = tty;
    this.#size = tty.size;
  }

  /** Resolves when the terminal has hung up. */
  get gone(): Promise<void> {
    return this.#tty.gone;
  }

  /**
   * Shows a picture, which is made once the terminal is ready for output. A slow terminal misses
   * pictures, and nothing piles up.
   */
  show(make: () => Picture): void {
    this.#make = make;
    this.#wake();
  }

  /** Resolves once the terminal has its normal mode, for the borrower of the latest picture. */
  lent(): Promise<void> {
    return new Promise((resolve) => {
      this.#onLent.push(resolve);
      this.#wake();
    });
  }

  /** SIGWINCH: reports `resized`; nothing on the terminal counts as drawn any more. */
  resized(): void {
    this.#size = this.#tty.size;
    this.#difference.forgetRows();
    this.#report({ kind: "resized", ...this.#size });
    this.#wake();
  }

  /** SIGCONT: another program may have changed the mode, so the terminal is taken anew. */
  continued(): void {
    this.#mustRetake = this.#difference.isOpen;
    this.#wake();
  }

  /**
   * Gives the terminal back at an orderly end, after its last answers to us.
   *
   * @returns False if it takes no output, so only its mode can be restored.
   */
  async leave(): Promise<boolean> {
    this.#isEnding = true;
    // An answer that comes later would come to the shell.
    await within(LEAVE_MS, Promise.resolve(this.#running).then(() => this.#tty.answered()));
    const written = this.#tty.write(this.#farewell()).then(() => true);
    return await within(LEAVE_MS, written) ?? false;
  }

  /** Gives the terminal back at once, at any end. */
  close(): void {
    this.#isEnding = true;
    this.#tty.writeLast(this.#farewell());
    this.#tty.release();
  }

  /** Several pictures in one turn of the loop are one. */
  #wake(): void {
    this.#isDue = true;
    this.#running ??= Promise.resolve().then(async () => {
      while (this.#isDue && !this.#isEnding && this.#make !== undefined) {
        this.#isDue = false;
        await this.#bringUpToDate(this.#make);
      }
      this.#running = undefined;
    });
  }

  async #bringUpToDate(make: () => Picture): Promise<void> {
    let picture = make();
    const isLending = this.#difference.isOpen && picture.borrower !== undefined;
    if (isLending) {
      // An answer that comes later would come to the borrower.
      await this.#tty.answered();
      if (this.#isEnding) return;
      picture = make();
    }
    if (isLending || (this.#difference.isOpen && this.#mustRetake)) {
      await this.#tty.write(this.#difference.close(picture));
      this.#tty.release();
    }
    this.#mustRetake = false;
    const before = this.#borrower;
    this.#borrower = picture.borrower;
    this.#isDrawnOver ||= picture.borrower?.draws === true;
    if (picture.borrower === undefined) {
      await this.#draw(picture, this.#isDrawnOver);
      this.#isDrawnOver = false;
    } else if (before !== undefined && before.id !== picture.borrower.id) {
      await this.#tty.write(this.#difference.aside(picture));
    }
    if (picture.borrower === undefined) return;
    for (const resolve of this.#onLent.splice(0)) resolve();
  }

  #keys(burst: Uint8Array): void {
    // The signal may come after the key: what was drawn for another window does not arm this one.
    const { columns, rows } = this.#tty.size;
    if (columns !== this.#size.columns || rows !== this.#size.rows) this.resized();
    this.#report({ kind: "keys", burst });
  }

  /** Brings the terminal from what was written last to a picture. */
  async #draw(picture: Picture, isDrawnOver: boolean): Promise<void> {
    const isTaken = !this.#difference.isOpen;
    if (isTaken) this.#tty.take((burst) => this.#keys(burst));
    const taking = isTaken ? this.#difference.open(isDrawnOver) : "";
    const { text, probes, asks } = this.#difference.to(picture, isTaken, this.#probed);
    if (probes !== undefined) void this.#probe(probes);
    if (asks) void this.#tty.ask("status").then(() => this.#report({ kind: "drawn", ...asks }));
    await this.#tty.write(taking + text);
    const { fault, drawing, visible } = picture.prompt ?? {};
    if (fault !== undefined && drawing !== undefined) {
      this.#report({ kind: "undrawable", drawing, error: fault });
    } else if (visible?.total === Infinity && visible.page > 0) {
      // The next picture has more of a long request; whatever waits meanwhile comes first.
      setTimeout(() => this.#wake());
    }
  }

  async #probe(reset: number): Promise<void> {
    const ascii = !await probed(this.#tty);
    this.#probed = Math.max(this.#probed, reset);
    this.#report({ kind: "probed", reset, ascii });
  }

  /** The last words, once. */
  #farewell(): string {
    if (!this.#difference.isOpen) return "";
    let picture: Picture | undefined;
    try {
      picture = this.#make?.();
    } catch {
      // The state itself may be at fault; the terminal is given back all the same.
    }
    return this.#difference.close(picture);
  }
}
