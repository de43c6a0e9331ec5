import { asciiJson } from "../admit/text.ts";
import { checkTrail } from "../audit/read/verify.ts";
import { grantsOf } from "../grants.ts";
import { excessOf } from "../narrow.ts";
import { drivenBy } from "../platform/driven.ts";
import { exists } from "../platform/exists.ts";
import { commandFolder, COMMANDS } from "../platform/installed.ts";
import {
  auditFolder,
  folderOf,
  type HostEnvironment,
  socketPath,
  stateFolder,
  systemProgram,
} from "../platform/paths.ts";
import { ping, UnreachableError } from "../protocol/client.ts";
import { VERSION } from "../protocol/version.ts";
import { isConfirmed, readRegistry, registryPath } from "../remote/registry.ts";
import { openTunnels } from "../remote/slots.ts";
import { sudoWay } from "../run/root/sudo.ts";
import { CLIENTS, userFoldersOf } from "../setup/clients.ts";
import { copyOf } from "../setup/own_file.ts";
import { drawsLetters } from "../terminal/probe.ts";
import { hasTerminal } from "../terminal/tty.ts";
import { paintLine, paintOf, span } from "../view/paint.ts";
import { checksOf, doctorLines, type Findings, PROGRAMS } from "./doctor_checks.ts";
import { errorMessage, startAs } from "./fail.ts";

/** How long a daemon may take to answer, in milliseconds. */
const PING_TIMEOUT_MS = 3000;
/** How much of the hash of the trail's head is shown, in hex digits. */
const HEAD_LENGTH = 16;

/**
 * `sudo-proxy doctor`: what is there, what is wrong with it, and what to do. It changes nothing;
 * exits with 1 if something is wrong.
 */
export async function doctorCommand({ json }: { readonly json?: true }): Promise<void> {
  const env = startAs("doctor");
  const checks = checksOf(await examine(env));
  const isOk = checks.every(({ status }) => status !== "problem");
  if (json) console.log(asciiJson({ version: VERSION, ok: isOk, checks }, 2));
  else {
    const isTerminal = Deno.stdout.isTerminal();
    const columns = isTerminal ? Deno.consoleSize().columns : 80;
    const paint = isTerminal ? paintOf(env.get) : "plain";
    for (const { text, style } of doctorLines(checks, columns)) {
      console.log(paintLine([span(text, style)], paint));
    }
  }
  Deno.exit(isOk ? 0 : 1);
}

async function examine(env: HostEnvironment): Promise<Findings> {
  const grants = grantsOf("doctor", env);
  const missing = Object.keys(PROGRAMS).filter((name) => systemProgram(name) === undefined);
  // Deno itself lets sources import; --cached-only keeps that from connecting to anything.
  const excess = excessOf(grants).filter((what) => Deno.build.standalone || what !== "import");
  const { os, arch } = Deno.build;
  return {
    runtime: {
      deno: Deno.version.deno,
      isCompiled: Deno.build.standalone,
      path: Deno.execPath(),
      system: `${os} ${arch}`,
    },
    grants: { held: grants, excess },
    sudo: await examineSudo(env.uid),
    missing,
    terminal: hasTerminal()
      ? { ...Deno.consoleSize(), paint: paintOf(env.get), drawsLetters: await drawsLetters() }
      : undefined,
    driver: drivenBy(env),
    socket: await examineSocket(socketPath(env)),
    hosts: examineHosts(env),
    trail: examineTrail(stateFolder(env)),
    ...examineSetup(env),
  };
}

/** sudo and sudo-rs say in their first line what they are. */
async function examineSudo(uid: number): Promise<Findings["sudo"]> {
  const sudo = systemProgram("sudo");
  if (sudo === undefined) {
    return { kind: "none", version: "", asks: uid === 0 ? "nobody" : "unknown" };
  }
  const options = { clearEnv: true, stdin: "null", stderr: "null" } as const;
  const { stdout } = await new Deno.Command(sudo, { args: ["-V"], ...options }).output();
  const [first = ""] = new TextDecoder().decode(stdout).split("\n");
  const [, name, version = ""] = /^(Sudo version|sudo-rs) (\S{1,40})$/.exec(first.trim()) ?? [];
  const kind = name === undefined ? "other" : name === "sudo-rs" ? "sudo-rs" : "sudo";
  const [setsid, timeout, nothing] = ["setsid", "timeout", "true"].map(systemProgram);
  if (uid === 0) return { kind, version, asks: "nobody" };
  if (setsid === undefined || timeout === undefined || nothing === undefined) {
    return { kind, version, asks: "unknown" };
  }
  const programs = { setsid, timeout, true: nothing };
  const way = sudoWay(programs, sudo, { password: "cached", locale: {} });
  return { kind, version, asks: await way.can("afresh") ? "nothing" : "a question" };
}

async function examineSocket(path: string): Promise<Findings["socket"]> {
  const found = { path, version: "", waiting: undefined, fault: undefined };
  if (!exists(path)) return { ...found, state: "missing" };
  try {
    const { version, waiting } = await ping(path, AbortSignal.timeout(PING_TIMEOUT_MS));
    return { ...found, state: "answers", version, waiting };
  } catch (error) {
    if (error instanceof UnreachableError) return { ...found, state: "leftover" };
    const isSilent = error instanceof DOMException && error.name === "TimeoutError";
    return { ...found, state: isSilent ? "silent" : "refuses", fault: errorMessage(error) };
  }
}

function examineHosts(env: HostEnvironment): Findings["hosts"] {
  const path = registryPath(env);
  const registry = readRegistry(path);
  const hosts = [...registry.hosts.values()];
  return {
    path,
    known: hosts.length,
    confirmed: hosts.filter(isConfirmed).length,
    tunnels: openTunnels(folderOf(socketPath(env))),
    fault: registry.fault,
  };
}

function examineTrail(state: string | undefined): Findings["trail"] {
  if (state === undefined) return undefined;
  const folder = auditFolder(state);
  const found = { folder, isBegun: exists(folder), records: 0, head: "", fault: undefined };
  if (!found.isBegun) return found;
  try {
    const { records, head, faults: [first] } = checkTrail(folder);
    return {
      ...found,
      records,
      head: head.hash.slice(0, HEAD_LENGTH),
      fault: first && `${first.file}, line ${first.line}: ${first.what}`,
    };
  } catch (error) {
    return { ...found, fault: errorMessage(error) };
  }
}

/** A copy that setup keeps of a client's configuration tells that it was set up; none is read. */
function examineSetup(env: HostEnvironment): Pick<Findings, "commands" | "clients"> {
  const folders = userFoldersOf(env);
  if (folders === undefined) return { commands: undefined, clients: [] };
  const folder = commandFolder(folders.home);
  return {
    commands: {
      folder,
      installed: COMMANDS.filter((name) => exists(`${folder}/${name}`)),
      isInPath: (env.get("PATH") ?? "").split(":").includes(folder),
    },
    clients: CLIENTS.filter(({ file }) => exists(copyOf(file(folders)))).map(({ title }) => title),
  };
}
