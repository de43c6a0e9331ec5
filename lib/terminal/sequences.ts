/**
 * What we write on a terminal besides text (ECMA-48; xterm, "Control Sequences").
 *
 * @module
 */

const CSI = "\x1b[";
const RESET =
  `${CSI}!p${CSI}4;20l${CSI}?69l\x0f\x1b(B\x1b%G${CSI}0m${CSI}?1000;1002;1003;1004l${CSI}?2004h`;

/** Control sequences, by what they do. */
export const SEQUENCES = {
  bell: "\x07",
  /** The alternate screen; the cursor of the main one is kept. */
  enterPrompt: `${CSI}?1049h`,
  leavePrompt: `${CSI}?1049l`,
  /** Enters it again, in case it was left meanwhile; this saves no cursor. */
  stayInPrompt: `${CSI}?1047h`,
  /**
   * The state that every picture begins from, whatever a command left behind: soft reset (DECSTR),
   * replace mode, Enter as one byte, no margins at the sides, G0 in use and ASCII in it, UTF-8 (ISO 2022), no styling,
   * no reports of the mouse or the focus (each would count as a key), and pastes marked as such.
   * Each is also set by name, for terminals without DECSTR.
   */
  reset: RESET,
  /**
   * A known state to draw in: after the reset, no scrolling region, no rows counted from it (both
   * move the cursor), no wrapping of lines, and no visible cursor.
   */
  draw: `${RESET}${CSI}r${CSI}?6l${CSI}?7l${CSI}?25l`,
  /** Lines wrap, and the cursor is seen. */
  normal: `${CSI}?7h${CSI}?25h`,
  /** Keeps the title, to be put back. */
  open: `${CSI}22;2t${RESET}`,
  unmarkPastes: `${CSI}?2004l`,
  close: `${CSI}?2004l${CSI}23;2t`,
  home: `${CSI}H`,
  clear: `${CSI}2J`,
  emptyRow: `${CSI}2K`,
  emptyBelow: `${CSI}J`,
  /**
   * Empties the line and goes to its first column; `plainLine` also drops a style that may be left.
   */
  emptyLine: `\r${CSI}K`,
  plainLine: `\r${CSI}0m${CSI}K`,
} as const;

/** Questions (every terminal since the VT100 answers them): `CSI 0 n`, and `CSI row ; column R`. */
export const QUESTIONS = { status: `${CSI}5n`, cursor: `${CSI}6n` } as const;

/** Which desktop notification the terminal understands. */
export type Notification = "9" | "777";

/**
 * Desktop notifications (iTerm2's OSC 9, urxvt's OSC 777). The words are constant: no request text
 * leaves the prompt.
 */
export const NOTIFICATIONS: Readonly<Record<Notification, string>> = {
  "9": `\x1b]9;sudo-proxy: a request waits\x07`,
  "777": `\x1b]777;notify;sudo-proxy;a request waits\x07`,
};

/**
 * Samples that test how the terminal draws: our frame, and letters of each script that `visible.ts`
 * lets through. A terminal in an 8-bit mode takes bytes of them for controls (`Û` is C3 9B, and 9B
 * begins a control sequence there, which `m` ends), one with CJK widths gives most of them two
 * cells. No byte of them begins a string, or moves the cursor to another line.
 */
export const SAMPLES: readonly string[] = ["━┊…", "Ûm", "é", "Дα", "漢か한"];

/** Sets the window's title. */
export function titleSequence(title: string): string {
  return `\x1b]2;${title}\x1b\\`;
}

/** Goes to the first column of a row, counted from 0. */
export function rowSequence(row: number): string {
  return `${CSI}${row + 1};1H`;
}
