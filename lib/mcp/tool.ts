import * as z from "zod";
import { toDotPath } from "zod/v4/core";
import type { Logger } from "@logtape/logtape";
import { closest } from "../platform/closest.ts";
import type { HostEnvironment } from "../platform/paths.ts";
import { type Answer, type FailureFacts, Refusal, toolResult } from "./answer.ts";
import type { Execution, OutputOptions } from "./execution.ts";
import type { RequestStore } from "./requests.ts";
import { type CallToolResult, ErrorCode, McpError, type ToolListing } from "./sdk.ts";
import { messageOf } from "./text.ts";

/** @internal What a tool has beside its arguments. */
export interface ToolCall extends OutputOptions {
  readonly env: HostEnvironment;
  /** Aborted when the client cancels the call. */
  readonly signal: AbortSignal;
  /** Tells the client once a second what happens, if it wants to know. */
  readonly report: (describe: () => string) => void;
  /** Who asks, as the client named itself. */
  readonly session: string;
  readonly requests: RequestStore<Answer<Execution>>;
  /** Aborted when the client must have an answer; `undefined` if it waits as long as it takes. */
  readonly answerBy: AbortSignal | undefined;
  /** Says that what is known of hosts changed. */
  readonly onHostsChanged: () => void;
  readonly log: Logger;
}

/** @internal A tool, as the server uses it. */
export interface Tool {
  readonly name: string;
  /** Describes it to clients, as `tools/list` has it. */
  readonly list: () => ToolListing;
  /** Checks the arguments and does what is asked for; a wrong type is a `McpError`. */
  readonly call: (args: unknown, call: ToolCall) => Promise<CallToolResult>;
}

/** The shape of a tool's data. */
type AnswerSchema = z.ZodObject<{ status: z.ZodType<string> }>;

/** How a tool is written down. */
interface Definition<Input extends z.ZodObject, Output extends AnswerSchema> {
  readonly name: string;
  readonly title: string;
  /** When to use it, and what happens then. */
  readonly description: string;
  /** Those of its annotations that are true. */
  readonly hints: readonly ("readOnly" | "destructive" | "idempotent" | "openWorld")[];
  /** Its arguments; others are refused. */
  readonly input: Input;
  readonly output: Output;
  readonly run: (input: z.output<Input>, call: ToolCall) => Promise<Answer<z.output<Output>>>;
}

/**
 * Makes a tool. Whatever goes wrong becomes an answer that says what to do, except for arguments of
 * the wrong type.
 *
 * @internal
 */
export function makeTool<Input extends z.ZodObject, Output extends AnswerSchema>(
  { name, title, description, hints, input, output, run }: Definition<Input, Output>,
): Tool {
  const fail = (message: string, facts: FailureFacts) => {
    const summary = "summary" in output.shape ? { summary: message } : {};
    return toolResult({ output: { status: "error", ...summary, message, ...facts } });
  };
  return {
    name,
    list: () => ({
      name,
      title,
      description,
      inputSchema: jsonSchema(input, "input"),
      outputSchema: jsonSchema(output, "output"),
      annotations: {
        readOnlyHint: hints.includes("readOnly"),
        destructiveHint: hints.includes("destructive"),
        idempotentHint: hints.includes("idempotent"),
        openWorldHint: hints.includes("openWorld"),
      },
    }),
    call: async (args, call) => {
      try {
        return toolResult(await run(parse(name, input, args), call));
      } catch (error) {
        call.signal.throwIfAborted();
        if (error instanceof McpError) throw error;
        if (error instanceof Refusal) return fail(error.message, error.facts);
        call.log.error("{name} failed: {message}", { name, message: messageOf(error) });
        return fail(`sudo-proxy-mcp: ${messageOf(error)}`, { advice: "Tell the person." });
      }
    },
  };
}

/** Draft 7: what the validators in clients know best. */
function jsonSchema(schema: z.ZodObject, io: "input" | "output"): ToolListing["inputSchema"] {
  // An object's schema has this type; the SDK's type leaves out that a property's may be a boolean.
  return z.toJSONSchema(schema, { target: "draft-7", io }) as ToolListing["inputSchema"];
}

/**
 * Checks arguments. A wrong type breaks the published schema, so it is a protocol error. A wrong
 * value or a missing argument is a refusal: the specification wants models to read it and to correct
 * themselves.
 */
function parse<Input extends z.ZodObject>(
  name: string,
  schema: Input,
  args: unknown = {},
): z.output<Input> {
  // Models write `null` for what they leave out.
  const given = Object.entries(args ?? {}).filter(([, value]) => value !== null);
  const parsed = schema.safeParse(Object.fromEntries(given), { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const fault = `${argumentFault(issue, Object.keys(schema.shape))}.`;
  const advice = `Correct it and call ${name} again. Nothing was done.`;
  // An argument that is missing has the same code.
  const isWrongType = issue?.code === "invalid_type" && (issue.input ?? undefined) !== undefined;
  if (isWrongType) throw new McpError(ErrorCode.InvalidParams, `${fault} ${advice}`);
  throw new Refusal(fault, { advice });
}

function argumentFault(issue: z.core.$ZodIssue | undefined, known: readonly string[]): string {
  if (issue === undefined) return "Wrong arguments";
  const { path, message } = issue;
  if (issue.code === "unrecognized_keys" && path.length === 0) {
    const [unknown = ""] = issue.keys;
    return `Unknown argument ${JSON.stringify(unknown.slice(0, 100))}: did you mean "${
      closest(unknown, known)
    }"? There are ${known.join(", ")}`;
  }
  return `Wrong argument "${toDotPath(path)}": ${message}`;
}
