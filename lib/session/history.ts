/**
 * What happened, as the machine notes it, and the part that the history keeps. These are facts;
 * `view/history.ts` puts them into words.
 *
 * @module
 */
import type { ResolvedRequest, ResolvedStage } from "../admit/request.ts";
import type { Captured, RunEnd } from "../run/outcome.ts";

/** How many characters of a command a line of the history can use. */
export const COMMAND_LENGTH = 400;
/** How much of each stream is repeated for the person, in bytes. */
export const OUTPUT_BYTES = 4096;
/** How many entries of the history are kept. */
const KEPT_ENTRIES = 50;

/** The tone of a text of ours; a line of the log may also quote a client. */
export type Tone = "plain" | "strong" | "muted" | "good" | "warning" | "bad" | "log";

/** How a request was decided. */
export type Decision = "approved" | "trusted" | "denied" | "timeout";

/** Something worth remembering. The audit trail and the log get all of it, the history a part. */
export type Note<Request = ResolvedRequest, End = RunEnd> =
  | { readonly what: "shown"; readonly request: Request }
  | {
    readonly what: "decided";
    readonly request: Request;
    readonly decision: Decision;
    /** The key that decided; absent if none was pressed. */
    readonly key?: string;
    readonly message?: string;
    /** The layout that was on the screen; absent if the request was not shown. */
    readonly screen?: { readonly columns: number; readonly ascii: boolean };
  }
  | { readonly what: "withdrawn"; readonly request: Request; readonly why: string }
  | { readonly what: "notAuthenticated"; readonly request: Request }
  | { readonly what: "started"; readonly request: Request }
  | { readonly what: "ended"; readonly request: Request; readonly end: End }
  | { readonly what: "ending"; readonly request: Request; readonly why: EndingReason }
  | { readonly what: "endingFailed"; readonly request: Request; readonly password: boolean }
  /** The person granted trust with `a`, or it ended because sudo's memory is shared. */
  | { readonly what: "policy"; readonly trustUnprivileged: true; readonly by: "person" }
  | { readonly what: "policy"; readonly trustUnprivileged: false; readonly by: "sudo" }
  | { readonly what: "stopping"; readonly by: StopCause; readonly running: number };

/** Why a running command is being ended. */
export type EndingReason = "limit" | "cancel" | "stop" | "person";

/** Who asked for the end of the daemon. */
export type StopCause = "request" | "signal" | "person" | "itself" | "hangup";

/** The part of a command that one line can show; a whole request is too large to keep. */
export interface CommandHead {
  /** The stages, up to the first word that does not fit. */
  readonly stages: readonly Pick<ResolvedStage, "program" | "args">[];
}

/** How a command ended, with the part of its output that is repeated. */
export type EndHead =
  | Extract<RunEnd, { kind: "refused" }>
  | (Extract<RunEnd, { kind: "finished" }> & {
    /** How many bytes of standard output there were. */
    readonly size: number;
  });

/** One thing that the person is told. */
export type Entry =
  /** What happened, at a time in milliseconds of the epoch. */
  | { readonly kind: "note"; readonly wall: number; readonly note: Note<CommandHead, EndHead> }
  | { readonly kind: "said"; readonly text: string; readonly tone: Tone }
  /** A question between prompts was asked or dropped; with the command that it is about. */
  | {
    readonly kind: "question";
    readonly question: "quit" | "end" | "dropped";
    readonly about?: CommandHead | undefined;
  }
  /** What the keys do. */
  | { readonly kind: "help"; readonly mayTrust: boolean }
  /** What asks for the password next, and what for; or why it asks once more. */
  | {
    readonly kind: "lending";
    readonly to: "sudo" | "polkit";
    readonly purpose: "start" | "end" | "again";
  }
  /** sudo's memory was found to count beyond this terminal. */
  | { readonly kind: "sharing" }
  /** The audit trail stopped working, or works again if there is no fault. */
  | { readonly kind: "trail"; readonly fault: string | undefined; readonly isBroken: boolean };

/** What the person was told last, and how many entries were there before. */
export interface History {
  /** How many there were before the first that is kept. */
  readonly dropped: number;
  /** The last of them, oldest first; at most 50. */
  readonly entries: readonly Entry[];
}

/** Adds an entry; a part of a long text in it does not keep all of that text in memory. */
export function remember({ dropped, entries }: History, entry: Entry): History {
  const all = [...entries, structuredClone(entry)];
  const tooMany = Math.max(0, all.length - KEPT_ENTRIES);
  return { dropped: dropped + tooMany, entries: all.slice(tooMany) };
}

/** Words for the person; a line of the log may quote a client at length, and is cut to one row. */
export function said(text: string, tone: Tone): Entry {
  return { kind: "said", tone, text: tone === "log" ? text.slice(0, COMMAND_LENGTH + 1) : text };
}

/** Takes from a note the part that the history shows; output only `withOutput`. */
export function headOfNote(note: Note, withOutput: boolean): Note<CommandHead, EndHead> {
  if (!("request" in note)) return note;
  const request = headOfCommand(note.request);
  if (note.what !== "ended") return { ...note, request };
  const { end } = note;
  if (end.kind === "refused") return { what: "ended", request, end };
  // One byte more shows that there is more.
  const head = ({ bytes, ...rest }: Captured): Captured => ({
    ...rest,
    bytes: bytes.slice(0, withOutput ? OUTPUT_BYTES + 1 : 0),
  });
  const { outcome } = end;
  const stages = outcome.stages.map((stage) => ({ ...stage, stderr: head(stage.stderr) }));
  return {
    what: "ended",
    request,
    end: {
      kind: "finished",
      outcome: { ...outcome, stages, stdout: head(outcome.stdout) },
      size: outcome.stdout.bytes.length,
    },
  };
}

/** Takes the part of a command that one line can show, and a bit more if the line has to be cut. */
export function headOfCommand({ stages }: CommandHead): CommandHead {
  let room = COMMAND_LENGTH + 2;
  const head = (word: string) => {
    const text = word.slice(0, room);
    room -= text.length + 1;
    return text;
  };
  const heads: CommandHead["stages"][number][] = [];
  for (const { program, args } of stages) {
    if (room <= 0) break;
    const stage: { program: string; args: string[] } = { program: head(program), args: [] };
    for (const arg of args) {
      if (room <= 0) break;
      stage.args.push(head(arg));
    }
    heads.push(stage);
  }
  return { stages: heads };
}
