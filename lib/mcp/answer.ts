import * as z from "zod";
import type { CallToolResult, ContentBlock } from "./sdk.ts";

/** @internal What a tool answers: a text for the model, and the same as data. */
export interface Answer<Output> {
  /** The words of this program alone; if left out, the sentences of the data. */
  readonly text?: string;
  /** What follows in blocks of its own, such as the output of a command. */
  readonly blocks?: readonly ContentBlock[];
  /** The data, in the shape of the tool's output schema. */
  readonly output: Output;
}

/** The fields that most answers have; the answer of a failure needs no others. */
export const COMMON = {
  status: z.enum(["ok", "error"]),
  host: z.string().optional().describe("localhost is this machine"),
  message: z.string().optional().describe("What happened, and what the person must do"),
  advice: z.string().optional().describe("What you can do about it"),
};

/** @internal What a failure has beside its message. */
export interface FailureFacts {
  readonly advice?: string;
  readonly host?: string;
}

/** A tool can't do what it was asked for; the model gets the message as an answer. */
export class Refusal extends Error {
  /** The name under which the error is printed. */
  override readonly name = "Refusal";

  /** Makes an error with sentences for the model. */
  constructor(message: string, readonly facts: FailureFacts = {}) {
    super(message);
  }
}

/** The data that stands in the text, too. */
interface Sentences {
  readonly status: string;
  readonly summary?: string | undefined;
  /** Stands in the text where there is no summary. */
  readonly message?: string | undefined;
  readonly advice?: string | undefined;
  /** What the person can run. */
  readonly command?: string | undefined;
}

/** The states in which the model got what it asked for, or will get it. */
const SUCCESS: readonly string[] = ["ok", "waiting", "running"];

/** @internal Writes an answer as the protocol has it. */
export function toolResult({ output, text, blocks = [] }: Answer<Sentences>): CallToolResult {
  const { message, summary = message, advice, command } = output;
  const sentences = [summary, advice, command].filter((part) => part !== undefined).join("\n");
  return {
    content: [{ type: "text", text: text ?? sentences }, ...blocks],
    structuredContent: { ...output },
    isError: !SUCCESS.includes(output.status),
  };
}
