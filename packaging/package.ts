/**
 * Makes one package: `deno task package npm`, `debian` or `mcpb`. The result is in dist/.
 *
 * @module
 */
import { exists } from "../lib/platform/exists.ts";
import { DIST } from "./common.ts";
import { makeDebian } from "./debian.ts";
import { makeMcpb } from "./mcpb.ts";
import { makeNpm } from "./npm.ts";
import { makeSbom } from "./sbom.ts";

const BINARY = `${DIST}/sudo-proxy`;

const KINDS: Readonly<Record<string, (output: string, binary?: string) => Promise<string>>> = {
  npm: makeNpm,
  debian: makeDebian,
  mcpb: makeMcpb,
  sbom: makeSbom,
};

if (import.meta.main) {
  const [kind = ""] = Deno.args;
  const make = KINDS[kind];
  if (make === undefined) {
    console.error(`Cannot make "${kind}": it must be one of ${Object.keys(KINDS).join(", ")}`);
    Deno.exit(1);
  }
  console.log(await make(DIST, exists(BINARY) ? BINARY : undefined));
}
