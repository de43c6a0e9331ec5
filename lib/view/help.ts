import { KEY_BINDINGS, type KeyContext } from "../decide/keys.ts";
import { FieldWriter } from "./fields.ts";
import type { Line } from "./paint.ts";
import { armingRule } from "./strings.ts";

/** A key in the footer: what it is called, and what it does. */
export type KeyLabel = readonly [name: string, does: string];

/** The keys that have a label where they are pressed. */
export function keyLabels(context: KeyContext): KeyLabel[] {
  return KEY_BINDINGS.flatMap(({ key, name, labels }) => {
    const does = labels[context] ?? "";
    // It is shown separately, if it exists.
    return does === "" || key === "trust" ? [] : [[name, does] as const];
  });
}

/** The key that grants trust, and what it does. */
export const TRUST_LABEL: string = KEY_BINDINGS.filter(({ key }) => key === "trust")
  .map(({ name, labels }) => `[${name}] ${labels.prompt}`).join();

/** Explains the keys: one line each, and more if it does not fit; `a` only if it exists. */
export function helpRows(columns: number, mayTrust: boolean, ascii = false): Line[] {
  const write = new FieldWriter(ascii);
  const keys = KEY_BINDINGS.filter(({ key }) => key !== "trust" || mayTrust)
    .flatMap(({ help }) => help === undefined ? [] : [help]);
  return [...keys, ["", armingRule(mayTrust)] as const].flatMap(([label, words]) => [
    ...write.fieldLines(label, write.prose(words), columns),
  ]);
}
