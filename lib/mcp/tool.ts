import { z } from "zod";
import type { Logger } from "@logtape/logtape";
import type { Surroundings } from "../paths.ts";
import { closest } from "./closest.ts";
import { ErrorCode, McpError } from "./sdk.ts";
import type { OutputStore } from "./outputs.ts";
import type { PendingRequests } from "./pending.ts";
import type { Progress } from "./progress.ts";
import type { ResourceListing } from "./resources.ts";

/** What a client may know of a tool before it calls it (MCP specification, `ToolAnnotations`). */
export interface ToolHints {
  /** Whether it changes nothing. */
  readonly readOnlyHint: boolean;
  /** Whether it may destroy something. */
  readonly destructiveHint: boolean;
  /** Whether a second call with the same arguments changes nothing more. */
  readonly idempotentHint: boolean;
  /** Whether it reaches beyond a closed set of things. */
  readonly openWorldHint: boolean;
}

/**
 * What a tool has beside its arguments.
 *
 * @internal
 */
export interface ToolCall {
  /** The surroundings of this process. */
  readonly here: Surroundings;
  /** Aborted when the client cancels the call. */
  readonly signal: AbortSignal;
  /** Tells the client what happens meanwhile. */
  readonly progress: Progress;
  /** Who asks, as the client named itself. */
  readonly session: string;
  /** Long outputs of this session. */
  readonly outputs: OutputStore;
  /** The requests of this session. */
  readonly requests: PendingRequests;
  /** When the client has to have an answer, in the time of `performance.now()`. */
  readonly answerBy: number | undefined;
  /** Whether the client knows links to resources. */
  readonly knowsLinks: boolean;
  /** How much output one answer carries, in bytes. */
  readonly maxTextBytes: number;
  /** Says that what is known of hosts changed. */
  readonly onHostsChanged: () => void;
  /** The log. */
  readonly log: Logger;
}

/** A part of an answer. */
export type ContentBlock =
  | { readonly type: "text"; readonly text: string }
  | ({ readonly type: "resource_link" } & ResourceListing);

/** What a tool answers: our words for the model, and the same as data. */
export interface Answer<Output> {
  /** What the model reads: our words alone. */
  readonly text: string;
  /** What stands behind that in blocks of its own, such as the output of a command. */
  readonly blocks?: readonly ContentBlock[];
  /** What programs read; it has the shape of the tool's output schema. */
  readonly output: Output;
  /** Whether the model did not get what it asked for. */
  readonly isError?: boolean;
}

/** The result of a call, as the protocol has it. */
export type ToolResult = {
  /** What the model reads. */
  content: ContentBlock[];
  /** The same as data. */
  structuredContent: Record<string, unknown>;
  /** Whether the model did not get what it asked for. */
  isError: boolean;
};

/** A tool, as the server uses it. */
export interface Tool {
  /** Its name. */
  readonly name: string;
  /** Describes it to clients, as `tools/list` has it. */
  readonly list: () => ToolListing;
  /** Checks the arguments and does what is asked for; a wrong type is a `McpError`. */
  readonly call: (args: unknown, call: ToolCall) => Promise<ToolResult>;
}

/** A row of `tools/list`. */
export type ToolListing = {
  /** Its name. */
  name: string;
  /** Its name for people. */
  title: string;
  /** When to use it, and what happens then. */
  description: string;
  /** The JSON schema of its arguments. */
  inputSchema: { type: "object" };
  /** The JSON schema of `structuredContent`. */
  outputSchema: { type: "object" };
  /** What a client may know before it calls it. */
  annotations: ToolHints;
};

/**
 * How a tool is written down.
 *
 * @internal
 */
export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  /** Its name. */
  readonly name: string;
  /** Its name for people. */
  readonly title: string;
  /** When to use it, and what happens then. */
  readonly description: string;
  /** What a client may know before it calls it. */
  readonly annotations: ToolHints;
  /** Its arguments; others are refused. */
  readonly input: Input;
  /** The shape of its data; `status` and `message` are all that a wrong argument leaves. */
  readonly output: Output;
  /** Does what is asked for. */
  readonly run: (input: z.output<Input>, call: ToolCall) => Promise<Answer<z.output<Output>>>;
}

/**
 * Makes a tool out of its definition.
 *
 * @param definition What it takes, does and answers.
 * @returns The tool.
 * @internal
 */
export function makeTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { name, title, description, annotations, input, output, run } = definition;
  return {
    name,
    list: () => ({
      name,
      title,
      description,
      inputSchema: jsonSchema(input, "input"),
      outputSchema: jsonSchema(output, "output"),
      annotations,
    }),
    call: async (args, call) => {
      const parsed = input.safeParse(withoutNulls(args));
      if (!parsed.success) {
        const message = argumentFault(parsed.error, Object.keys(input.shape));
        const text = `${message}. Correct it and call ${name} again. Nothing was done.`;
        if (hasWrongType(parsed.error, args)) throw new McpError(ErrorCode.InvalidParams, text);
        return toolResult({
          text,
          output: { status: "error", message },
          isError: true,
        });
      }
      return toolResult(await run(parsed.data, call));
    },
  };
}

/** Writes an answer as the protocol has it. */
export function toolResult(
  { text, output, blocks = [], isError = false }: Answer<Record<string, unknown>>,
): ToolResult {
  return { content: [{ type: "text", text }, ...blocks], structuredContent: output, isError };
}

/** Draft 7: what the validators in clients know best. */
function jsonSchema(schema: z.ZodObject, io: "input" | "output"): { type: "object" } {
  return z.toJSONSchema(schema, { target: "draft-7", io }) as { type: "object" };
}

/** Models write `null` for what they leave out. */
function withoutNulls(args: unknown): unknown {
  if (typeof args !== "object" || args === null || Array.isArray(args)) return args ?? {};
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null));
}

/**
 * A wrong type breaks the published schema, so it is a protocol error. A wrong value or a missing
 * argument is an answer: the specification wants models to read it and to correct themselves.
 */
function hasWrongType({ issues: [{ code, path }] }: z.ZodError, args: unknown): boolean {
  if (code !== "invalid_type") return false;
  // An argument that is missing is reported with the same code.
  let value = args;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  return value !== undefined && value !== null;
}

function argumentFault(error: z.ZodError, known: readonly string[]): string {
  const [issue] = error.issues;
  const { path, message } = issue;
  if (issue.code === "unrecognized_keys" && path.length === 0) {
    const [unknown] = issue.keys;
    return `Unknown argument ${JSON.stringify(unknown.slice(0, 100))}: did you mean "${
      closest(unknown, known)
    }"? There are ${known.join(", ")}`;
  }
  const field = path.map((part, index) =>
    typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`
  ).join("");
  return field === "" ? `Wrong arguments: ${message}` : `Wrong argument "${field}": ${message}`;
}
