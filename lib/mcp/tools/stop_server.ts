import * as z from "zod";
import { pause } from "../../platform/deadline.ts";
import { type Endpoint, ping, sendRequest, UnreachableError } from "../../protocol/client.ts";
import { COMMON, Refusal } from "../answer.ts";
import { probe } from "../probe.ts";
import { HOST, type Target, targetOf } from "../target.ts";
import { messageOf, STOP } from "../text.ts";
import { makeTool, type Tool, type ToolCall } from "../tool.ts";

/** How long a daemon may take to end before we stop watching it, in milliseconds. */
const END_TIMEOUT_MS = 3000;
const POLL_MS = 50;

/** `stop_server`: ends a daemon. */
export const stopServerTool: Tool = makeTool({
  name: "stop_server",
  title: "Close the approval terminal",
  description:
    "Ends the daemon: requests that wait are withdrawn, and it ends once the commands that run " +
    "have ended. Use it when the person asks for it, or when all is done that needed root. If no " +
    "daemon is running, the call still succeeds.",
  hints: ["destructive", "idempotent"],
  input: z.strictObject({
    host: HOST.describe("The host whose daemon is to end; this machine if left out"),
  }),
  output: z.object({
    ...COMMON,
    state: z.enum(["stopped", "stopping", "not_running"]).optional(),
  }),
  run: async ({ host }, call) => {
    const target = targetOf(call.env, host);
    const state = await stop(target, call);
    const message = STOP[state](target);
    return { output: { status: "ok" as const, state, host: target.name, message } };
  },
});

async function stop(
  target: Target,
  call: ToolCall,
): Promise<"stopped" | "stopping" | "not_running"> {
  const host = target.name;
  const found = await probe(target, call.signal);
  if (found.kind === "missing" || found.kind === "closed") return "not_running";
  if (found.kind !== "answers") throw new Refusal(found.advice, { host });
  try {
    const { status, message } = await sendRequest({ action: "stop", session: call.session }, {
      ...found.endpoint,
      signal: call.signal,
    });
    if (status !== "ok") throw new Refusal(STOP.refused(message ?? status), { host });
  } catch (error) {
    if (error instanceof Refusal) throw error;
    call.signal.throwIfAborted();
    if (error instanceof UnreachableError) return "not_running";
    throw new Refusal(`sudo-proxy: ${messageOf(error)}`, { host });
  }
  return await hasEnded(found.endpoint, call.signal) ? "stopped" : "stopping";
}

async function hasEnded({ socketPath, check }: Endpoint, signal: AbortSignal): Promise<boolean> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(END_TIMEOUT_MS)]);
  while (!patience.aborted) {
    try {
      await ping(socketPath, patience, check);
    } catch (error) {
      if (error instanceof UnreachableError) return true;
      // It may still close its last connections.
    }
    await pause(POLL_MS);
  }
  signal.throwIfAborted();
  return false;
}
