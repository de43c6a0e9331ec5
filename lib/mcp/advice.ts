/** What a model can do about an error of the daemon. The first row that fits counts. */
const ROWS: readonly (readonly [RegExp, string])[] = [
  [/^invalid (request|line)/, "Correct that argument and call execute again."],
  [/does not know "/, "Call execute again without it, or ask the person to update that daemon."],
  [/^server busy/, "Wait until the person has answered some requests, then try again."],
  [/^stale request/, "Tell the person that the clocks of the two machines differ."],
  [
    /did not authenticate/,
    "The person approved, and then gave sudo no password. Ask them whether to try again.",
  ],
  [
    /changed after it was shown/,
    "Tell the person: somebody or something replaced the program meanwhile.",
  ],
  [
    /run limit/,
    "What it did until then stays done. Ask for more time with timeout if it needs it.",
  ],
  [
    /the person at the terminal ended/,
    "That was a person's decision: ask them before you run it again.",
  ],
  [/the daemon is stopping/, "Call start_server, then ask again, if the person wants that."],
  [
    /closed the connection|went away/,
    "Whether the command ran is not known. Ask the person what the terminal says before " +
    "you try again.",
  ],
];

/**
 * Says what a model can do about an error.
 *
 * @param message What the daemon said.
 * @returns A sentence or two.
 */
export function adviceOn(message: string): string {
  return ROWS.find(([pattern]) => pattern.test(message))?.[1] ??
    "Tell the person; the sudo-proxy terminal may say more.";
}
