import * as z from "zod";
import { sendRequest, UnreachableError } from "../../protocol/client.ts";
import { ConnectionLostError, ProtocolError } from "../../protocol/errors.ts";
import {
  DEFAULT_TIMEOUT_MS,
  MAX_ENV_ENTRIES,
  MAX_STAGE_WORDS,
  MAX_STAGES,
  PROMPT_TIMEOUT_MS,
} from "../../protocol/limits.ts";
import type { RequestInput } from "../../protocol/request.ts";
import { type Answer, Refusal } from "../answer.ts";
import { EXECUTION, type Execution, executionAnswer } from "../execution.ts";
import { type Daemon, requireDaemon } from "../probe.ts";
import { type SentRequest, Watch } from "../requests.ts";
import { HOST, type Target, targetOf } from "../target.ts";
import { errorAdvice, EXECUTE_FAULT, messageOf } from "../text.ts";
import { makeTool, type Tool, type ToolCall } from "../tool.ts";
import { answerOf } from "./result.ts";

/** The longest limit that a model may set, in milliseconds. */
const MAX_TIMEOUT_MS = 600_000;
/** Every limit ends at least a second after the prompt's time. */
const MIN_TIMEOUT_MS = PROMPT_TIMEOUT_MS + 1000;
/** With base64 around it, it must fit into a request line of 1 MiB. */
const MAX_STDIN_LENGTH = 700_000;

const argv = z.array(z.string()).min(1).max(MAX_STAGE_WORDS);

const INPUT = z.strictObject({
  argv: argv.optional().describe(
    "The program and its arguments, one string each, such as " +
      '["apt-get","install","-y","nginx"]. No shell reads them.',
  ),
  pipeline: z.array(argv).min(1).max(MAX_STAGES).optional().describe(
    "Instead of argv: stages joined by pipes, each a program and its arguments, such as " +
      '[["dmesg"],["tail","-n","50"]]',
  ),
  description: z.string().max(2000).default("").describe(
    "Why, in one honest sentence; the person reads it next to the command. If left out, they read " +
      "that there is no reason",
  ),
  host: HOST.describe(
    "The host to run on, as the person's ssh knows it; leave it out for this machine",
  ),
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
  timeout: z.number().int().min(0).max(MAX_TIMEOUT_MS).optional().describe(
    `Limit on the run in milliseconds; less than ${MIN_TIMEOUT_MS} counts as ${MIN_TIMEOUT_MS}. ` +
      `If left out: ${DEFAULT_TIMEOUT_MS} for privileged commands, none for others`,
  ),
  forward_agent: z.boolean().default(false)
    .describe("Let the command use the person's ssh agent; only with privileged false"),
  cwd: z.string().max(4096).regex(/^\//, "must be an absolute path").optional()
    .describe("The working directory, an absolute path; / if left out"),
  stdin: z.string().max(MAX_STDIN_LENGTH).optional()
    .describe("Text for the first stage's standard input; the person reads it, too"),
});

type Input = z.output<typeof INPUT>;

/** `execute`: a command that a person approves. */
export const executeTool: Tool = makeTool({
  name: "execute",
  title: "Run a command that a person approves",
  description: "Runs a command as root on this machine, or as root or the person's account on a " +
    "remote host. Use it for what your own shell tool may not do. A person sees the exact command " +
    "and your description, and approves or denies it with one key, so it may take a minute or " +
    "more. Where the status is waiting or running, call result with the request_id, and do not " +
    "call execute again. Returns stdout, stderr and exit codes; a denial is final unless the " +
    "person says otherwise. Nothing is read by a shell: for globs, && or redirections use " +
    '["sh","-c","…"], and keep it short enough to be read.',
  hints: ["destructive", "openWorld"],
  input: INPUT,
  output: EXECUTION,
  run: async (input, call) => {
    const target = targetOf(call.env, input.host);
    const pipeline = pipelineOf(input, target);
    const daemon = await requireDaemon(target, call);
    const request = send(input, pipeline, target, daemon, call);
    call.requests.add(request);
    return await answerOf(request, call);
  },
});

/** Refuses what can be refused without a request. */
function pipelineOf(input: Input, { name, isLocal }: Target): readonly (readonly string[])[] {
  const { argv, pipeline, privileged, forward_agent } = input;
  if ((argv === undefined) === (pipeline === undefined)) {
    throw new Refusal(EXECUTE_FAULT.oneOf, { host: name });
  }
  if (privileged && forward_agent) throw new Refusal(EXECUTE_FAULT.agent, { host: name });
  if (!privileged && isLocal) throw new Refusal(EXECUTE_FAULT.unprivileged, { host: name });
  return pipeline ?? [argv ?? []];
}

/** Sends a request; it lives on where the call that sent it ends. */
function send(
  input: Input,
  pipeline: readonly (readonly string[])[],
  { name: host, host: remoteHost }: Target,
  { pong, endpoint }: Daemon,
  call: ToolCall,
): SentRequest<Answer<Execution>> {
  const { privileged, cwd, env, stdin, description, forward_agent } = input;
  const limit = input.timeout ?? (privileged ? DEFAULT_TIMEOUT_MS : undefined);
  const timeoutMs = limit === undefined ? undefined : Math.max(limit, MIN_TIMEOUT_MS);
  // An old daemon knows no limit: then we stop waiting, and its command goes on.
  const knowsLimits = pong.features.includes("timeout");
  const timeIsUp = timeoutMs !== undefined && !knowsLimits ? AbortSignal.timeout(timeoutMs) : null;
  const request: RequestInput & { readonly id: string } = {
    id: crypto.randomUUID(),
    pipeline,
    reason: description,
    privileged,
    session: call.session,
    stream: true,
    ...(remoteHost !== undefined && { host: remoteHost }),
    ...(forward_agent && { forwardAgent: true }),
    ...(env !== undefined && { env }),
    ...(cwd !== undefined && { cwd }),
    ...(stdin !== undefined && { stdin: new TextEncoder().encode(stdin) }),
    ...(timeoutMs !== undefined && knowsLimits && { timeoutMs }),
  };
  const { id } = request;
  const leave = new AbortController();
  const sent = {
    id,
    host,
    title: pipeline.map((argv) => argv.join(" ")).join(" | ").slice(0, 100),
    isPrivileged: privileged,
    watch: new Watch(),
  };
  const answer = async (): Promise<Answer<Execution>> => {
    try {
      call.log.info("request {id} for {host}", { id, host });
      const response = await sendRequest(request, {
        ...endpoint,
        leave: timeIsUp === null ? leave.signal : AbortSignal.any([leave.signal, timeIsUp]),
        onEvent: (event) => sent.watch.note(event),
      });
      call.log.info("request {id} ended: {status}", { id, status: response.status });
      return executionAnswer(response, sent, call);
    } catch (error) {
      const [message, advice] = leave.signal.aborted
        ? EXECUTE_FAULT.withdrawn
        : timeIsUp?.aborted
        ? EXECUTE_FAULT.timeIsUp
        : sendingFault(error);
      return {
        output: { status: "error", summary: message, message, advice, host, request_id: id },
      };
    }
  };
  return {
    ...sent,
    answer: answer(),
    leave: () => leave.abort(),
    cancel: () => {
      // If the daemon can't end a command, a request that waits can still be withdrawn.
      sendRequest({ action: "cancel", target: id }, endpoint).catch(() => leave.abort());
    },
  };
}

/** Says why a request has no response, and what the model can do. */
function sendingFault(error: unknown): readonly [message: string, advice: string] {
  if (error instanceof UnreachableError) return EXECUTE_FAULT.gone;
  const code = error instanceof ConnectionLostError
    ? "lost"
    : error instanceof ProtocolError
    ? error.code
    : undefined;
  return [`sudo-proxy: ${messageOf(error)}`, errorAdvice(code)];
}
