import { z } from "zod";
import { collect } from "../collect.ts";
import { EXECUTION_OUTPUT, type ExecutionOutput, refusal } from "../result.ts";
import { type Answer, makeTool, type Tool, type ToolCall } from "../tool.ts";

const INPUT = z.strictObject({
  id: z.string().max(64).optional().describe(
    "The request_id of the request; the newest whose answer you have not seen if left out",
  ),
  cancel: z.boolean().default(false).describe(
    "Withdraw the request if it waits, and end its command if it runs. Only where the person wants " +
      "that: what a command did until then stays done",
  ),
});

/** `result`: the answer of an earlier `execute`. */
export const resultTool: Tool = makeTool({
  name: "result",
  title: "Fetch the result of a command",
  description: "Waits for a request that execute left with the status waiting or running, and " +
    "gives the answer that execute would have given. Call it again while the status is waiting or " +
    "running. It also has the answer where your client gave up on execute. Answers are kept for " +
    "an hour after the command's end. With cancel it ends the request.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: INPUT,
  output: EXECUTION_OUTPUT,
  run: result,
});

async function result(
  { id, cancel }: z.output<typeof INPUT>,
  call: ToolCall,
): Promise<Answer<ExecutionOutput>> {
  const request = call.requests.find(id);
  if (request === undefined) {
    return refusal(
      id === undefined
        ? "No request waits or runs, and no answer is left that you have not seen."
        : `No request with the id ${JSON.stringify(id)} is known in this session.`,
      "Answers are kept for an hour. Older ones are in the audit trail and on the terminal of the " +
        "daemon: ask the person.",
    );
  }
  if (cancel) request.cancel();
  return await collect(request, call);
}
