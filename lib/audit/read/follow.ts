import { linkOf } from "../write/chain.ts";
import { readSegment, segmentPath, segmentsIn } from "../write/segments.ts";

/**
 * Waits for records, and gives each line as it is written. It begins with what is written from now
 * on.
 *
 * @param folder The trail's folder, which must exist.
 * @throws {Error} If there is no such folder.
 */
export async function* followTrail(folder: string): AsyncGenerator<string> {
  let watcher: Deno.FsWatcher;
  try {
    watcher = Deno.watchFs(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`There is no audit trail at ${folder} yet: start sudo-proxy first`);
  }
  using _ = watcher;
  let segment = segmentsIn(folder).at(-1) ?? 1;
  let seen = newest(folder, segment);
  for await (const _event of watcher) {
    for (const next of segmentsIn(folder).filter((number) => number >= segment)) {
      const { whole } = readSegment(segmentPath(folder, next));
      for (const line of whole) {
        const seq = linkOf(line)?.seq;
        if (seq !== undefined && seq <= seen) continue;
        seen = seq ?? seen;
        yield line;
      }
      segment = next;
    }
  }
}

function newest(folder: string, segment: number): number {
  const lines = segmentsIn(folder).includes(segment)
    ? readSegment(segmentPath(folder, segment)).whole
    : [];
  return linkOf(lines.at(-1) ?? "")?.seq ?? 0;
}
