import { asciiOnly } from "../admit/text.ts";
import { type HostEnvironment, socketPath } from "../platform/paths.ts";
import { letGo } from "../platform/let_go.ts";
import { writeAll } from "../platform/write_all.ts";
import { sendRequest } from "../protocol/client.ts";
import { MAX_REQUEST_LINE_BYTES } from "../protocol/limits.ts";
import type { RequestInput } from "../protocol/request.ts";
import type { ProgressEvent } from "../protocol/response.ts";
import { destinationOf } from "../remote/names.ts";
import { visibleProse } from "../view/visible.ts";
import { answerExitCode, EXIT_FAILED, printAll, printAnswer } from "./answer.ts";
import { errorMessage, fail, printError, startAs } from "./fail.ts";

/** What the command line says about a request. */
export interface RequestOptions
  extends Pick<RequestInput, "host" | "forwardAgent" | "reason" | "session" | "cwd"> {
  /** The daemon's socket. */
  readonly socket?: string;
  /** Whether it is to run as root. */
  readonly privilege: boolean;
  /** `NAME=value` each. */
  readonly env?: readonly string[];
  /** Whether standard input goes to the command. */
  readonly stdin?: true;
  /** The limit on the run, in seconds. */
  readonly timeout?: number;
  /** Whether the response is printed as JSON. */
  readonly json?: true;
  /** Whether everything is printed on standard output. */
  readonly print?: true;
}

/** The word between the stages of a pipeline. */
const PIPE = "|";
/** How long a daemon may say nothing, in seconds, and the variable that sets it. */
const ANSWER_TIMEOUT_S = 600;
const ANSWER_TIMEOUT = "SUDO_REQUEST_TIMEOUT_SECS";
const MAX_ANSWER_TIMEOUT_S = 2_147_483;

/** `sudo-proxy request`: one request to a running daemon; a word `|` begins the next stage. */
export async function requestCommand(
  command: readonly string[],
  options: RequestOptions,
): Promise<void> {
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => abort.abort(new Error(`withdrawn by ${signal}`)));
  }
  const { host, json, print } = options;
  try {
    const fault = host === undefined ? undefined : destinationOf(host);
    if (host !== undefined && typeof fault === "string") {
      refuse(`Cannot use --host "${visibleProse(host)}": the name of the host ${fault}`);
    }
    const named = options.socket ??
      (host === undefined ? undefined : (env: HostEnvironment) => socketPath(env, host));
    const env = startAs("request", named, EXIT_FAILED);
    const socket = options.socket ?? socketPath(env, host);
    const input = await requestInput(command, options);
    const seconds = answerTimeout(env.get(ANSWER_TIMEOUT));
    const tooLong = `no answer from the daemon at ${socket} within ${seconds} s ` +
      `(${ANSWER_TIMEOUT}): it may be stopped, or its terminal may be gone. The request is withdrawn`;
    const silence = setTimeout(() => abort.abort(new Error(tooLong)), seconds * 1000);
    let isPrinted = false;
    const response = await sendRequest(input, {
      socketPath: socket,
      signal: abort.signal,
      onEvent: (event) => {
        // From now on it is a person, or the command, that takes its time.
        clearTimeout(silence);
        if (event.event !== "output") return printError(eventText(event));
        isPrinted = true;
        if (!json && !print) writeAll(Deno[event.stream], event.data);
        letGo(event.data);
      },
    });
    if (json) console.log(asciiOnly(JSON.stringify(response, withBase64)));
    else if (print) printAll(response);
    else printAnswer(response, isPrinted);
    Deno.exit(answerExitCode(response));
  } catch (error) {
    const start = `sudo-proxy${host === undefined ? "" : ` --host ${host}`}`;
    const hint = error instanceof Error && error.name === "UnreachableError"
      ? `; start one with ${start} in another terminal`
      : "";
    refuse(`${visibleProse(errorMessage(error))}${hint}`);
  }
}

async function requestInput(
  command: readonly string[],
  { host, forwardAgent, reason, session, privilege, env, cwd, stdin, timeout }: RequestOptions,
): Promise<RequestInput> {
  return {
    pipeline: stagesOf(command),
    privileged: privilege,
    stream: true,
    session: session ?? "sudo-proxy request",
    env: env && Object.fromEntries(env.map(environmentEntry)),
    stdin: stdin && await readInput(),
    timeoutMs: timeout && timeout * 1000,
    host,
    forwardAgent,
    reason,
    cwd,
  };
}

function stagesOf(argv: readonly string[]): string[][] {
  const stages: string[][] = [[]];
  for (const arg of argv) {
    if (arg === PIPE) stages.push([]);
    else stages.at(-1)?.push(arg);
  }
  if (stages.every((stage) => stage.length > 0)) return stages;
  refuse("Cannot read the command: a program must stand before and after each '|'");
}

function answerTimeout(text = ""): number {
  if (text === "") return ANSWER_TIMEOUT_S;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_ANSWER_TIMEOUT_S) return seconds;
  refuse(
    `Cannot use ${ANSWER_TIMEOUT}="${visibleProse(text)}": it must be a whole number of seconds ` +
      `from 1 to ${MAX_ANSWER_TIMEOUT_S}`,
  );
}

function environmentEntry(entry: string): [name: string, value: string] {
  const at = entry.indexOf("=");
  if (at <= 0) refuse(`Cannot use --env "${entry}": it must be NAME=value`);
  return [entry.slice(0, at), entry.slice(at + 1)];
}

/** Reads no more than can be sent. */
async function readInput(): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of Deno.stdin.readable) {
    chunks.push(chunk);
    size += chunk.length;
    if (size <= MAX_REQUEST_LINE_BYTES) continue;
    refuse(
      `Cannot send standard input: it must fit into a request of ${MAX_REQUEST_LINE_BYTES} bytes`,
    );
  }
  return await new Blob(chunks).bytes();
}

function withBase64(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? value.toBase64() : value;
}

function eventText(event: Exclude<ProgressEvent, { event: "output" }>): string {
  switch (event.event) {
    case "queued":
      return `waiting in line, position ${event.position}`;
    case "shown":
      return "waiting for the person at the sudo-proxy terminal";
    case "approved":
      return "approved";
    case "started":
      return "running";
  }
}

function refuse(message: string): never {
  fail(message, EXIT_FAILED);
}
