import { z } from "zod";
import type { Response } from "../protocol/response.ts";
import { adviceOn } from "./advice.ts";
import { decode, type Excerpt, excerptOf, shareOut } from "./excerpt.ts";
import type { KeptOutput, OutputStore, OutputStream } from "./outputs.ts";
import { partsOf } from "./parts.ts";
import type { Answer } from "./tool.ts";
import { outputUri } from "./uri.ts";

const shortenedSchema = z.object({
  stream: z.enum(["stdout", "stderr"]),
  stage: z.number().int().describe("The index of the stage, from 0"),
  reason: z.enum(["long", "binary", "capture"]).describe(
    "long: cut in the middle; binary: not UTF-8, so not in the text; capture: the daemon " +
      "kept only the first 16 MiB",
  ),
  bytes: z.number().int().describe("How many bytes the daemon sent"),
  shown_bytes: z.number().int().describe("How many of them are in the text"),
});

/**
 * The data of `execute`.
 *
 * @internal
 */
export const EXECUTION_OUTPUT = z.object({
  status: z.enum(["ok", "denied", "timeout", "error"]).describe(
    "ok: it ran, whatever its exit code; denied: a person said no; timeout: nobody " +
      "answered; error: see message",
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
  shortened: z.array(shortenedSchema).optional().describe(
    "The streams that are not here as a whole",
  ),
  output_uri: z.string().optional().describe("The resource with the whole output"),
  waited_ms: z.number().int().optional().describe("From the request to the approval or its end"),
  ran_ms: z.number().int().optional().describe("From the start of the command to its end"),
});

/**
 * The data of `execute`, as a type.
 *
 * @internal
 */
export type ExecutionOutput = z.output<typeof EXECUTION_OUTPUT>;

/** What the answer needs beside the response. */
export interface ExecutionFacts {
  /** Where it ran. */
  readonly host: string;
  /** What ran, for the list of resources. */
  readonly title: string;
  /** From the request to the approval or its end; `undefined` where the daemon did not tell. */
  readonly waitedMs: number | undefined;
  /** From the start of the command to its end. */
  readonly ranMs: number | undefined;
  /** How much output the answer carries, in bytes. */
  readonly maxTextBytes: number;
  /** Where what does not fit is kept. */
  readonly outputs: OutputStore;
}

/**
 * Writes a response so that it reads well to a model: stdout first, then `[stderr]`, then `[exit
 * code: N]`. Denial, silence and errors are told apart.
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
  const common = {
    status,
    host: facts.host,
    request_id: id,
    ...(message ? { message } : {}),
    ...(facts.waitedMs === undefined ? {} : { waited_ms: Math.round(facts.waitedMs) }),
    ...(facts.ranMs === undefined ? {} : { ran_ms: Math.round(facts.ranMs) }),
  };
  switch (status) {
    case "ok": {
      const { text, output } = describeOutput(response, facts);
      return { text, output: { ...common, ...output } };
    }
    case "denied": {
      const words = message ? ` They said: ${message}` : "";
      return {
        text:
          `A person read this request and denied it.${words} Nothing ran. Do not try to reach ` +
          "the same end another way; ask them what they would " +
          "accept.",
        output: common,
        isError: true,
      };
    }
    case "timeout":
      return {
        text: "Nobody answered the prompt in time. Nothing ran. Tell the person that the " +
          "sudo-proxy terminal waits for their key, then ask again.",
        output: common,
        isError: true,
      };
    case "error": {
      const fault = message ?? "unknown error";
      const partial = response.stages ? describeOutput(response, facts) : undefined;
      return {
        text: `sudo-proxy: ${fault}\n${adviceOn(fault)}${partial ? `\n${partial.text}` : ""}`,
        output: { ...common, message: fault, ...partial?.output },
        isError: true,
      };
    }
  }
}

interface Stream extends OutputStream {
  readonly kind: "stdout" | "stderr";
  readonly stage: number;
  readonly isCut: boolean;
}

function describeOutput(
  response: Response,
  facts: ExecutionFacts,
): { readonly text: string; readonly output: Partial<ExecutionOutput> } {
  const stages = response.stages ?? [];
  const streams = streamsOf(response);
  const texts = streams.map(({ bytes, isCut }) => decode(bytes, isCut) !== undefined);
  const shares = shareOut(
    streams.map(({ bytes }, index) => texts[index] ? bytes.length : 0),
    facts.maxTextBytes,
  );
  const excerpts = streams.map(({ bytes, isCut }, index) => excerptOf(bytes, shares[index], isCut));
  const isPartial = streams.some(({ bytes }, index) => excerpts[index].shownBytes < bytes.length);
  const kept = isPartial ? keep(response.id, streams, facts) : undefined;

  const parts: string[] = [];
  streams.forEach((stream, index) => {
    const text = streamText(stream, excerpts[index], kept);
    if (text === "") return;
    if (stream.kind === "stderr") {
      parts.push(stages.length > 1 ? `[stderr of stage ${stream.stage + 1}]` : "[stderr]");
    }
    parts.push(text);
  });
  if (isPartial) {
    parts.push(
      kept === undefined
        ? "[The whole output is too large to be kept: write it to a file instead.]"
        : `[The whole output: read the resource ${kept}${furtherParts(response.id, facts)}]`,
    );
  }
  const codes = stages.map(({ exit_code, signal }) =>
    `${exit_code}${signal ? ` (${signal})` : ""}`
  );
  parts.push(
    codes.length === 1 ? `[exit code: ${codes[0]}]` : `[exit codes: ${codes.join(" | ")}]`,
  );
  const shortened = streams.flatMap((stream, index) => shortenedRow(stream, excerpts[index]));
  return {
    text: parts.join("\n"),
    output: {
      exit_codes: stages.map(({ exit_code }) => exit_code),
      signals: stages.map(({ signal }) => signal ?? null),
      stdout: excerpts[0].text,
      stderr: excerpts.slice(1).map(({ text }) => text),
      shortened,
      ...(kept === undefined ? {} : { output_uri: kept }),
    },
  };
}

function streamsOf(response: Response): Stream[] {
  const stages = response.stages ?? [];
  const stdout: Stream = {
    kind: "stdout",
    stage: Math.max(0, stages.length - 1),
    name: "stdout",
    bytes: Uint8Array.fromBase64(response.stdout ?? ""),
    isCut: response.stdout_truncated === true,
  };
  return [
    stdout,
    ...stages.map(({ stderr, stderr_truncated }, stage): Stream => ({
      kind: "stderr",
      stage,
      name: stages.length > 1 ? `stderr-${stage + 1}` : "stderr",
      bytes: Uint8Array.fromBase64(stderr),
      isCut: stderr_truncated === true,
    })),
  ];
}

function keep(
  id: string,
  streams: readonly Stream[],
  { outputs, title }: ExecutionFacts,
): string | undefined {
  const output: KeptOutput = {
    id,
    title,
    streams: streams.filter(({ bytes }) => bytes.length > 0)
      .map(({ name, bytes }) => ({ name, bytes })),
  };
  return outputs.keep(output) ? outputUri(id) : undefined;
}

function furtherParts(id: string, { outputs }: ExecutionFacts): string {
  const output = outputs.find(id);
  const count = output === undefined ? 1 : partsOf(output).length;
  return count === 1 ? "" : `, then its further parts up to ${outputUri(id, count)}`;
}

function streamText(stream: Stream, { text, isText }: Excerpt, uri: string | undefined): string {
  const { bytes, kind, isCut } = stream;
  const shown = isText
    ? text.replace(/\n$/, "")
    : `[${kind} is not UTF-8 text: ${bytes.length} bytes${
      uri === undefined ? "" : ", in the resource as base64"
    }]`;
  return isCut ? `${shown}\n[the daemon kept only the first ${bytes.length} bytes]` : shown;
}

function shortenedRow(
  { kind, stage, bytes, isCut }: Stream,
  { isText, shownBytes }: Excerpt,
): NonNullable<ExecutionOutput["shortened"]> {
  const row = { stream: kind, stage, bytes: bytes.length, shown_bytes: shownBytes };
  return [
    ...(isText ? [] : [{ ...row, reason: "binary" as const }]),
    ...(isText && shownBytes < bytes.length ? [{ ...row, reason: "long" as const }] : []),
    ...(isCut ? [{ ...row, reason: "capture" as const }] : []),
  ];
}
