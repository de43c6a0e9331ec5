import { ENTRY_POINTS, type EntryPoint, grantsOf } from "../../lib/grants.ts";
import { socketPath } from "../../lib/platform/paths.ts";
import { table } from "./blocks.ts";

/** Programs that can do the same, and what bad code could still do in them. */
interface Row {
  readonly name: string;
  readonly entries: readonly EntryPoint[];
  readonly can: string;
}

const ROWS: readonly Row[] = [
  {
    name: "the daemon, `try`",
    entries: ["proxy", "try"],
    can:
      "read all files; start anything through sudo, setsid, timeout or perl, as root while sudo remembers; write the socket, its lock and pipes, and the audit trail; show anything",
  },
  {
    name: "the daemon with `--pkexec`",
    entries: ["pkexec"],
    can: "the same, through setsid, timeout and pkttyagent",
  },
  {
    name: "`--host`",
    entries: ["host"],
    can:
      "start anything and connect anywhere through ssh; use the tunnels; change the registry; read folders of sockets and programs",
  },
  {
    name: "`request`, `pkexec-cache`",
    entries: ["request", "pkexec-cache"],
    can: "send requests to one daemon; `pkexec-cache` also reads `/etc/passwd`",
  },
  {
    name: "`mcp`",
    entries: ["mcp"],
    can:
      "send requests here and through tunnels; change the registry; start this session's terminals, and through them anything",
  },
  {
    name: "`doctor`",
    entries: ["doctor"],
    can:
      "ask the daemon; read the audit trail, the registry and its other files; start anything through sudo or timeout",
  },
  {
    name: "`install`",
    entries: ["install"],
    can:
      "start anything and connect anywhere through ssh; read what it installs and folders of programs",
  },
  { name: "`audit`", entries: ["audit"], can: "read the audit trail" },
  { name: "`hosts`", entries: ["hosts"], can: "read and change the registry" },
  {
    name: "`setup`",
    entries: ["setup"],
    can: "read all files; write the commands and clients' configuration, which start what it says",
  },
  {
    name: "`permissions`, `complete`",
    entries: ["permissions"],
    can: "read all files, and print them",
  },
];

const ANNA = {
  get: (name: string) =>
    ({ XDG_RUNTIME_DIR: "/run/user/1000", HOME: "/home/anna" } as Record<string, string>)[name],
  uid: 1000,
};

/** In a worker where the network is needed, as in `lib/narrow.ts`. */
function threadOf(entry: EntryPoint): string {
  const socket = entry === "host" ? socketPath(ANNA, "web1") : undefined;
  const { net = [] } = grantsOf(entry, ANNA, socket);
  return net.length > 0 ? "worker" : "main";
}

/** The table of docs/security/compiled.md, which has each entry point once. */
export function entryTable(): string {
  const entries = ROWS.flatMap(({ entries }) => entries).sort();
  if (entries.join() !== [...ENTRY_POINTS].sort().join()) {
    throw new Error(`docs/generate/entries.ts has other entry points: ${entries}`);
  }
  return table(
    ["subcommand", "runs in", "can still"],
    ...ROWS.map(({ name, entries, can }) => [
      name,
      [...new Set(entries.map(threadOf))].join(", "),
      can,
    ]),
  );
}
