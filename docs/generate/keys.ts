import { type Key, KEY_BINDINGS, type KeyContext, keyName, keyOf } from "../../lib/decide/keys.ts";
import { table } from "./blocks.ts";

const CONTEXTS: readonly (readonly [KeyContext, string])[] = [
  ["prompt", "at a request"],
  ["help", "while the keys are explained"],
  ["message", "while you type a line"],
  ["idle", "between requests"],
];

/** What keys do whose label in the footer is too short, or that have none. */
const DOES: Readonly<Partial<Record<Key, string>>> = {
  lineUp: "a line up",
  lineDown: "a line down",
  pageUp: "a page up",
  pageDown: "a page down",
  top: "to the beginning",
  end: "to the end",
  send: "deny, and send it",
  clear: "empty the line",
  endCommand: "ask whether to end a command",
  quit: "ask whether to quit",
  help: "explain the keys",
};

function does(burst: Uint8Array, context: KeyContext): string {
  const key = keyOf(burst, context);
  if (key === undefined) return "";
  const labels = KEY_BINDINGS.filter((binding) => binding.key === key)
    .flatMap((binding) => [binding.labels[context], binding.labels.prompt])
    .filter((label) => label !== undefined && label !== "");
  return DOES[key] ?? labels[0] ?? key;
}

/** What each key does, and where; what a terminal sends for it decides that. */
export function keyTable(): string {
  const bursts = KEY_BINDINGS.flatMap(({ name, bytes }) =>
    bytes.map((text) => ({ name, burst: Uint8Array.from(text, (letter) => letter.charCodeAt(0)) }))
  );
  const rows = bursts.map(({ name, burst }) => ({
    key: burst.length > 1 ? name : keyName(burst),
    cells: CONTEXTS.map(([context]) => does(burst, context)),
  }));
  const alike = Map.groupBy(rows, ({ key, cells }) => [key.toLowerCase(), ...cells].join("\n"));
  return table(
    ["key", ...CONTEXTS.map(([, title]) => title)],
    ...alike.values().map((same) => {
      const keys = new Set(same.map(({ key }) => key.length === 1 ? `\`${key}\`` : key));
      return [[...keys].join(" "), ...same[0]?.cells ?? []];
    }),
  );
}
