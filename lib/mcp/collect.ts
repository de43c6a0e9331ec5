import { type ExecutionOutput, unfinishedAnswer } from "./result.ts";
import type { PendingRequest } from "./pending.ts";
import type { Answer, ToolCall } from "./tool.ts";

/**
 * Waits for the answer of a request, as long as the client of this call does. A call that the client
 * cancels withdraws a request that waits. A command that runs goes on: its end may matter more than
 * the client's patience, and a second call can fetch it.
 *
 * @param request The request.
 * @param call The call that waits.
 * @returns The answer, or how far the request is when the time of the call is up.
 * @throws The reason of the call's signal, if it was aborted.
 */
export async function collect(
  request: PendingRequest,
  call: ToolCall,
): Promise<Answer<ExecutionOutput>> {
  call.progress.set(() => request.watch.describe());
  const cancelled = Promise.withResolvers<never>();
  const onAbort = () => cancelled.reject(call.signal.reason);
  call.signal.addEventListener("abort", onAbort, { once: true });
  const timeIsUp = Promise.withResolvers<undefined>();
  const timer = call.answerBy === undefined
    ? undefined
    : setTimeout(() => timeIsUp.resolve(undefined), Math.max(0, call.answerBy - performance.now()));
  try {
    call.signal.throwIfAborted();
    const answer = await Promise.race([request.answer, timeIsUp.promise, cancelled.promise]);
    if (answer === undefined) return unfinishedAnswer(request);
    call.requests.noteDelivered(request.id);
    return answer;
  } catch (error) {
    // Of a daemon that tells no events it is not known whether the command runs.
    if (request.watch.state === "waiting") request.leave();
    call.requests.hasGivenUp = true;
    throw error;
  } finally {
    clearTimeout(timer);
    call.signal.removeEventListener("abort", onAbort);
  }
}
