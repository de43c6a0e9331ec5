import { configure } from "@logtape/logtape";

/**
 * Sends the log to the person, as lines of the history, so that it can't disturb a prompt.
 *
 * @param print Called with each line.
 * @param verbose Whether more than warnings is wanted.
 */
export async function configureLog(
  print: (line: string) => void,
  verbose: boolean,
): Promise<void> {
  await configure({
    sinks: { terminal: ({ level, message }) => print(`${level}: ${message.map(String).join("")}`) },
    loggers: [
      { category: "sudo-proxy", lowestLevel: verbose ? "debug" : "warning", sinks: ["terminal"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["terminal"] },
    ],
  });
}
