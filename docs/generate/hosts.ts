import type { HostEntry } from "../../lib/remote/registry.ts";
import { table } from "./blocks.ts";

/** What the registry keeps of a host, in the order of the page. */
const FIELDS: Readonly<Record<keyof HostEntry, string>> = {
  description: "what the host is for; you or a model write it",
  os: "its system; you or a model write it",
  descriptionBy: "who wrote `description`: `person` or `model`",
  osBy: "who wrote `os`: `person` or `model`",
  confirmedAt: "when a person first described, confirmed or reached the host",
  lastConnected: "when a tunnel came up last",
  uid: "your user id there",
  version: "the version of its daemon",
  policy: "of other programs; kept, and without effect",
};

/** The fields of the registry, for docs/remote.md. */
export function hostTable(): string {
  return table(
    ["field", "what it is"],
    ...Object.entries(FIELDS).map(([field, meaning]) => [
      `\`${field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}\``,
      meaning,
    ]),
  );
}
