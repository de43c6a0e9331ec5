import { z } from "zod";
import { type Endpoint, ping, sendRequest, UnreachableError } from "../../protocol/client.ts";
import { MAX_HOST_LENGTH } from "../../remote/names.ts";
import { type Place, placeOf } from "../place.ts";
import { adviceFor, probe } from "../probe.ts";
import { type Answer, makeTool, type Tool, type ToolCall } from "../tool.ts";

/** How long a daemon may take to end before we stop watching it, in milliseconds. */
const END_TIMEOUT_MS = 3000;
const POLL_MS = 50;

const OUTPUT = z.object({
  status: z.enum(["ok", "error"]),
  state: z.enum(["stopped", "stopping", "not_running"]).optional(),
  host: z.string().optional().describe("localhost is this machine"),
  message: z.string().optional(),
});

type StopOutput = z.output<typeof OUTPUT>;

/** `stop_server`: ends a daemon. */
export const stopServerTool: Tool = makeTool({
  name: "stop_server",
  title: "Close the approval terminal",
  description:
    "Ends the daemon: requests that wait are withdrawn, and it ends once the commands that run " +
    "have ended. Use it when the person asks for it, or when all " +
    "is done that needed root. If no daemon is running, the call still succeeds.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    host: z.string().max(MAX_HOST_LENGTH).optional()
      .describe("The host whose daemon is to end; this machine if left out"),
  }),
  output: OUTPUT,
  run: ({ host }, call) => stop(host, call),
});

async function stop(host: string | undefined, call: ToolCall): Promise<Answer<StopOutput>> {
  const found = placeOf(call.here, host);
  if ("fault" in found) return failure(`Wrong argument: ${found.fault}.`);
  const { place } = found;
  const state = await probe(place, call.signal);
  if (state.kind === "missing" || state.kind === "closed") return notRunning(place);
  if (state.kind !== "answers") return failure(adviceFor(state, place), place);
  try {
    const { status, message } = await sendRequest({ action: "stop", session: call.session }, {
      ...state.endpoint,
      signal: call.signal,
    });
    if (status !== "ok") {
      return failure(`sudo-proxy: ${message ?? status}. Ask the person to quit it (key q).`, place);
    }
  } catch (error) {
    call.signal.throwIfAborted();
    if (error instanceof UnreachableError) return notRunning(place);
    return failure(`sudo-proxy: ${error instanceof Error ? error.message : error}`, place);
  }
  const isGone = await hasEnded(state.endpoint, call.signal);
  return {
    text: isGone
      ? `The daemon on ${place.name} has ended.`
      : `The daemon on ${place.name} ends once the commands that run there have ended.`,
    output: { status: "ok", state: isGone ? "stopped" : "stopping", host: place.name },
  };
}

async function hasEnded(
  { socketPath, check }: Endpoint,
  signal: AbortSignal,
): Promise<boolean> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(END_TIMEOUT_MS)]);
  while (!patience.aborted) {
    try {
      await ping(socketPath, patience, check);
    } catch (error) {
      if (error instanceof UnreachableError) return true;
      // It may still close its last connections.
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  signal.throwIfAborted();
  return false;
}

function notRunning({ name }: Place): Answer<StopOutput> {
  return {
    text: `No daemon runs on ${name}: there is nothing to stop.`,
    output: { status: "ok", state: "not_running", host: name },
  };
}

function failure(message: string, place?: Place): Answer<StopOutput> {
  return {
    text: message,
    output: { status: "error", message, ...(place === undefined ? {} : { host: place.name }) },
    isError: true,
  };
}
