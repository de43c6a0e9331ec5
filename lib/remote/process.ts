import type { Surroundings } from "../paths.ts";
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
  /** What the remote command printed, where that was asked for. */
  readonly output: string;
  /** What ssh wrote to standard error, the last of it. */
  readonly words: string;
}

/** A running ssh. */
export interface SshProcess {
  /** How it ends. */
  readonly ended: Promise<SshEnd>;
  /** What it wrote to standard error until now. */
  words(): string;
  /** Ends it, with SIGKILL if it takes too long. */
  end(): void;
}

/** Starts ssh; the tests have no other one. */
export type StartSsh = (
  args: readonly string[],
  terminal: "inherit" | "none",
  onLine: (line: string) => void,
) => SshProcess;

/**
 * Makes the function that starts ssh.
 *
 * @param here The surroundings.
 * @param program ssh, by absolute path.
 * @returns It starts ssh with the terminal as its standard input and output (`inherit`), or with
 * nothing to read and its output kept (`none`), and calls back for each line of standard error.
 * Questions (passwords, passphrases) go to the terminal by themselves.
 */
export function sshStarter(here: Surroundings, program: string): StartSsh {
  return (args, terminal, onLine) => {
    const child = new Deno.Command(program, {
      args: [...args],
      clearEnv: true,
      env: sshEnvironment(here),
      stdin: terminal === "inherit" ? "inherit" : "null",
      stdout: terminal === "inherit" ? "inherit" : "piped",
      stderr: "piped",
    }).spawn();
    let words = "";
    let isOver = false;
    const end = () => {
      if (isOver) return;
      signal(child, "SIGTERM");
      const timer = setTimeout(() => signal(child, "SIGKILL"), KILL_AFTER_MS);
      void child.status.then(() => clearTimeout(timer));
    };
    const reading = lines(child.stderr, (line) => {
      words = `${words}${line}\n`.slice(-MAX_KEPT);
      onLine(line);
    });
    const output = terminal === "inherit" ? Promise.resolve("") : bounded(child.stdout, end);
    const ended = child.status.then(async ({ code, signal }) => {
      isOver = true;
      // What ssh has started (a jump, a proxy) may hold its streams open after it.
      const printed = await Promise.race([
        Promise.all([output, reading]).then(([text]) => text),
        new Promise<string>((resolve) => setTimeout(resolve, KILL_AFTER_MS, "")),
      ]);
      return { code, signal, output: printed, words };
    });
    return { ended, words: () => words, end };
  };
}

function signal(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch {
    // It has ended.
  }
}

async function lines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream() as ByteDecoder)) {
    const parts = (rest + text).split(/\r?\n/);
    rest = parts.pop()!.slice(0, MAX_LINE);
    parts.filter((line) => line !== "").forEach((line) => onLine(line.slice(0, MAX_LINE)));
  }
  if (rest !== "") onLine(rest);
}

/** Whoever prints more than facts can be has not understood the question. */
async function bounded(stream: ReadableStream<Uint8Array>, end: () => void): Promise<string> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream() as ByteDecoder)) {
    if (text.length < MAX_KEPT) text += piece;
    else end();
  }
  return text;
}

type ByteDecoder = ReadableWritablePair<string, Uint8Array>;
