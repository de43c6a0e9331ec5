import { parseFacts, type RemoteFacts } from "./facts.ts";
import { type Failure, failureIn } from "./diagnosis.ts";
import { MAX_KEPT, type StartSsh } from "./process.ts";
import { FACTS_COMMAND } from "./remote_shell.ts";
import { configurationArguments, type ConnectionOptions, questionArguments } from "./ssh.ts";

/** What the first connection brought. */
export type Learned =
  | { readonly facts: RemoteFacts }
  /** ssh did not get there. */
  | { readonly failure: Failure; readonly words: string }
  /** It got there, and what the host printed can't be used; the end of a sentence. */
  | { readonly fault: string };

/**
 * Asks ssh what its configuration says about a host. Nothing is connected.
 *
 * @param start Starts ssh.
 * @param options Whom to reach.
 * @returns Values by name in lower case; none where this ssh has no `-G`.
 */
export async function readConfiguration(
  start: StartSsh,
  options: ConnectionOptions,
): Promise<ReadonlyMap<string, string>> {
  const { code, output } = await start(configurationArguments(options), "none", () => {}).ended;
  if (code !== 0) return new Map();
  // The first of several counts, as everywhere in ssh.
  return new Map(
    output.split("\n").reverse().flatMap((line) => {
      const at = line.indexOf(" ");
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
}

/**
 * Learns what has to be known of a host before the tunnel is opened, over a connection of its own.
 *
 * @param start Starts ssh.
 * @param options Whom to reach, and how.
 * @param configuration What `ssh -G` said.
 * @param onLine Called for each line of ssh's own.
 * @param onProcess Called with the process, so that it can be ended.
 * @returns The facts, or why there are none.
 */
export async function learnFacts(
  start: StartSsh,
  options: ConnectionOptions,
  configuration: ReadonlyMap<string, string>,
  onLine: (line: string) => void,
  onProcess: (end: () => void) => void,
): Promise<Learned> {
  const args = questionArguments(options, configuration, FACTS_COMMAND);
  const ssh = start(args, "none", onLine);
  onProcess(ssh.end);
  const { code, signal, output, words } = await ssh.ended;
  const facts = parseFacts(output);
  if (output.length >= MAX_KEPT) return { fault: "it printed far more than was asked for" };
  if (typeof facts !== "string") return { facts };
  if (code === 255 || signal !== null) return { failure: failureIn(words), words };
  return { fault: facts };
}
