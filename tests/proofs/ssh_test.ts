/**
 * Holds the committed results of ProVerif to the models that they are about, and to what is said of
 * them. ProVerif itself is in no registry: `deno task proofs` runs it where it is installed.
 *
 * @module
 */
import {
  librariesOf,
  modelOf,
  QUERIES,
  VARIANTS,
  verdict,
  withoutComments,
} from "../../proofs/ssh/variants.ts";
import { assertEquals, assertTrue, at } from "../rig/assert.ts";

const FOLDER = new URL("../../proofs/ssh/", import.meta.url);
const read = (name: string) => Deno.readTextFileSync(new URL(name, FOLDER));

Deno.test("the results of ProVerif are about the models that are here", async () => {
  const files = await Array.fromAsync(Deno.readDir(FOLDER), ({ name }) => name);
  const models = files.filter((name) => /\.pvl?$/.test(name)).sort();
  const sums = await Promise.all(models.map(async (name) => {
    const bytes = new TextEncoder().encode(withoutComments(read(name)));
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    return `${new Uint8Array(digest).toHex()}  ${name}`;
  }));
  assertEquals(sums, read("models.sha256").trimEnd().split("\n").toSorted(byName));
  const used = new Set(VARIANTS.flatMap(librariesOf));
  assertEquals([...used, "ssh-channel.pv"].sort(), models, "each library is used");
});

Deno.test("each variant has the results that are expected of it", () => {
  const model = read("ssh-channel.pv");
  const sections = read("results.txt").split(/^=== /m).slice(1);
  assertEquals(sections.length, VARIANTS.length);
  for (const [index, variant] of VARIANTS.entries()) {
    const section = at(sections, index);
    const { name, libraries, edits, falseOnes, undecided = "" } = variant;
    const changes = edits ? ` edits: ${JSON.stringify(edits)}` : "";
    assertTrue(section.startsWith(`${name} [${libraries}]${changes} `), name);
    assertEquals(verdict(section), { falseOnes, undecided }, name);
    assertTrue(edits === undefined || modelOf(variant, model) !== model, name);
  }
  const count = model.match(/^query /gm)?.length;
  assertEquals(count, QUERIES.length, "each query has a name");
});

Deno.test("only what ProVerif reads counts as the model", () => {
  const model = "free c: channel. (* a (* nested *) comment *)\n  event E.";
  assertEquals(withoutComments(model), "free c: channel. event E.");
  for (const name of ["ssh-channel.pv", "memory-on.pvl"]) {
    assertTrue(!/\(\*|\*\)/.test(withoutComments(read(name))), name);
  }
  // What a comment hides is gone, and what stands beside it is not.
  assertEquals(withoutComments("a (* b *) c (* d *) e"), "a c e");
});

function byName(one: string, other: string): number {
  const [a, b] = [one.slice(66), other.slice(66)];
  return a < b ? -1 : a > b ? 1 : 0;
}
