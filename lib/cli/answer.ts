import { writeAll } from "../platform/write_all.ts";
import type { Response } from "../protocol/response.ts";
import { visibleProse } from "../view/visible.ts";
import { printError } from "./fail.ts";

/** The request was refused, or failed. */
export const EXIT_FAILED = 125;

/** Exit codes beside the command's own, as env(1) and timeout(1) use them. */
const EXIT_CODES = { error: EXIT_FAILED, denied: 126, timeout: 124 } as const;

const NEWLINE = 0x0a;

/** The exit code that stands for a response: that of the last stage, or one of the codes above. */
export function answerExitCode({ status, stages }: Response): number {
  return status === "ok" ? stages?.at(-1)?.exit_code ?? 0 : EXIT_CODES[status];
}

/** Prints the output of a command, unless it was printed as it came, or why there is none. */
export function printAnswer(response: Response, isPrinted = false): void {
  const { status, stages = [], stdout = new Uint8Array() } = response;
  if (!isPrinted) {
    for (const { stderr } of stages) writeAll(Deno.stderr, stderr);
    writeAll(Deno.stdout, stdout);
  }
  if (response.stdout_truncated || stages.some((stage) => stage.stderr_truncated)) {
    printError("the output was cut");
  }
  if (status === "ok") return;
  // A program that answers at the socket must not control this terminal.
  const message = visibleProse(response.message ?? "");
  printError(
    {
      denied: `denied${message ? `: ${message}` : ""}`,
      timeout: "nobody answered the prompt",
      error: message,
    }[status],
  );
}

/** Prints all of a response on standard output: how it ended, then each output under a heading. */
export function printAll(response: Response): void {
  const { status, stages = [], stdout, stdout_truncated } = response;
  const message = visibleProse(response.message ?? "");
  if (status !== "ok" && stages.length === 0) {
    return console.log(`${status}${message ? `: ${message}` : ""}`);
  }
  const codes = stages.map(({ exit_code }) => exit_code);
  const exit = `exit ${codes.length === 1 ? codes[0] : `[${codes.join(", ")}]`}`;
  console.log(status === "ok" ? exit : `${status}: ${message}\n${exit}`);
  printOutput("stdout", stdout, stdout_truncated);
  for (const [index, { stderr, stderr_truncated }] of stages.entries()) {
    printOutput(stages.length === 1 ? "stderr" : `stderr[${index}]`, stderr, stderr_truncated);
  }
}

function printOutput(name: string, bytes: Uint8Array = new Uint8Array(), isCut = false): void {
  if (bytes.length === 0) return;
  const isWhole = bytes.at(-1) === NEWLINE;
  const lines = bytes.reduce((sum, byte) => byte === NEWLINE ? sum + 1 : sum, isWhole ? 0 : 1);
  console.log(`== ${name} == (${lines} lines${isCut ? ", truncated" : ""})`);
  writeAll(Deno.stdout, bytes);
  if (!isWhole) console.log();
}
