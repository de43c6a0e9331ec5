import type { Response } from "../protocol/response.ts";
import { visibleProse } from "../terminal/visible.ts";
import { printError } from "./fail.ts";

/** Exit codes beside the command's own, as env(1) and timeout(1) use them. */
export const EXIT_NO_ANSWER = 124;
/** The request was refused, or failed. */
export const EXIT_FAILED = 125;
/** The person denied it. */
export const EXIT_DENIED = 126;

const NEWLINE = 0x0a;

/**
 * Prints a response for a person: the command's output, or why there is none.
 *
 * @param response The daemon's response.
 * @param printed Whether the output was printed already, as it came.
 */
export function printAnswer(response: Response, printed = false): void {
  if (!printed) {
    for (const { stderr } of response.stages ?? []) {
      writeAll(Deno.stderr, Uint8Array.fromBase64(stderr));
    }
    writeAll(Deno.stdout, Uint8Array.fromBase64(response.stdout ?? ""));
  }
  if (response.stdout_truncated || response.stages?.some((stage) => stage.stderr_truncated)) {
    printError("the output was cut");
  }
  // Whatever answers at the socket may not write on this terminal.
  const message = visibleProse(response.message ?? "");
  switch (response.status) {
    case "ok":
      return;
    case "denied":
      return printError(`denied${message ? `: ${message}` : ""}`);
    case "timeout":
      return printError("nobody answered the prompt");
    case "error":
      return printError(message);
  }
}

/**
 * Prints all of a response on standard output: how it ended, then each output under a heading.
 *
 * @param response The daemon's response.
 */
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

function printOutput(name: string, base64 = "", isCut = false): void {
  const bytes = Uint8Array.fromBase64(base64);
  if (bytes.length === 0) return;
  const isWhole = bytes.at(-1) === NEWLINE;
  const lines = bytes.filter((byte) => byte === NEWLINE).length + (isWhole ? 0 : 1);
  console.log(`== ${name} == (${lines} lines${isCut ? ", truncated" : ""})`);
  writeAll(Deno.stdout, bytes);
  if (!isWhole) console.log();
}

/**
 * The exit code that stands for a response.
 *
 * @param response The daemon's response.
 * @returns The code of the last stage, or one of the codes above.
 */
export function answerExitCode(response: Response): number {
  switch (response.status) {
    case "ok":
      return response.stages?.at(-1)?.exit_code ?? 0;
    case "denied":
      return EXIT_DENIED;
    case "timeout":
      return EXIT_NO_ANSWER;
    case "error":
      return EXIT_FAILED;
  }
}

/** Writes all of it, however small the pieces that are taken. */
export function writeAll(to: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(to.writeSync(rest));
}
