import { nextTurn, within } from "../platform/deadline.ts";
import type { HostEnvironment } from "../platform/paths.ts";
import { sshEnvironment } from "./ssh.ts";

/** How much of what ssh and the remote host print is kept, in characters. */
export const MAX_KEPT = 64 * 1024;
/** The longest line that is handed on, in characters. */
const MAX_LINE = 1000;
/** How long ssh may take to end once it was told to, in milliseconds. */
const KILL_AFTER_MS = 3000;

/** How a run of ssh ended. */
export interface SshEnd {
  /** Its exit code: the remote command's own, or 255 for a fault of the connection. */
  readonly code: number;
  /** The signal that ended ssh, if one did. */
  readonly signal: string | null;
  /** What the remote command printed, if that was asked for. */
  readonly output: string;
  /** The last of what ssh wrote to standard error. */
  readonly stderr: string;
}

/**
 * Starts ssh with the terminal as its standard input and output (`inherit`), or with nothing to read
 * and its output kept (`none`), or with `input` to read; and calls back for each line of standard
 * error. Questions
 * (passwords, passphrases) go to the terminal by themselves. `stderr` is what ssh wrote until now;
 * `end` ends it, with SIGKILL if it takes too long.
 */
export type StartSsh = (
  args: readonly string[],
  terminal: "inherit" | "none",
  onLine: (line: string) => void,
  input?: ReadableStream<Uint8Array>,
) => { readonly ended: Promise<SshEnd>; stderr(): string; end(): void };

/**
 * Makes the function that starts ssh.
 *
 * @param program ssh, by absolute path.
 */
export function sshStarter(env: HostEnvironment, program: string): StartSsh {
  return (args, terminal, onLine, input) => {
    const child = new Deno.Command(program, {
      args: [...args],
      clearEnv: true,
      env: sshEnvironment(env),
      stdin: terminal === "inherit" ? "inherit" : input === undefined ? "null" : "piped",
      stdout: terminal === "inherit" ? "inherit" : "piped",
      stderr: "piped",
    }).spawn();
    // The other side may stop reading early; its exit code says why.
    if (input !== undefined) void input.pipeTo(child.stdin).catch(() => {});
    let stderr = "";
    const end = () => {
      signal(child, "SIGTERM");
      const timer = setTimeout(() => signal(child, "SIGKILL"), KILL_AFTER_MS);
      void child.status.then(() => clearTimeout(timer));
    };
    const reading = readLines(child.stderr, (line) => {
      // Cut rarely: each cut copies all that is kept.
      if (stderr.length > 2 * MAX_KEPT) stderr = stderr.slice(-MAX_KEPT);
      stderr += `${line}\n`;
      onLine(line);
    });
    const output = terminal === "inherit" ? Promise.resolve("") : bounded(child.stdout, end);
    const ended = child.status.then(async ({ code, signal }) => {
      // What ssh has started (a jump, a proxy) may hold its streams open after it.
      const [printed = ""] = await within(KILL_AFTER_MS, Promise.all([output, reading])) ?? [];
      return { code, signal, output: printed, stderr: stderr.slice(-MAX_KEPT) };
    });
    return { ended, stderr: () => stderr.slice(-MAX_KEPT), end };
  };
}

function signal(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch {
    // It has ended.
  }
}

async function* decoded(stream: ReadableStream<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  for await (const bytes of stream) yield decoder.decode(bytes, { stream: true });
}

async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of decoded(stream)) {
    const lines = (rest + text).split(/\r?\n/);
    rest = (lines.pop() ?? "").slice(0, MAX_LINE);
    lines.filter((line) => line !== "").forEach((line) => onLine(line.slice(0, MAX_LINE)));
    // A host that writes without end would hold up everything else.
    await nextTurn();
  }
  if (rest !== "") onLine(rest);
}

/** A host that prints more than facts can fill has not understood the question. */
async function bounded(stream: ReadableStream<Uint8Array>, end: () => void): Promise<string> {
  let text = "";
  for await (const piece of decoded(stream)) {
    if (text.length < MAX_KEPT) text += piece;
    else end();
  }
  return text;
}
