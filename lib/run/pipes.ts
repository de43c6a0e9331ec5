/**
 * Pipes between processes that the daemon starts, so that their bytes pass through the kernel alone.
 * Deno makes none that it could hand to a child: a FIFO without a name is one (pipe(7), fifo(7)).
 *
 * @module
 */
import { commandOf, system } from "./launch.ts";
import type { HelperPrograms } from "./programs.ts";

/** A pipe, by the descriptors that this process has of its ends. */
export interface Pipe {
  /** The end that is read from. */
  readonly reader: number;
  /** The end that is written to. */
  readonly writer: number;
}

/** Open pipes; this process's ends are closed with them, once the children have theirs. */
export interface Pipes extends Disposable {
  /** Each of them. */
  readonly pipes: readonly Pipe[];
}

/**
 * Makes pipes. It blocks for `mkfifo`, a few milliseconds, so no other call uses the folder
 * meanwhile, and nothing stays in it.
 *
 * @param helpers Where the programs are.
 * @param folder A folder that does not exist yet; it is removed again.
 * @param count How many.
 * @throws If they can't be made; nothing is left open.
 */
export async function openPipes(
  helpers: Pick<HelperPrograms, "setsid" | "mkfifo">,
  folder: string,
  count: number,
): Promise<Pipes> {
  if (count === 0) return { pipes: [], [Symbol.dispose]: () => {} };
  // It takes 3 MB, and most commands have one stage.
  return makePipes(await import("node:fs"), helpers, folder, count);
}

function makePipes(
  { closeSync, openSync }: typeof import("node:fs"),
  { setsid, mkfifo }: Pick<HelperPrograms, "setsid" | "mkfifo">,
  folder: string,
  count: number,
): Pipes {
  const open: number[] = [];
  const closeAll = () => open.splice(0).forEach((descriptor) => closeSync(descriptor));
  const opened = (path: string, mode: "r" | "w") => {
    const descriptor = openSync(path, mode);
    open.push(descriptor);
    return descriptor;
  };
  const paths = Array.from({ length: count }, (_, index) => `${folder}/${index}`);
  try {
    removePipes(folder);
    Deno.mkdirSync(folder, { mode: 0o700 });
    const makes = commandOf(system(setsid, mkfifo, "-m", "600", ...paths));
    if (!makes.outputSync().success) throw new Error(`no pipe can be made in ${folder}`);
    const pipes = paths.map((path): Pipe => {
      // Without this, each of the other two would wait for the other end.
      const both = openSync(path, "r+");
      try {
        return { reader: opened(path, "r"), writer: opened(path, "w") };
      } finally {
        closeSync(both);
      }
    });
    // A pipe that still has a name could be opened by other programs of this user.
    removePipes(folder);
    return { pipes, [Symbol.dispose]: closeAll };
  } catch (error) {
    closeAll();
    removePipes(folder);
    throw error;
  }
}

/** Removes what a process left there that died within {@linkcode openPipes}. */
export function removePipes(folder: string): void {
  try {
    Deno.removeSync(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
