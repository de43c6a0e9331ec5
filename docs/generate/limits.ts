import * as decideTimes from "../../lib/decide/times.ts";
import * as limits from "../../lib/protocol/limits.ts";
import * as sessionTimes from "../../lib/session/times.ts";
import { ROOT, table } from "./blocks.ts";

const MIB = 1024 * 1024;

/** The limits of the wire protocol, as the code explains them. */
export function limitTable(): string {
  return table(["what", "limit", "in the code"], ...rowsOf("lib/protocol/limits.ts", limits));
}

/** The times of the prompt and of commands, as the code explains them. */
export function timeTable(): string {
  return table(
    ["what", "time", "in the code"],
    ...rowsOf("lib/decide/times.ts", decideTimes),
    ...rowsOf("lib/session/times.ts", sessionTimes),
  );
}

function rowsOf(path: string, values: Readonly<Record<string, number>>): string[][] {
  const source = Deno.readTextFileSync(new URL(path, ROOT));
  const constants = [...source.matchAll(/^\/\*\*((?:(?!\*\/)[^])*)\*\/\nexport const (\w+)/gm)];
  if (constants.length !== Object.keys(values).length) {
    throw new Error(`${path} must explain each of its constants`);
  }
  return constants.map(([, comment = "", name = ""]) => {
    const value = values[name] ?? NaN;
    const text = comment.replaceAll(/\s*\n \*\s*/g, " ").trim().replace(/\.(?: [^]*)?$/, "")
      .replace(/, in (?:milliseconds|bytes)\b/, "").replace(/ in bytes\b/, "");
    return [text, amount(name, value), `\`${name} = ${value}\``];
  });
}

function amount(name: string, value: number): string {
  if (name.endsWith("_MS")) return value % 1000 === 0 ? `${value / 1000} s` : `${value} ms`;
  if (!name.endsWith("_BYTES")) return String(value);
  return value % MIB === 0 ? `${value / MIB} MiB` : `${value} bytes`;
}
