import { asciiJson } from "../gate/text.ts";
import { socketPath } from "../paths.ts";
import { sendRequest } from "../protocol/client.ts";
import { MAX_REQUEST_LINE_BYTES } from "../protocol/limits.ts";
import type { RequestInput } from "../protocol/request.ts";
import type { ProgressEvent } from "../protocol/response.ts";
import { destinationOf } from "../remote/names.ts";
import { visibleProse } from "../terminal/visible.ts";
import { answerExitCode, EXIT_FAILED, printAll, printAnswer, writeAll } from "./answer.ts";
import { errorMessage, fail, printError, startAs } from "./fail.ts";

/** What the command line says about a request. */
export interface RequestOptions {
  /** The daemon's socket. */
  readonly socket?: string;
  /** The remote host whose tunnel is used. */
  readonly host?: string;
  /** Whether the command may use the ssh agent. */
  readonly forwardAgent?: true;
  /** Why. */
  readonly reason?: string;
  /** Who asks. */
  readonly session?: string;
  /** Whether it is to run as root. */
  readonly privilege: boolean;
  /** `NAME=value` each. */
  readonly env?: readonly string[];
  /** The working directory. */
  readonly cwd?: string;
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

/**
 * `sudo-proxy request`: one request to a running daemon.
 *
 * @param command The program and its arguments; a word `|` begins the next stage.
 * @param options What the command line says.
 */
export async function requestCommand(
  command: readonly string[],
  options: RequestOptions,
): Promise<void> {
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => abort.abort(new Error(`withdrawn by ${signal}`)));
  }
  let printed = false;
  try {
    const { host } = options;
    const fault = host === undefined ? undefined : destinationOf(host);
    if (typeof fault === "string") {
      fail(
        `Cannot use --host "${visibleProse(host!)}": the name of the host ${fault}`,
        EXIT_FAILED,
      );
    }
    const here = startAs(
      "request",
      options.socket ?? (host === undefined ? undefined : (here) => socketPath(here, host)),
      EXIT_FAILED,
    );
    const socket = options.socket ?? socketPath(here, host);
    const input = await requestInput(command, options);
    const seconds = answerTimeout(here.env(ANSWER_TIMEOUT));
    const silence = setTimeout(() =>
      abort.abort(
        new Error(
          `no answer from the daemon at ${socket} within ${seconds} s (${ANSWER_TIMEOUT}): it may ` +
            "be stopped, or its terminal may be gone. The request is withdrawn",
        ),
      ), seconds * 1000);
    const response = await sendRequest(input, {
      socketPath: socket,
      signal: abort.signal,
      onEvent: (event) => {
        // From now on it is a person, or the command, that takes its time.
        clearTimeout(silence);
        if (event.event === "output") {
          printed = true;
          if (!options.json && !options.print) {
            writeAll(Deno[event.stream], Uint8Array.fromBase64(event.data));
          }
        } else printError(eventWords(event));
      },
    });
    if (options.json) console.log(asciiJson(response));
    else if (options.print) printAll(response);
    else printAnswer(response, printed);
    Deno.exit(answerExitCode(response));
  } catch (error) {
    const hint = error instanceof Error && error.name === "UnreachableError"
      ? `; start one with sudo-proxy${
        options.host === undefined ? "" : ` --host ${options.host}`
      } in another terminal`
      : "";
    fail(`${visibleProse(errorMessage(error))}${hint}`, EXIT_FAILED);
  }
}

async function requestInput(
  command: readonly string[],
  options: RequestOptions,
): Promise<RequestInput> {
  const { host, reason, session, privilege, cwd, timeout } = options;
  return {
    pipeline: stagesOf(command),
    privileged: privilege,
    stream: true,
    ...(host !== undefined ? { host } : {}),
    ...(options.forwardAgent ? { forwardAgent: true } : {}),
    ...(reason !== undefined ? { reason } : {}),
    session: session ?? "sudo-proxy request",
    ...(options.env !== undefined
      ? { env: Object.fromEntries(options.env.map(environmentEntry)) }
      : {}),
    ...(cwd !== undefined ? { cwd } : {}),
    ...(options.stdin ? { stdin: await readInput() } : {}),
    ...(timeout !== undefined ? { timeoutMs: timeout * 1000 } : {}),
  };
}

function stagesOf(words: readonly string[]): string[][] {
  const stages: string[][] = [[]];
  for (const word of words) {
    if (word === PIPE) stages.push([]);
    else stages.at(-1)?.push(word);
  }
  if (stages.some((stage) => stage.length === 0)) {
    fail("Cannot read the command: a program must stand before and after each '|'", EXIT_FAILED);
  }
  return stages;
}

function answerTimeout(text = ""): number {
  if (text === "") return ANSWER_TIMEOUT_S;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_ANSWER_TIMEOUT_S) return seconds;
  fail(
    `Cannot use ${ANSWER_TIMEOUT}="${visibleProse(text)}": it must be a whole number of seconds ` +
      `from 1 to ${MAX_ANSWER_TIMEOUT_S}`,
    EXIT_FAILED,
  );
}

function environmentEntry(entry: string): [name: string, value: string] {
  const at = entry.indexOf("=");
  if (at <= 0) fail(`Cannot use --env "${entry}": it must be NAME=value`, EXIT_FAILED);
  return [entry.slice(0, at), entry.slice(at + 1)];
}

/** Reads no more than can be sent. */
async function readInput(): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of Deno.stdin.readable) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_REQUEST_LINE_BYTES) {
      fail(
        `Cannot send standard input: it must fit into a request of ${MAX_REQUEST_LINE_BYTES} bytes`,
        EXIT_FAILED,
      );
    }
  }
  return await new Blob(chunks).bytes();
}

function eventWords(event: Exclude<ProgressEvent, { event: "output" }>): string {
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
