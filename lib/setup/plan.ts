/**
 * What setup would change, found out before anything is asked or written.
 *
 * @module
 */
import { folderOf, type Surroundings } from "../paths.ts";
import { isHere, type McpClient, type Places } from "./clients.ts";
import { commandScript } from "./commands.ts";
import {
  type Entry,
  entryIn,
  hasServers,
  withEntry,
  withoutEmptyServers,
  withoutEntry,
} from "./config_text.ts";
import { COMMANDS, copyOf } from "./files.ts";
import { commandFolder, isSetupScript } from "../installed.ts";
import { type OwnFile, readOwnFile, removeFile, replaceFile, writeNew } from "./own_file.ts";
import { clientEntry, type ServerWishes, serverWords } from "./server_entry.ts";

/** A file that would change. */
export interface Change {
  /** What it is, for people. */
  readonly title: string;
  /** The file. */
  readonly path: string;
  /** Its contents now; `undefined` where there is none. */
  readonly before: string | undefined;
  /** Its contents afterwards; `undefined` where it would go. */
  readonly after: string | undefined;
  /** Does it. */
  readonly apply: () => void;
}

/** What setup found. */
export interface Plan {
  /** What would change. */
  readonly changes: readonly Change[];
  /** What is as it should be, for people. */
  readonly unchanged: readonly string[];
  /** What can't be changed and is left alone, as sentences. */
  readonly faults: readonly string[];
}

/** Whose files are to change, and to what. */
export interface PlanRequest {
  /** The surroundings. */
  readonly here: Surroundings;
  /** Where the user's files are. */
  readonly places: Places;
  /** The clients whose configuration is to change. */
  readonly clients: readonly McpClient[];
  /** What the MCP server is to be able to do. */
  readonly wishes: ServerWishes;
  /** Whether the commands go, too, where setup is undone. */
  readonly withCommands: boolean;
}

/** Whether the copy of a file is made before it changes, or goes after that. */
type Copying = "keep" | "drop";

const CONFIG_MODE = 0o600;
const COMMAND_MODE = 0o755;

/**
 * Finds out what setup has to do.
 *
 * @param request Whose files are to change, and to what.
 * @returns The changes; none where everything is there.
 */
export function planSetup(request: PlanRequest): Plan {
  const { here, places, clients, wishes } = request;
  const server = serverWords(here, places, wishes);
  const folder = commandFolder(places.home);
  const isInstalled = Deno.build.standalone && folderOf(Deno.execPath()) === folder;
  return collect([
    ...(isInstalled ? [] : COMMANDS).map((name) => () =>
      commandChange(`the command ${name}`, `${folder}/${name}`, here.uid, (old) => {
        if (old !== undefined && !isSetupScript(old)) {
          throw new Error("was not written by setup, and is left alone: move it away");
        }
        return commandScript(name, places, server);
      })
    ),
    ...clients.map((client) => () =>
      clientChange(client, request, "keep", (file) => {
        if (file.text === undefined && readCopy(file, here.uid)?.before !== undefined) {
          throw new Error(`is gone, and ${copyOf(file.path)} is what it was: move that away`);
        }
        const text = file.text ?? "";
        return withEntry(text, client, clientEntry(client, server, entryIn(text, client)));
      })
    ),
  ]);
}

/**
 * Finds out how what setup has done can be undone. A file that has changed only by setup gets its
 * old bytes back; from any other, only the entry goes.
 *
 * @param request Whose files are to change.
 * @returns The changes; none where nothing is left of setup.
 */
export function planUndo(request: PlanRequest): Plan {
  const { here, places, clients } = request;
  const folder = commandFolder(places.home);
  return collect([
    ...(request.withCommands ? COMMANDS : []).map((name) => () =>
      commandChange(`the command ${name}`, `${folder}/${name}`, here.uid, (old) => {
        return old === undefined || isSetupScript(old) ? undefined : old;
      })
    ),
    ...clients.map((client) => () =>
      clientChange(client, request, "drop", (file) => {
        const copy = readCopy(file, here.uid);
        return file.text === undefined ? undefined : withoutOurs(client, file.text, copy);
      })
    ),
  ]);
}

function collect(steps: readonly (() => Change | string)[]): Plan {
  const changes: Change[] = [];
  const unchanged: string[] = [];
  const faults: string[] = [];
  for (const step of steps) {
    try {
      const result = step();
      if (typeof result === "string") unchanged.push(result);
      else changes.push(result);
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { changes, unchanged, faults };
}

function commandChange(
  title: string,
  path: string,
  uid: number,
  next: (old: string | undefined) => string | undefined,
): Change | string {
  return about(path, () => {
    const folder = folderOf(path);
    const file = readOwnFile(path, uid);
    const after = next(file.text);
    const hasMode = file.mode === undefined || file.mode === COMMAND_MODE;
    if (after === file.text && hasMode) return `${title}: ${path}`;
    return {
      title,
      path,
      before: file.text,
      after,
      apply: () =>
        about(path, () => {
          if (after === undefined) return removeFile(file);
          if (isMissing(folder)) Deno.mkdirSync(folder, { recursive: true });
          replaceFile({ ...file, mode: COMMAND_MODE }, after, COMMAND_MODE);
        }),
    };
  });
}

function clientChange(
  client: McpClient,
  { here, places }: PlanRequest,
  copying: Copying,
  next: (file: OwnFile) => string | undefined,
): Change | string {
  const path = client.file(places);
  return about(path, () => {
    if (!isHere(client, places)) {
      throw new Error(`does not exist, and neither does its folder: start ${client.title} once`);
    }
    const file = readOwnFile(path, here.uid);
    const after = next(file);
    if (after === file.text) return `${client.title}: ${path}`;
    return {
      title: client.title,
      path,
      before: file.text,
      after,
      apply: () =>
        about(path, () => {
          if (copying === "keep") keepCopy(file, client, here.uid);
          if (after === undefined) removeFile(file);
          else replaceFile(file, after, CONFIG_MODE);
          if (copying === "drop") removeCopy(file, here.uid);
        }),
    };
  });
}

/** A file as it was before setup changed it for the first time. */
interface Copy {
  /** Its contents; `undefined` where there was none. */
  readonly before: string | undefined;
}

/** What stands in the copy of a file that setup made. */
const NO_FILE = "Before sudo-proxy setup there was no such file.\n";

/** The copy is there as long as an entry of ours is. */
function keepCopy(file: OwnFile, client: McpClient, uid: number): void {
  const isFirst = readCopy(file, uid) === undefined ||
    entryIn(file.text ?? "", client) === undefined;
  if (isFirst) writeNew(copyOf(file.path), file.text ?? NO_FILE, file.mode ?? CONFIG_MODE);
}

function removeCopy(file: OwnFile, uid: number): void {
  if (readCopy(file, uid) !== undefined) Deno.removeSync(copyOf(file.path));
}

function readCopy(file: OwnFile, uid: number): Copy | undefined {
  const { text } = readOwnFile(copyOf(file.path), uid);
  return text === undefined ? undefined : { before: text === NO_FILE ? undefined : text };
}

/** The text as it would be if setup had never run; `undefined` for no file. */
function withoutOurs(
  client: McpClient,
  text: string,
  copy: Copy | undefined,
): string | undefined {
  const entry = entryIn(text, client);
  if (entry === undefined) return text;
  const without = withoutEntry(text, client);
  // By whose hand the entry came is not known: it goes, and nothing else.
  if (copy === undefined) return without;
  const { before } = copy;
  const again = withEntry(before ?? "", client, entry);
  if (withoutEntry(again, client) === without) return before;
  const old: Entry | undefined = entryIn(before ?? "", client);
  if (old !== undefined) return withEntry(text, client, old);
  return hasServers(before ?? "", client) ? without : withoutEmptyServers(without, client);
}

/** Names the file in the words of whatever goes wrong with it. */
function about<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new Error(`${path} ${error instanceof Error ? error.message : error}`);
  }
}

function isMissing(folder: string): boolean {
  try {
    Deno.statSync(folder);
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    throw error;
  }
}
