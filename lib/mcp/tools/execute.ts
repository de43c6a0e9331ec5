import { z } from "zod";
import { type Endpoint, sendRequest, UnreachableError } from "../../protocol/client.ts";
import {
  DEFAULT_TIMEOUT_MS,
  MAX_ENV_ENTRIES,
  MAX_STAGE_WORDS,
  MAX_STAGES,
  PROMPT_TIMEOUT_MS,
} from "../../protocol/limits.ts";
import type { RequestInput } from "../../protocol/request.ts";
import { adviceOn } from "../advice.ts";
import { MAX_HOST_LENGTH } from "../../remote/names.ts";
import { noteAnswers } from "../note_answers.ts";
import { type Place, placeOf } from "../place.ts";
import { adviceFor, probe } from "../probe.ts";
import { collect } from "../collect.ts";
import type { PendingRequest } from "../pending.ts";
import { EXECUTION_OUTPUT, executionAnswer, type ExecutionOutput, refusal } from "../result.ts";
import { oneLine } from "../output_blocks.ts";
import { type Answer, makeTool, type Tool, type ToolCall } from "../tool.ts";
import { Watch } from "../watch.ts";

/** The longest limit that a model may set, in milliseconds. */
const MAX_TIMEOUT_MS = 600_000;
/** No limit ends before the prompt has, and a second more. */
const MIN_TIMEOUT_MS = PROMPT_TIMEOUT_MS + 1000;
/** With base64 around it, it must fit into a request line of 1 MiB. */
const MAX_STDIN_LENGTH = 700_000;

const words = z.array(z.string()).min(1).max(MAX_STAGE_WORDS);

const INPUT = z.strictObject({
  argv: words.optional().describe(
    "The program and its arguments, one string each, such as " +
      '["apt-get","install","-y","nginx"]. No shell reads them.',
  ),
  pipeline: z.array(words).min(1).max(MAX_STAGES).optional()
    .describe(
      "Instead of argv: stages joined by pipes, each a program and its arguments, such as " +
        '[["dmesg"],["tail","-n","50"]]',
    ),
  description: z.string().max(2000).default("")
    .describe(
      "Why, in one honest sentence; the person reads it next to the command. If left out, they read " +
        "that there is no reason",
    ),
  host: z.string().max(MAX_HOST_LENGTH).optional()
    .describe("The host to run on, as the person's ssh knows it; leave it out for this machine"),
  privileged: z.boolean().default(true)
    .describe("Run as root. false runs as the person's own account, on remote hosts only"),
  env: z.record(z.string(), z.string().max(4096)).optional()
    .refine((env) => Object.keys(env ?? {}).length <= MAX_ENV_ENTRIES, {
      error: `must have at most ${MAX_ENV_ENTRIES} entries`,
    })
    .describe(
      "Environment variables: LANG, LC_*, TZ, HOME, DEBIAN_FRONTEND or TERM, at most " +
        `${MAX_ENV_ENTRIES}. Others are refused`,
    ),
  timeout: z.number().int().min(0).max(MAX_TIMEOUT_MS).optional()
    .describe(
      `Limit on the run in milliseconds; less than ${MIN_TIMEOUT_MS} counts as ` +
        `${MIN_TIMEOUT_MS}. If left out: ${DEFAULT_TIMEOUT_MS} for privileged commands, ` +
        "none for others",
    ),
  forward_agent: z.boolean().default(false)
    .describe("Let the command use the person's ssh agent; only with privileged false"),
  cwd: z.string().max(4096).regex(/^\//, "must be an absolute path").optional()
    .describe("The working directory, an absolute path; / if left out"),
  stdin: z.string().max(MAX_STDIN_LENGTH).optional()
    .describe("Text for the first stage's standard input; the person reads it, too"),
});

type ExecuteInput = z.output<typeof INPUT>;
type ExecRequest = RequestInput & Required<Pick<RequestInput, "id" | "pipeline">>;

/** `execute`: a command that a person approves. */
export const executeTool: Tool = makeTool({
  name: "execute",
  title: "Run a command that a person approves",
  description: "Runs a command as root on this machine, or as root or the person's account on a " +
    "remote host. Use it for what your own shell tool may not do. " +
    "A person sees the exact command and your description, and approves or denies it " +
    "with one key, so it may take a minute or more. Where the status is waiting or running, call " +
    "result with the request_id, and do not call execute again. " +
    "Returns stdout, stderr and exit codes; a denial is final unless the person says " +
    "otherwise. Nothing is read by a shell: " +
    'for globs, && or redirections use ["sh","-c","…"], and keep it short enough to be read.',
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: true,
  },
  input: INPUT,
  output: EXECUTION_OUTPUT,
  run: execute,
});

async function execute(input: ExecuteInput, call: ToolCall): Promise<Answer<ExecutionOutput>> {
  const found = placeOf(call.here, input.host);
  if ("fault" in found) return refusal(`Wrong argument: ${found.fault}.`);
  const { place } = found;
  const fault = inputFault(input, place);
  if (fault !== undefined) return refusal(fault, undefined, { host: place.name });

  const state = await probe(place, call.signal);
  if (state.kind !== "answers") {
    return refusal(adviceFor(state, place), undefined, { host: place.name });
  }
  void noteAnswers(call, [{ place, version: state.pong.version }]);
  const { request, limit } = requestFor(input, place, call, state.pong.features);
  const pending = send(request, limit, { host: place.name, endpoint: state.endpoint }, input, call);
  call.requests.add(pending);
  return await collect(pending, call);
}

/** Sends a request; it lives on where the call that sent it ends. */
function send(
  request: ExecRequest,
  limit: AbortSignal | undefined,
  { host, endpoint }: { readonly host: string; readonly endpoint: Endpoint },
  input: ExecuteInput,
  { log, maxTextBytes, outputs, knowsLinks }: ToolCall,
): PendingRequest {
  const { id } = request;
  const watch = new Watch();
  const leave = new AbortController();
  const answer = async (): Promise<Answer<ExecutionOutput>> => {
    try {
      log.info("request {id} for {host}", { id, host });
      const response = await sendRequest(request, {
        ...endpoint,
        // An old daemon knows no limit: then we stop waiting, and its command goes on.
        leave: limit === undefined ? leave.signal : AbortSignal.any([leave.signal, limit]),
        onEvent: (event) => watch.note(event),
      });
      log.info("request {id} ended: {status}", { id, status: response.status });
      return executionAnswer(response, {
        host,
        title: request.pipeline.map((stage) => stage.join(" ")).join(" | ").slice(0, 100),
        privileged: input.privileged,
        isApproved: watch.state === "unknown" ? undefined : watch.isApproved,
        ...watch.durations(),
        maxTextBytes,
        outputs,
        knowsLinks,
      });
    } catch (error) {
      return failure(error, { isTimeUp: limit?.aborted === true, hasLeft: leave.signal.aborted }, {
        host,
        request_id: id,
      });
    }
  };
  return {
    id,
    host,
    watch,
    answer: answer(),
    leave: () => leave.abort(),
    cancel: () => {
      // Where the daemon can't end it, what waits can still be withdrawn.
      sendRequest({ action: "cancel", target: id }, endpoint).catch(() => leave.abort());
    },
  };
}

function failure(
  error: unknown,
  { isTimeUp, hasLeft }: { readonly isTimeUp: boolean; readonly hasLeft: boolean },
  facts: { readonly host: string; readonly request_id: string },
): Answer<ExecutionOutput> {
  if (hasLeft) {
    return refusal(
      "The request was withdrawn, since the call for it was cancelled. It ran only if the person " +
        "approved it in the same moment.",
      "Ask again only when the person says so.",
      facts,
    );
  }
  if (isTimeUp) {
    return refusal(
      "The time is up. That daemon knows no limits, so the command may still run there.",
      "Ask the person what the terminal says.",
      facts,
    );
  }
  if (error instanceof UnreachableError) {
    return refusal("The daemon is gone. Nothing ran.", "Call start_server, then try again.", facts);
  }
  const message = oneLine(error instanceof Error ? error.message : String(error));
  return refusal(`sudo-proxy: ${message}`, adviceOn(message), facts);
}

/** What no request is needed for to be refused. */
function inputFault(input: ExecuteInput, place: Place): string | undefined {
  const { argv, pipeline, privileged, forward_agent } = input;
  if ((argv === undefined) === (pipeline === undefined)) {
    return "Give exactly one of argv and pipeline.";
  }
  if (privileged && forward_agent) {
    return 'Wrong argument "forward_agent": it must be false where "privileged" is true, since ' +
      "root needs no agent of the person.";
  }
  if (!privileged && place.isHere) {
    return "Unprivileged commands on this machine do not run here: use your own shell tool for " +
      "them. " +
      "execute is for root on this machine, and for remote hosts.";
  }
  return undefined;
}

function requestFor(
  input: ExecuteInput,
  place: Place,
  call: ToolCall,
  features: readonly string[],
): { readonly request: ExecRequest; readonly limit?: AbortSignal } {
  const { argv, pipeline, privileged, description, env, cwd, stdin } = input;
  const chosen = input.timeout ?? (privileged ? DEFAULT_TIMEOUT_MS : undefined);
  const timeoutMs = chosen === undefined ? undefined : Math.max(chosen, MIN_TIMEOUT_MS);
  const knowsLimits = features.includes("timeout");
  const request = {
    id: crypto.randomUUID(),
    pipeline: pipeline ?? [argv!],
    reason: description,
    privileged,
    session: call.session,
    stream: true,
    ...(place.host === undefined ? {} : { host: place.host }),
    ...(input.forward_agent ? { forwardAgent: true } : {}),
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(stdin === undefined ? {} : { stdin: new TextEncoder().encode(stdin) }),
    ...(timeoutMs !== undefined && knowsLimits ? { timeoutMs } : {}),
  };
  return timeoutMs !== undefined && !knowsLimits
    ? { request, limit: AbortSignal.timeout(timeoutMs) }
    : { request };
}
