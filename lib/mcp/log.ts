import { configure } from "@logtape/logtape";
import type { LogLevel } from "./options.ts";

/** The longest line of the log, in UTF-16 units. */
const MAX_LINE_LENGTH = 1000;

/**
 * Sends the log to standard error, since standard output carries the protocol. A record is one
 * line, whatever is in it.
 *
 * @param level The lowest level that is logged.
 */
export async function configureLog(level: LogLevel): Promise<void> {
  await configure({
    sinks: {
      stderr: ({ level, message, timestamp }) => {
        const text = message.map((part) => typeof part === "string" ? part : String(part)).join("")
          .slice(0, MAX_LINE_LENGTH)
          // deno-lint-ignore no-control-regex
          .replace(/[\x00-\x1f\x7f-\x9f]/g, " ");
        console.error(`${new Date(timestamp).toISOString()} sudo-proxy-mcp ${level}: ${text}`);
      },
    },
    loggers: [
      { category: "sudo-proxy", lowestLevel: level, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["stderr"] },
    ],
  });
}
