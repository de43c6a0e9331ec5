/**
 * Runs every variant and control of the SSH channel with `proverif`, found in `PATH`, and compares
 * each answer with what is expected. Writes nothing.
 *
 * @module
 */
import { librariesOf, modelOf, VARIANTS, verdict } from "./variants.ts";

const FOLDER = new URL(".", import.meta.url).pathname;
/** No variant took a minute. */
const TIMEOUT_MS = 900_000;

if (import.meta.main) {
  const model = await Deno.readTextFile(`${FOLDER}ssh-channel.pv`);
  let surprises = 0;
  for (const variant of VARIANTS) {
    const file = await Deno.makeTempFile({ suffix: ".pv" });
    try {
      await Deno.writeTextFile(file, modelOf(variant, model));
      const libraries = librariesOf(variant).flatMap((name) => ["-lib", FOLDER + name]);
      const { stdout } = await new Deno.Command("proverif", {
        args: [...libraries, file],
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).output();
      const { falseOnes, undecided } = verdict(new TextDecoder().decode(stdout));
      const isExpected = falseOnes === variant.falseOnes && undecided === (variant.undecided ?? "");
      if (!isExpected) surprises++;
      const answer = `false: ${falseOnes}${undecided && `; not decided: ${undecided}`}`;
      console.log(`${variant.name}\n  ${answer}${isExpected ? "" : ", AND THAT IS NOT EXPECTED"}`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      console.log("proofs/ssh needs proverif in PATH; its results are in proofs/ssh/results.txt");
      break;
    } finally {
      await Deno.remove(file);
    }
  }
  if (surprises > 0) Deno.exit(1);
}
