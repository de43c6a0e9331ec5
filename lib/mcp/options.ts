import { parseArgs } from "node:util";

/** How much the log tells, from much to little. */
export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;

/** How much the log tells. */
export type LogLevel = typeof LOG_LEVELS[number];

/** How much output an answer carries if nothing else is said, in bytes. */
const DEFAULT_TEXT_BYTES = 24_000;
const MIN_TEXT_BYTES = 1000;
/** An answer has the output twice, and JSON may need six bytes for one; clients take 10 MiB. */
const MAX_TEXT_BYTES = 500_000;

/** What the command line says. */
export interface McpOptions {
  /** The lowest level that is logged. */
  readonly logLevel: LogLevel;
  /** How much output an answer carries, in bytes. */
  readonly maxTextBytes: number;
}

/** What `--help` prints. */
export const USAGE =
  `sudo-proxy-mcp: an MCP server on standard input and output, for MCP clients to start.

  --log-level <level>   how much goes to standard error: ${LOG_LEVELS.join(", ")} (warning)
  --max-output <bytes>  how much output an answer carries (${DEFAULT_TEXT_BYTES}); a resource
                        has the rest
  --version             print the version
  -h, --help            print this`;

/**
 * Reads the command line.
 *
 * @returns The options, or what is to be printed instead of serving.
 * @throws {TypeError} If an argument is unknown or has no valid value.
 */
export function parseOptions(args: readonly string[]): McpOptions | "help" | "version" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      "log-level": { type: "string", default: "warning" },
      "max-output": { type: "string", default: String(DEFAULT_TEXT_BYTES) },
      version: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  if (values.version) return "version";
  const { "log-level": level, "max-output": bytes } = values;
  const logLevel = LOG_LEVELS.find((name) => name === level);
  if (logLevel === undefined) {
    throw new TypeError(
      `Cannot use --log-level "${level}": it must be one of ${LOG_LEVELS.join(", ")}`,
    );
  }
  const maxTextBytes = Number(bytes);
  if (
    Number.isInteger(maxTextBytes) && maxTextBytes >= MIN_TEXT_BYTES &&
    maxTextBytes <= MAX_TEXT_BYTES
  ) return { logLevel, maxTextBytes };
  throw new TypeError(
    `Cannot use --max-output "${bytes}": it must be a whole number from ${MIN_TEXT_BYTES} to ` +
      `${MAX_TEXT_BYTES}`,
  );
}
