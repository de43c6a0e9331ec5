import { trialSocketPath } from "../platform/paths.ts";
import { sendRequest } from "../protocol/client.ts";
import { PROMPT_TIMEOUT_MS } from "../protocol/limits.ts";
import type { Response } from "../protocol/response.ts";
import { FORM, IS_REMOTE } from "../start.ts";
import { visibleProse } from "../view/visible.ts";
import { errorMessage, fail, printError, startAs } from "./fail.ts";
import { answerExitCode, printAnswer } from "./answer.ts";
import { serve } from "./serve.ts";

/**
 * `sudo-proxy try`: a daemon on a socket of its own and one real request to it, in one terminal.
 * The key is as real as anywhere.
 */
export async function tryCommand(command: readonly string[]): Promise<void> {
  const env = startAs("try");
  const socketPath = trialSocketPath(env);
  let response: Response | undefined;
  let fault: string | undefined;
  const id = crypto.randomUUID();
  const options = { promptTimeout: PROMPT_TIMEOUT_MS / 1000, onlyId: id };
  await serve(env, socketPath, options, async () => {
    try {
      response = await sendRequest({
        id,
        pipeline: [command.length > 0 ? command : ["id"]],
        reason: "A trial: you asked for it yourself just now.",
        session: "sudo-proxy try",
      }, { socketPath });
    } catch (error) {
      fault = visibleProse(errorMessage(error));
    }
  });
  if (response === undefined) fail(fault ?? "ended before there was an answer", 125);
  printAnswer(response);
  // npm may empty its cache: what setup writes needs a Deno that stays.
  const install = Deno.execPath().includes("/_npx/") ? "npm install -g deno@2.9, and " : "";
  const setup = FORM === "sources" && !IS_REMOTE ? `${install}deno task setup` : "sudo-proxy setup";
  printError(`this was a trial. Next: ${setup}`);
  Deno.exit(answerExitCode(response));
}
