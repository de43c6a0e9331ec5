import { z } from "zod";
import type { Response } from "../protocol/response.ts";
import { adviceOn } from "./advice.ts";
import type { PendingRequest } from "./pending.ts";
import { describeOutput, oneLine, type OutputFacts, SHORTENED } from "./output_blocks.ts";
import type { Answer } from "./tool.ts";

/**
 * The data of `execute` and `result`: all that the text says, since some clients pass only this on.
 *
 * @internal
 */
export const EXECUTION_OUTPUT = z.object({
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
  shortened: z.array(SHORTENED).optional().describe("The streams that are not here as a whole"),
  output_uri: z.string().optional().describe("The resource with the whole output"),
  waited_ms: z.number().int().optional().describe("From the request to the approval or its end"),
  ran_ms: z.number().int().optional().describe("From the start of the command to its end"),
});

/**
 * The data of `execute` and `result`, as a type.
 *
 * @internal
 */
export type ExecutionOutput = z.output<typeof EXECUTION_OUTPUT>;

/** What the answer needs beside the response. */
export interface ExecutionFacts extends OutputFacts {
  /** Where it ran. */
  readonly host: string;
  /** Whether root ran it; then no earlier approval counts. */
  readonly privileged: boolean;
  /** Whether the daemon said that it was approved; `undefined` where it tells no events. */
  readonly isApproved: boolean | undefined;
  /** From the request to the approval or its end; `undefined` where the daemon did not tell. */
  readonly waitedMs: number | undefined;
  /** From the start of the command to its end. */
  readonly ranMs: number | undefined;
}

/** Our own words of an answer: what happened, and what the model can do next. */
interface Words {
  readonly summary: string;
  readonly advice: readonly string[];
}

/**
 * Writes a response so that it reads well to a model. The first block has our words alone; each
 * stream has a labelled block behind it, between lines with a marker. Denial, silence and errors are
 * told apart.
 *
 * @param response The daemon's response to `exec`.
 * @param facts What else is known.
 * @returns The answer.
 */
export function executionAnswer(
  response: Response,
  facts: ExecutionFacts,
): Answer<ExecutionOutput> {
  const { id, status, message } = response;
  const described = response.stages === undefined ? undefined : describeOutput(response, facts);
  const { summary, advice } = wordsFor(response, facts, described?.codes);
  const allAdvice = [...advice, ...described?.advice ?? []];
  const said = status === "denied" && message ? [`They said: ${JSON.stringify(message)}`] : [];
  const decision = decisionOf(response, facts);
  return {
    text: [summary, ...said, ...allAdvice, ...described?.outline ?? []].join("\n"),
    output: {
      status,
      summary,
      ...(allAdvice.length === 0 ? {} : { advice: allAdvice.join(" ") }),
      ...(decision === undefined ? {} : { decision }),
      host: facts.host,
      request_id: id,
      ...(message || status === "error" ? { message: message || "unknown error" } : {}),
      ...described?.output,
      ...(facts.waitedMs === undefined ? {} : { waited_ms: Math.round(facts.waitedMs) }),
      ...(facts.ranMs === undefined ? {} : { ran_ms: Math.round(facts.ranMs) }),
    },
    blocks: described?.blocks ?? [],
    isError: status !== "ok",
  };
}

function wordsFor(
  { status, message }: Response,
  { privileged }: ExecutionFacts,
  codes: string | undefined,
): Words {
  switch (status) {
    case "ok": {
      const approval = privileged ? "A person approved this command" : "This command was approved";
      return {
        summary: `${approval}, and it ran. ${codes ?? "It told no exit code."}`,
        advice: [],
      };
    }
    case "denied":
      return {
        summary: "A person read this request and denied it. Nothing ran.",
        advice: [
          "Do not try to reach the same end another way; ask them what they would accept.",
        ],
      };
    case "timeout":
      return {
        summary: "Nobody answered the prompt in time. Nothing ran.",
        advice: [
          "Tell the person that you asked in the sudo-proxy terminal, and why. Ask again only when " +
          "they say so.",
        ],
      };
    case "error": {
      const fault = oneLine(message || "unknown error");
      return {
        summary: `sudo-proxy: ${fault}${codes === undefined ? "" : `. ${codes}`}`,
        advice: [adviceOn(fault)],
      };
    }
  }
}

function decisionOf(
  { status, stages }: Response,
  { isApproved }: ExecutionFacts,
): ExecutionOutput["decision"] {
  if (status === "denied") return "denied";
  if (status === "timeout") return "none";
  if (status === "ok" || stages !== undefined || isApproved) return "approved";
  return isApproved === undefined ? undefined : "none";
}

/**
 * Says that a request still waits or runs, and how to get its answer.
 *
 * @param request The request.
 * @returns The answer.
 */
export function unfinishedAnswer({ id, host, watch }: PendingRequest): Answer<ExecutionOutput> {
  const { state } = watch;
  const summary = state === "running"
    ? `The command was approved and runs (${watch.describe()}).`
    : state === "waiting"
    ? `The request waits for the person (${watch.describe()}). Nothing ran yet.`
    : "The request was sent. That daemon does not tell whether it waits or runs.";
  const advice = `Call result with id "${id}" to wait for the answer. Do not call execute again ` +
    "for it.";
  return {
    text: `${summary}\n${advice}`,
    output: {
      status: state === "running" ? "running" : "waiting",
      summary,
      advice,
      ...(watch.isApproved ? { decision: "approved" } : {}),
      host,
      request_id: id,
    },
  };
}

/**
 * Says why there is no response.
 *
 * @param fault What is wrong.
 * @param advice What the model can do about it.
 * @param facts The host and the id of the request, if there are any.
 * @returns The answer.
 */
export function refusal(
  fault: string,
  advice?: string,
  facts: Pick<ExecutionOutput, "host" | "request_id"> = {},
): Answer<ExecutionOutput> {
  return {
    text: advice === undefined ? fault : `${fault}\n${advice}`,
    output: {
      status: "error",
      summary: fault,
      message: fault,
      ...(advice === undefined ? {} : { advice }),
      ...facts,
    },
    isError: true,
  };
}
