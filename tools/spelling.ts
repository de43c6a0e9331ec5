/**
 * Looks up every word of the documents and of the comments and messages in the sources, in an
 * American English dictionary and in `tools/words.txt`. Names in code, options, paths
 * and addresses are left out.
 *
 * @module
 */
import dictionary from "dictionary-en";
import nspell from "nspell";

const ROOT = new URL("../", import.meta.url);
const FOLDERS = ["", ".github", "docs", "lib", "proofs", "skills", "tools", "bench"];
const WORDS = "tools/words.txt";

/** The words of a text, with the line of each. */
export function* wordsOf(text: string): Generator<{ word: string; line: number }> {
  for (const [index, line] of text.split("\n").entries()) {
    const prose = line
      .replace(/`[^`]*`|https?:\S+|\]\([^)]*\)|<[^>]*>|\{@\w+ [^}]*\}|\$\{[^}]*\}|@\w+/g, " ")
      // Paths, options, names with digits, dots or underscores, and escapes.
      .replace(
        /\\u\{\w+\}|\\\w|\S*[\w~]\/\S*|(?<![\w])--?\w[\w-]*|[\w-]*[\d_]\w*|\w+\.\w[\w.]*/g,
        " ",
      );
    for (
      const [word] of prose.matchAll(/(?<![\p{L}\p{N}])[A-Za-z]+(?:['’][a-z]+)?(?![\p{L}\p{N}])/gu)
    ) {
      // A single letter, an abbreviation, or a name in code.
      if (word.length < 2 || /[a-z][A-Z]|^[A-Z]{2,}s?$/.test(word)) continue;
      yield { word: word.replace("’", "'").replace(/'s$/, ""), line: index + 1 };
    }
  }
}

/** What is prose in a source: comments, and strings of several words. Line breaks stay. */
export function proseOf(source: string): string {
  const isProse =
    /\/\*[^]*?\*\/|\/\/.*|"(?:[^"\\\n]|\\.)* (?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)* (?:[^`\\]|\\.)*`/g;
  let [prose, last] = ["", 0];
  const blank = (text: string) => text.replace(/[^\n]/g, "");
  for (const match of source.matchAll(isProse)) {
    prose += blank(source.slice(last, match.index));
    const text = match[0];
    prose += text.startsWith("`") ? text.slice(1, -1) : text;
    last = match.index + text.length;
  }
  return prose;
}

function filesBelow(folder: string, isDeep: boolean): string[] {
  return [...Deno.readDirSync(new URL(folder === "" ? "." : `${folder}/`, ROOT))].flatMap(
    (entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory) return isDeep ? filesBelow(path, true) : [];
      return /\.(?:md|ts)$/.test(path) ? [path] : [];
    },
  );
}

/** Leaves out what is quoted from terminals and files. Line breaks stay. */
function withoutBlocks(markdown: string): string {
  return markdown.replace(/^ *```[^]*?^ *```$/gm, (block) => block.replace(/[^\n]/g, ""));
}

if (import.meta.main) {
  const own = new Set(Deno.readTextFileSync(new URL(WORDS, ROOT)).split("\n"));
  const speller = nspell(dictionary);
  const faults = new Map<string, string>();
  for (const path of FOLDERS.flatMap((folder) => filesBelow(folder, folder !== ""))) {
    const text = Deno.readTextFileSync(new URL(path, ROOT));
    for (
      const { word, line } of wordsOf(path.endsWith(".ts") ? proseOf(text) : withoutBlocks(text))
    ) {
      const isKnown = own.has(word) || own.has(word.toLowerCase()) ||
        speller.correct(word);
      if (!isKnown && !faults.has(word)) faults.set(word, `${path}:${line}`);
    }
  }
  for (const [word, place] of faults) console.error(`${place}: "${word}" is in no dictionary`);
  if (faults.size > 0) {
    console.error(`Correct the spelling, or put the word into ${WORDS}.`);
    Deno.exit(1);
  }
}
