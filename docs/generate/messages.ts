import { ERROR_CODES } from "../../lib/protocol/codes.ts";
import { HAPPENINGS } from "../../lib/view/strings.ts";
import { ROOT, table } from "./blocks.ts";

/** What each beginning of a line of the history means. */
const MEANINGS: Readonly<Record<keyof typeof HAPPENINGS, string>> = {
  approved: "you pressed `y` or `a`",
  trust: "you pressed `a`",
  trusted: "it runs because you pressed `a` before",
  denied: "you denied it, or it came within 10 seconds after `d`",
  timeout: "no key came in time: nothing ran",
  withdrawn:
    "its client left or cancelled, it could not be shown, or the daemon stops: nothing ran",
  notRun: "it was approved, and something was wrong: the reason follows",
  refused: "it was approved, and something was wrong: the reason follows",
  endedWell: "exit codes or signals, how long it ran, how much it wrote",
  ended: "exit codes or signals, how long it ran, how much it wrote",
  ending: "it is being ended, and why",
  stillRunning: "it could not be ended, or sudo needs your password for that",
  noTrust: "what `a` allowed is over: sudo remembers you for all your programs",
  stopping: "the daemon ends, and why",
};

/** What a line of the history begins with, and what that means. */
export function historyTable(): string {
  // Object.entries() forgets the names of the keys.
  const names = Object.keys(MEANINGS) as (keyof typeof MEANINGS)[];
  const alike = Map.groupBy(names, (name) => HAPPENINGS[name].text.trim());
  return table(
    ["line", "meaning"],
    ...alike.entries().map(([text, same]) => [
      `\`${text}\``,
      [...new Set(same.map((name) => MEANINGS[name]))].join("; or "),
    ]),
  );
}

/** The codes of errors, as the code explains them. */
export function errorTable(): string {
  const source = Deno.readTextFileSync(new URL("lib/protocol/codes.ts", ROOT));
  const comments = new Map(
    [...source.matchAll(/^ {2}"(\w+)", \/\/ (.+)$/gm)].map(([, code, text]) => [code, text]),
  );
  return table(
    ["code", "meaning"],
    ...ERROR_CODES.map((code) => {
      const text = comments.get(code);
      if (text === undefined) throw new Error(`lib/protocol/codes.ts does not explain ${code}`);
      return [`\`${code}\``, text];
    }),
  );
}
