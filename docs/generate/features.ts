import type { Feature } from "../../lib/protocol/features.ts";
import { table } from "./blocks.ts";

const FEATURES: Readonly<Record<Feature, string>> = {
  stream: "event lines",
  cwd: "the field `cwd`",
  stdin: "the field `stdin`",
  timeout: "the field `timeout_ms`",
  cancel: "the action `cancel`",
};

/** What a daemon may have beyond sudo-proxy 1.1, for docs/reference/wire.md. */
export function featureTable(): string {
  return table(
    ["feature", "what"],
    ...Object.entries(FEATURES).map(([name, what]) => [`\`${name}\``, what]),
  );
}
