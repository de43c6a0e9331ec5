import type { SessionState } from "../session/state.ts";
import { keyLabels } from "./help.ts";
import { commandLine } from "./history.ts";
import { type Line, span } from "./paint.ts";
import { STATUS } from "./strings.ts";

/**
 * The line below the history: what is going on, for how long the daemon has been up, and the keys.
 * A command at the end of the line may be cut.
 */
export function statusLine({ jobs, now, terminal: { window } }: SessionState): Line {
  const [first, ...others] = [...jobs.values()].flatMap(({ request, startedAt = now }) => {
    const seconds = Math.floor((now - startedAt) / 1000);
    // A command that ends at once causes no flicker.
    return seconds < 1 ? [] : [{ request, seconds }];
  });
  const what = first ? STATUS.running(first.seconds, others.length) : STATUS.nothing;
  const keys = keyLabels("idle").filter(([name]) => first !== undefined || name !== "k")
    .map(([name, does]) => `[${name}] ${does}`).join(" ");
  // The clock began with this process. In a narrow window, how long ago is left out.
  const long = ` · ${STATUS.up(now)} · ${keys}`;
  return [
    span(what, first ? "strong" : "plain"),
    span(what.length + long.length < window.columns ? long : `  ${keys}`, "muted"),
    ...(first ? [span(`  ${commandLine(first.request)}`)] : []),
  ];
}
