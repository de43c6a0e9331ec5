import { succeed } from "./tools.ts";

/** The shell scripts that remove what this process would leave behind; all files of a run share it. */
const FOLDER = `/tmp/sudo-proxy-leftovers-${Deno.pid}`;

/** Waits for the end of the test process, whatever ends it, then runs the scripts that are there. */
const REAPER = `tail --pid="$1" -s 0.2 -f /dev/null
for script in "$2"/*; do [ ! -e "$script" ] || sh "$script" >/dev/null 2>&1; done
rm -rf "$2"`;

/** What ends first is removed first: what runs, then whose it is, then the files. */
export type RemovalOrder = "process" | "user" | "files";
const PREFIX: Readonly<Record<RemovalOrder, string>> = { process: "1", user: "2", files: "3" };

/**
 * Sees to it that something goes even where this process ends without disposing of it: on Ctrl+C,
 * Deno ends tests at once.
 *
 * @param order When it is removed.
 * @param script Shell commands that remove it.
 * @returns To be called once it was removed in the ordinary way.
 */
export async function removeAtTheEnd(
  order: RemovalOrder,
  script: string,
): Promise<() => Promise<void>> {
  try {
    await Deno.mkdir(FOLDER, { mode: 0o700 });
    // In a session of its own, Ctrl+C does not reach it.
    const pid = String(Deno.pid);
    await succeed([
      "setsid",
      "--fork",
      "sh",
      "-c",
      `exec >/dev/null 2>&1; ${REAPER}`,
      "sh",
      pid,
      FOLDER,
    ]);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  const path = `${FOLDER}/${PREFIX[order]}-${crypto.randomUUID()}`;
  await Deno.writeTextFile(path, script);
  return () => Deno.remove(path).catch(() => {});
}
