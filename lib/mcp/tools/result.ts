import * as z from "zod";
import { orAborted } from "../../platform/deadline.ts";
import { type Answer, Refusal } from "../answer.ts";
import { EXECUTION, type Execution, unfinishedAnswer } from "../execution.ts";
import type { SentRequest } from "../requests.ts";
import { NO_REQUEST } from "../text.ts";
import { makeTool, type Tool, type ToolCall } from "../tool.ts";

/** `result`: the answer of an earlier `execute`. */
export const resultTool: Tool = makeTool({
  name: "result",
  title: "Fetch the result of a command",
  description: "Waits for a request that execute left with the status waiting or running, and " +
    "gives the answer that execute would have given. Call it again while the status is waiting or " +
    "running. It also has the answer where your client gave up on execute. Answers are kept for " +
    "an hour after the command's end. With cancel it ends the request.",
  hints: ["destructive", "idempotent"],
  input: z.strictObject({
    id: z.string().max(64).optional().describe(
      "The request_id of the request; the newest whose answer you have not seen if left out",
    ),
    cancel: z.boolean().default(false).describe(
      "Withdraw the request if it waits, and end its command if it runs. Only where the person " +
        "wants that: what a command did until then stays done",
    ),
  }),
  output: EXECUTION,
  run: async ({ id, cancel }, call) => {
    const request = call.requests.find(id);
    if (request === undefined) {
      throw new Refusal(NO_REQUEST.message(id), { advice: NO_REQUEST.advice });
    }
    if (cancel) request.cancel();
    return await answerOf(request, call);
  },
});

/**
 * Waits for the answer of a request, as long as the client of this call does. A call that the client
 * cancels withdraws a request that waits. A command that runs goes on: its end may matter more than
 * the client's patience, and a second call can fetch it.
 *
 * @returns The answer, or how far the request is when the time of the call is up.
 * @throws The reason of the call's signal, if it was aborted.
 */
export async function answerOf(
  request: SentRequest<Answer<Execution>>,
  { signal, answerBy, report, requests }: ToolCall,
): Promise<Answer<Execution>> {
  report(() => request.watch.describe());
  const either = answerBy === undefined ? signal : AbortSignal.any([signal, answerBy]);
  try {
    const answer = await orAborted(request.answer, either);
    requests.noteDelivered(request.id);
    return answer;
  } catch (error) {
    if (!signal.aborted) return unfinishedAnswer(request);
    // If a daemon tells no events, nobody knows whether the command runs.
    if (request.watch.state === "waiting") request.leave();
    requests.hasGivenUp = true;
    throw error;
  }
}
