/** Prompts, a terminal that shows them, and how a person reads through one. */
import type { ResolvedRequest } from "../../lib/admit/request.ts";
import {
  confirmDrawing,
  type Prompt,
  readAnew,
  scrollPrompt,
  showPrompt,
  unarmedReason,
} from "../../lib/decide/prompt.ts";
import type { ScrollKey } from "../../lib/decide/keys.ts";
import { type Entry, remember, said } from "../../lib/session/history.ts";
import type { SessionConfig, SessionState, TerminalState } from "../../lib/session/state.ts";
import { initialState } from "../../lib/session/update.ts";
import { Renderer, type ScreenEvent } from "../../lib/terminal/renderer.ts";
import type { Notification } from "../../lib/terminal/sequences.ts";
import { Tty } from "../../lib/terminal/tty.ts";
import type { Paint } from "../../lib/view/paint.ts";
import { type Names, picture } from "../../lib/view/picture.ts";
import type { PromptView } from "../../lib/view/prompt_lines.ts";
import { Emulator } from "./emulator.ts";
import { type Page, readPage } from "./reader.ts";

export const NAMES: Names = { machine: "box", user: "joe" };

/** What the prompt shows of a request that waits for a key. */
export function viewOf(request: ResolvedRequest, more: Partial<PromptView> = {}): PromptView {
  return {
    request,
    scroll: 0,
    waiting: 0,
    secondsLeft: 59,
    unarmed: undefined,
    message: undefined,
    help: undefined,
    mayTrust: true,
    running: 0,
    followsWithdrawn: false,
    ...NAMES,
    ascii: false,
    ...more,
  };
}

/** How the daemons of these tests are set up. */
const CONFIG: SessionConfig = {
  promptTimeoutMs: 59_000,
  authentication: "sudo",
  password: "cached",
  mayTrust: true,
  onlyId: undefined,
};

/** A state in which nothing happens, and the terminal has answered what it draws. */
export function idleState(
  window: TerminalState["window"],
  more: Partial<SessionState> = {},
): SessionState {
  const first = initialState(CONFIG);
  const terminal = { ...first.terminal, window, ascii: false };
  return { ...first, now: 0, ranAt: 0, terminal, ...more };
}

/** A prompt that is shown now, at the time 0. */
export function promptOf(
  request: ResolvedRequest,
  { timeoutMs = 59_000, followsWithdrawn = false } = {},
): Prompt {
  const quiet = { now: 0, disturbedAt: -Infinity, drawing: 1 };
  return showPrompt(request, { ...quiet, timeoutMs, followsWithdrawn });
}

/** A person before a terminal, and the little of a daemon that shows something there. */
export class Watcher {
  readonly emulator: Emulator;
  readonly renderer: Renderer;
  /** What was reported. */
  readonly events: ScreenEvent[] = [];
  state: SessionState;
  readonly #names: Names;
  readonly #ascii: boolean | undefined;
  #onEvent: () => void = () => {};
  #onFlow: (value?: unknown) => void = () => {};

  constructor(
    columns: number,
    rows: number,
    { paint = "plain", notification, ascii, names = NAMES }: {
      readonly paint?: Paint;
      readonly notification?: Notification | undefined;
      /** Whether it is drawn in ASCII; as the terminal answers, if left out. */
      readonly ascii?: boolean;
      readonly names?: Names;
    } = {},
  ) {
    this.#names = names;
    this.#ascii = ascii;
    this.emulator = new Emulator(columns, rows);
    this.state = idleState({ columns, rows });
    this.state = { ...this.state, terminal: { ...this.state.terminal, ascii: undefined } };
    const report = (event: ScreenEvent) => this.#take(event);
    this.renderer = new Renderer(report, paint, notification, new Tty(this.emulator));
  }

  #take(event: ScreenEvent): void {
    this.events.push(event);
    queueMicrotask(() => this.#onEvent());
    const { terminal, phase } = this.state;
    if (event.kind === "probed" && event.reset === terminal.resets) {
      this.set({ terminal: { ...terminal, ascii: this.#ascii ?? event.ascii } });
    } else if (event.kind === "drawn" && phase.kind === "prompting") {
      const { drawing, visible } = event;
      const prompt = confirmDrawing(phase.prompt, drawing, visible, this.state.now);
      this.set({ phase: { kind: "prompting", prompt } });
    } else if (event.kind === "resized") {
      const { columns, rows } = event;
      this.set({ terminal: { ...terminal, window: { columns, rows } } });
      if (phase.kind === "prompting") this.setPrompt(readAnew(phase.prompt));
    }
  }

  /** Changes the state, and shows it. */
  set(changes: Partial<SessionState>): void {
    this.state = { ...this.state, ...changes };
    this.renderer.show(() => picture(this.state, this.#names));
  }

  /** Adds an entry to the history. */
  print(entry: Entry): void {
    this.set({ history: remember(this.state.history, entry) });
  }

  /** Says something. */
  say(text: string): void {
    this.print(said(text, "plain"));
  }

  /** Shows a request, as it would first be shown. */
  show(request: ResolvedRequest, more: Partial<SessionState> = {}): void {
    const { terminal } = this.state;
    const [resets, drawing] = [terminal.resets + 1, terminal.drawings + 1];
    const timeoutMs = this.state.config.promptTimeoutMs;
    const prompt = showPrompt(request, {
      now: this.state.now,
      timeoutMs,
      disturbedAt: -Infinity,
      drawing,
    });
    this.set({
      phase: { kind: "prompting", prompt },
      terminal: {
        ...terminal,
        resets,
        drawings: drawing,
        ascii: undefined,
        bells: terminal.bells + 1,
        notices: terminal.notices + 1,
      },
      ...more,
    });
  }

  /** Shows what became of the prompt. */
  setPrompt(prompt: Prompt): void {
    const terminal = { ...this.state.terminal, drawings: prompt.drawing };
    this.set({ phase: { kind: "prompting", prompt }, terminal });
  }

  /** Moves in the request. */
  scroll(key: ScrollKey): void {
    this.setPrompt(scrollPrompt(this.prompt, key));
  }

  /** The terminal has to be put into a known state. */
  reset(): void {
    const { terminal } = this.state;
    this.set({ terminal: { ...terminal, resets: terminal.resets + 1, ascii: undefined } });
    if (this.state.phase.kind === "prompting") this.setPrompt(readAnew(this.prompt));
  }

  /** From now on the terminal does not read. */
  stall(): void {
    this.flow();
    this.emulator.ready = new Promise((resolve) => this.#onFlow = resolve);
  }

  /** It reads again. */
  flow(): void {
    this.#onFlow();
    this.emulator.ready = Promise.resolve();
  }

  /** Changes the window. */
  resize(columns: number, rows: number): void {
    this.emulator.resize(columns, rows);
    this.renderer.resized();
  }

  /** The prompt that is shown. */
  get prompt(): Prompt {
    if (this.state.phase.kind !== "prompting") throw new Error("no prompt is shown");
    return this.state.phase.prompt;
  }

  /** Waits until the terminal has drawn the prompt. */
  async drawn(): Promise<void> {
    while (unarmedReason(this.prompt, this.state.now) === "drawing") {
      await new Promise<void>((resolve) => this.#onEvent = resolve);
    }
  }

  /** Reads the request page by page, until all was seen. */
  async readThrough(): Promise<Page[]> {
    const pages: Page[] = [];
    for (;;) {
      if (pages.length > 20_000) throw new Error("the request never counts as read");
      await this.drawn();
      pages.push(readPage(await this.emulator.rows()));
      if (unarmedReason(this.prompt, this.state.now) !== "unread") return pages;
      this.scroll("pageDown");
    }
  }
}
