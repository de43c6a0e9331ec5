/**
 * The answer of `execute` and `result`: what became of a request, and what its command wrote.
 *
 * @module
 */
import * as z from "zod";
import type { Response } from "../protocol/response.ts";
import type { Answer } from "./answer.ts";
import { type Excerpt, excerptOf, fairShare, isUtf8 } from "./excerpt.ts";
import type { SentRequest, Watch } from "./requests.ts";
import { listParts, type OutputStore, outputUri } from "./resources.ts";
import { outcomeText, OUTPUT, SHORTENED, UNFINISHED } from "./text.ts";

/** @internal All that the text says, since some clients pass nothing else on to the model. */
export const EXECUTION = z.object({
  status: z.enum(["ok", "denied", "timeout", "error", "waiting", "running"]).describe(
    "ok: it ran, whatever its exit code; denied: a person said no; timeout: nobody " +
      "answered; error: see message; waiting, running: not finished, call result",
  ),
  summary: z.string().optional().describe("What happened, in the words of sudo-proxy"),
  advice: z.string().optional().describe("What to do next, in the words of sudo-proxy"),
  decision: z.enum(["approved", "denied", "none"]).optional().describe(
    "What a person at the terminal decided; none: nobody decided",
  ),
  host: z.string().optional().describe("Where; localhost is this machine"),
  request_id: z.string().optional(),
  message: z.string().optional().describe(
    "What the person typed with a denial, or what went wrong",
  ),
  exit_codes: z.array(z.number().int()).optional().describe("One a stage; 128 + N for signal N"),
  signals: z.array(z.string().nullable()).optional().describe(
    "One a stage: the signal that ended it, or null",
  ),
  stdout: z.string().optional().describe("Standard output of the last stage"),
  stderr: z.array(z.string()).optional().describe("Standard error, one text a stage"),
  output_marker: z.string().optional().describe(
    "Stands in the lines that sudo-proxy puts around or into output; the command can't know it",
  ),
  shortened: z.array(z.object({
    stream: z.enum(["stdout", "stderr"]),
    stage: z.number().int().describe("The index of the stage, from 0"),
    reason: z.enum(["long", "binary", "capture"]).describe(
      "long: cut in the middle; binary: not UTF-8, so not in the text; capture: the daemon " +
        "kept only the first 16 MiB",
    ),
    bytes: z.number().int().describe("How many bytes the daemon sent"),
    shown_bytes: z.number().int().describe("How many of them are in the text"),
  })).optional().describe("The streams that are not here as a whole"),
  output_uri: z.string().optional().describe("The resource with the whole output"),
  waited_ms: z.number().int().optional().describe("From the request to the approval or its end"),
  ran_ms: z.number().int().optional().describe("From the start of the command to its end"),
});

/** @internal The data of the answer. */
export type Execution = z.output<typeof EXECUTION>;

/** @internal What an answer needs to know of the request. */
export interface Sent extends Pick<SentRequest<never>, "id" | "host" | "watch"> {
  /** What runs, for people. */
  readonly title: string;
  /** Whether it runs as root; then no earlier approval counts. */
  readonly isPrivileged: boolean;
}

/** @internal What an answer can carry, and where the rest goes. */
export interface OutputOptions {
  /** How much output the answer carries, in bytes. */
  readonly maxTextBytes: number;
  readonly outputs: OutputStore;
  /** Whether the client knows links to resources. */
  readonly knowsLinks: boolean;
}

/**
 * Writes a response so that it reads well to a model. The first block has our words alone; each
 * stream has a labeled block behind it. Denial, silence and errors are told apart.
 *
 * @internal
 */
export function executionAnswer(
  response: Response,
  sent: Sent,
  options: OutputOptions,
): Answer<Execution> {
  const { status, message } = response;
  const described = response.stages && describeOutput(response, sent.title, options);
  const outcome = outcomeText(response, sent.isPrivileged, described?.codes);
  const advice = [...outcome.advice, ...described?.advice ?? []];
  const said = status === "denied" && message ? [`They said: ${JSON.stringify(message)}`] : [];
  return {
    text: [outcome.summary, ...said, ...advice, ...described?.outline ?? []].join("\n"),
    output: {
      status,
      summary: outcome.summary,
      advice: advice.join(" ") || undefined,
      decision: decisionOf(response, sent.watch),
      host: sent.host,
      request_id: sent.id,
      message: message || (status === "error" ? "unknown error" : undefined),
      ...described?.data,
      ...sent.watch.durations(),
    },
    blocks: described?.blocks ?? [],
  };
}

/** @internal Says that a request still waits or runs, and how to get its answer. */
export function unfinishedAnswer(
  { id, host, watch }: Pick<Sent, "id" | "host" | "watch">,
): Answer<Execution> {
  const summary = UNFINISHED[watch.state](watch.describe());
  const advice = UNFINISHED.advice(id);
  const status = watch.state === "running" ? "running" : "waiting";
  const decision = watch.isApproved ? "approved" : undefined;
  return { output: { status, summary, advice, decision, host, request_id: id } };
}

function decisionOf({ status, stages }: Response, { isApproved }: Watch): Execution["decision"] {
  if (status === "denied") return "denied";
  if (status === "timeout") return "none";
  if (status === "ok" || stages !== undefined || isApproved) return "approved";
  return isApproved === undefined ? undefined : "none";
}

/**
 * Shows what a command wrote. Output can imitate any words, but not the marker in the lines around
 * it: that is drawn after the command has ended.
 */
function describeOutput(
  response: Response,
  title: string,
  { maxTextBytes, outputs, knowsLinks }: OutputOptions,
) {
  const { id, stages = [] } = response;
  const marker = crypto.getRandomValues(new Uint8Array(8)).toHex();
  const all = streamsOf(response);
  const sizes = all.map(({ bytes, isCut }) => isUtf8(bytes, isCut) ? bytes.length : 0);
  const share = fairShare(sizes, maxTextBytes);
  const streams = all.map((stream) => ({
    ...stream,
    ...excerptOf(stream.bytes, share, stream.isCut, marker),
  }));
  const isPartial = streams.some(({ bytes, shownBytes }) => shownBytes < bytes.length);
  const whole = { id, title, streams: all.filter(({ bytes }) => bytes.length > 0) };
  const parts = isPartial && outputs.keep(whole) ? listParts(whole) : [];
  const shortened = streams.flatMap((stream) =>
    reasonsOf(stream).map((reason) => ({ ...stream, reason }))
  );
  const blocks = streams.filter(({ text }) => text !== "").map(({ label, text }) => ({
    type: "text" as const,
    text: `[${label} begins · ${marker}]\n${text}${text.endsWith("\n") ? "" : "\n"}` +
      `[${label} ends · ${marker}]`,
  }));
  const codes = stages.map(({ exit_code, signal }) =>
    `${exit_code}${signal ? ` (${signal})` : ""}`
  );
  return {
    codes: `Exit code${codes.length === 1 ? "" : "s"}: ${codes.join(" | ")}.`,
    advice: [
      ...shortened.map(({ reason, label, bytes, shownBytes }) =>
        SHORTENED[reason](label, bytes.length, shownBytes)
      ),
      ...(isPartial ? [OUTPUT.whole(parts.map(({ uri }) => uri))] : []),
    ],
    outline: blocks.length === 0 ? [] : [OUTPUT.outline(marker)],
    blocks: [
      ...blocks,
      ...parts.slice(0, knowsLinks ? 1 : 0)
        .map((part) => ({ type: "resource_link" as const, ...part })),
    ],
    data: {
      exit_codes: stages.map(({ exit_code }) => exit_code),
      signals: stages.map(({ signal }) => signal ?? null),
      stdout: streams.filter(({ stream }) => stream === "stdout").map(({ text }) => text).join(""),
      stderr: streams.filter(({ stream }) => stream === "stderr").map(({ text }) => text),
      output_marker: blocks.length === 0 ? undefined : marker,
      shortened: shortened.map(({ stream, stage, reason, bytes, shownBytes }) => (
        { stream, stage, reason, bytes: bytes.length, shown_bytes: shownBytes }
      )),
      output_uri: parts.length === 0 ? undefined : outputUri(id),
    },
  };
}

function streamsOf({ stages = [], stdout = new Uint8Array(), stdout_truncated }: Response) {
  const isMany = stages.length > 1;
  return [
    {
      stream: "stdout" as const,
      stage: Math.max(0, stages.length - 1),
      name: "stdout",
      label: "stdout",
      bytes: stdout,
      isCut: stdout_truncated === true,
    },
    ...stages.map(({ stderr, stderr_truncated }, stage) => ({
      stream: "stderr" as const,
      stage,
      name: isMany ? `stderr-${stage + 1}` : "stderr",
      label: isMany ? `stderr of stage ${stage + 1}` : "stderr",
      bytes: stderr,
      isCut: stderr_truncated === true,
    })),
  ];
}

/** Why a stream is not in the answer as a whole. */
function reasonsOf(
  { bytes, isCut, isText, shownBytes }: Excerpt & ReturnType<typeof streamsOf>[number],
): (keyof typeof SHORTENED)[] {
  return [
    ...(isText ? [] : ["binary" as const]),
    ...(isText && shownBytes < bytes.length ? ["long" as const] : []),
    ...(isCut ? ["capture" as const] : []),
  ];
}
