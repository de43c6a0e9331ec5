/**
 * Which slot is which makes no difference: the names in a class are given anew, in the order in
 * which they first appear.
 *
 * @module
 */
import { defined } from "../rig/assert.ts";
import { SLOTS } from "./shapes.ts";

/** Gives names anew, in the order in which they come. */
export class Renaming {
  readonly #names = new Map<string, string>();

  /** The new name of a slot. */
  name(id: string): string {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const fresh = defined(SLOTS[this.#names.size]);
    this.#names.set(id, fresh);
    return fresh;
  }

  /** A text that begins with the name of a slot, with its new name. */
  named(part: string): string {
    return part === "" ? "" : this.name(part.charAt(0)) + part.slice(1);
  }

  /** A class with new names. */
  class(text: string): string {
    const [phase = "", queue = "", jobs = "", ...rest] = text.split("|");
    const list = (part: string) => part.split(",").map((one) => this.named(one)).join(",");
    return [this.#phase(phase), list(queue), list(jobs), ...rest].join("|");
  }

  #phase(phase: string): string {
    const kind = phase.charAt(0);
    if (kind === "i" || phase === "aq") return phase;
    const letters = kind === "p" || kind === "c" ? 1 : 2;
    return phase.slice(0, letters) + this.named(phase.slice(letters));
  }
}

/** The class with new names; classes that differ only in names get one text. */
export function renamed(text: string): string {
  return new Renaming().class(text);
}
