import { asciiJson } from "../gate/text.ts";
import { socketPath } from "../paths.ts";
import { sendRequest } from "../protocol/client.ts";
import { MAX_REQUEST_LINE_BYTES } from "../protocol/limits.ts";
import type { RequestInput } from "../protocol/request.ts";
import type { ProgressEvent } from "../protocol/response.ts";
import { destinationOf } from "../remote/names.ts";
import { visibleProse } from "../terminal/visible.ts";
import { answerExitCode, EXIT_FAILED, printAnswer, writeAll } from "./answer.ts";
import { errorMessage, fail, startAs } from "./fail.ts";

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
}

/**
 * `sudo-proxy request`: one request to a running daemon.
 *
 * @param command The program and its arguments.
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
    const response = await sendRequest(await requestInput(command, options), {
      socketPath: options.socket ?? socketPath(here, host),
      signal: abort.signal,
      onEvent: (event) => {
        if (event.event === "output") {
          printed = true;
          if (!options.json) writeAll(Deno[event.stream], Uint8Array.fromBase64(event.data));
        } else console.error(`sudo-proxy: ${eventWords(event)}`);
      },
    });
    if (options.json) console.log(asciiJson(response));
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
    pipeline: [command],
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
