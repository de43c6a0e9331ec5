import { configure } from "@logtape/logtape";
import { type Daemon, logLine } from "./daemon.ts";

/**
 * Sends the log to the terminal, through the screen, so that it can't disturb a prompt.
 *
 * @param daemon Whose terminal it is.
 * @param verbose Whether more than warnings is wanted.
 */
export async function configureLog(daemon: Daemon, verbose: boolean): Promise<void> {
  await configure({
    sinks: {
      terminal: (record) => {
        const message = record.message.map((part) => typeof part === "string" ? part : String(part))
          .join("");
        daemon.print(logLine(`${record.level}: ${message}`));
      },
    },
    loggers: [
      { category: "sudo-proxy", lowestLevel: verbose ? "debug" : "warning", sinks: ["terminal"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["terminal"] },
    ],
  });
}
