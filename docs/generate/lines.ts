import { ROOT, table } from "./blocks.ts";

/** What can approve or start a command, in the order in which a request passes it. */
const TRUSTED = ["admit", "decide", "session", "view", "terminal", "run", "audit/write", "daemon"];

interface Source {
  readonly path: string;
  readonly lines: number;
}

function sources(folder = "lib"): Source[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return sources(path);
    if (!name.endsWith(".ts")) return [];
    return [{ path, lines: Deno.readTextFileSync(new URL(path, ROOT)).split("\n").length - 1 }];
  });
}

/** The first folder below lib/; both parts of the audit trail are rooms of their own. */
function roomOf({ path }: Source): string {
  return /^lib\/(audit\/\w+|\w+)\//.exec(path)?.[1] ?? "lib";
}

/** How many lines each room has. */
export function lineTable(): string {
  const rooms = Map.groupBy(sources(), roomOf);
  const sum = (names: Iterable<string>) =>
    [...names].flatMap((name) => rooms.get(name) ?? [])
      .reduce((total, { lines }) => total + lines, 0);
  const row = (room: string) => [
    room === "lib" ? "files of `lib/` itself" : `\`${room}\``,
    String(sum([room])),
  ];
  const others = [...rooms.keys()].filter((room) => !TRUSTED.includes(room)).sort();
  return table(
    ["room", "lines"],
    ...TRUSTED.map(row),
    ["**trusted**", `**${sum(TRUSTED)}**`],
    ...others.map(row),
    ["**all**", `**${sum(rooms.keys())}**`],
  );
}
