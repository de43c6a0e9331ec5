/**
 * What setup would change, found out before anything is asked or written.
 *
 * @module
 */
import { isMissing } from "../platform/exists.ts";
import { commandFolder, type CommandName, COMMANDS, isSetupScript } from "../platform/installed.ts";
import { messageOf } from "../platform/message_of.ts";
import type { HostEnvironment } from "../platform/paths.ts";
import { writeNew } from "../platform/replace_file.ts";
import { PROJECT } from "../start.ts";
import { isPresent, type McpClient, type UserFolders } from "./clients.ts";
import { commandScript } from "./commands.ts";
import {
  entryIn,
  hasServers,
  withEntry,
  withoutEmptyServers,
  withoutEntry,
} from "./config_text.ts";
import {
  behindLinks,
  copyOf,
  type OwnFile,
  readOwnFile,
  removeOwnFile,
  replaceOwnFile,
} from "./own_file.ts";
import { clientEntry, type StartSpec } from "./server_entry.ts";

/** A file that would change. */
export interface Change {
  /** What it is, for people. */
  readonly title: string;
  /** The file. */
  readonly path: string;
  /** Its contents now; `undefined` if there is none. */
  readonly before: string | undefined;
  /** Its contents afterwards; `undefined` if it would go. */
  readonly after: string | undefined;
  /** Makes the change. */
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

/** Whose files are to change. */
export interface PlanRequest {
  /** The environment of this process. */
  readonly env: HostEnvironment;
  /** Where the user's files are. */
  readonly folders: UserFolders;
  /** The clients whose configuration is to change. */
  readonly clients: readonly McpClient[];
}

const CONFIG_MODE = 0o600;
const COMMAND_MODE = 0o755;

/** Finds out what setup has to do, so that the clients start `server`. */
export function planSetup(request: PlanRequest, server: StartSpec): Plan {
  const { env: { uid }, folders, clients } = request;
  return collect([
    ...scriptsOf(folders).map((name) => () =>
      commandChange(name, request, (old) => {
        if (old === undefined || isSetupScript(old)) return commandScript(name, folders, server);
        throw new Error("was not written by setup, and is left alone: move it away");
      })
    ),
    ...clients.map((client) => () =>
      clientChange(client, request, (file) => {
        const before = copyText(file, uid);
        if (file.text === undefined && before !== undefined && before !== NO_FILE) {
          throw new Error(`is gone, and ${copyOf(file.path)} is what it was: move that away`);
        }
        const text = file.text ?? "";
        return withEntry(text, client, clientEntry(client, server, entryIn(text, client)));
      }, (file, after) => {
        keepCopy(file, client, uid);
        replaceOwnFile(file, after ?? "", CONFIG_MODE);
      })
    ),
  ]);
}

/**
 * Finds out how to undo what setup has done. A file that has changed only by setup gets its old
 * bytes back; from any other, only the entry goes. `withCommands` takes the commands away, too.
 */
export function planUndo(request: PlanRequest, withCommands: boolean): Plan {
  const { env: { uid }, folders, clients } = request;
  return collect([
    ...(withCommands ? scriptsOf(folders) : []).map((name) => () =>
      commandChange(
        name,
        request,
        (old) => old === undefined || isSetupScript(old) ? undefined : old,
      )
    ),
    ...clients.map((client) => () =>
      clientChange(client, request, (file) => {
        const copy = copyText(file, uid);
        return file.text === undefined ? undefined : withoutOurs(client, file.text, copy);
      }, (file, after) => {
        if (after === undefined) removeOwnFile(file);
        else replaceOwnFile(file, after, CONFIG_MODE);
        if (copyText(file, uid) !== undefined) Deno.removeSync(copyOf(file.path));
      })
    ),
  ]);
}

/** The commands that are scripts: all but those of this program itself, such as npm installs. */
function scriptsOf({ home }: UserFolders): readonly CommandName[] {
  return COMMANDS.filter((name) => {
    const own = Deno.build.standalone ? Deno.execPath() : `${PROJECT}bin/${name}`;
    return behindLinks(`${commandFolder(home)}/${name}`) !== own;
  });
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
      faults.push(messageOf(error));
    }
  }
  return { changes, unchanged, faults };
}

function commandChange(
  name: string,
  { env, folders }: PlanRequest,
  next: (old: string | undefined) => string | undefined,
): Change | string {
  const folder = commandFolder(folders.home);
  const path = `${folder}/${name}`;
  return about(path, () => {
    const file = readOwnFile(path, env.uid);
    const hasMode = file.mode === undefined || file.mode === COMMAND_MODE;
    const after = next(file.text);
    return changeOf(`the command ${name}`, file, after, after !== file.text || !hasMode, () => {
      if (after === undefined) return removeOwnFile(file);
      if (isMissing(folder)) Deno.mkdirSync(folder, { recursive: true });
      replaceOwnFile({ ...file, mode: COMMAND_MODE }, after, COMMAND_MODE);
    });
  });
}

function clientChange(
  client: McpClient,
  { env, folders }: PlanRequest,
  next: (file: OwnFile) => string | undefined,
  write: (file: OwnFile, after: string | undefined) => void,
): Change | string {
  const path = client.file(folders);
  return about(path, () => {
    if (!isPresent(client, folders)) {
      throw new Error(`does not exist, and neither does its folder: start ${client.title} once`);
    }
    const file = readOwnFile(path, env.uid);
    const after = next(file);
    return changeOf(client.title, file, after, after !== file.text, () => write(file, after));
  });
}

function changeOf(
  title: string,
  { path, text: before }: OwnFile,
  after: string | undefined,
  isChange: boolean,
  write: () => void,
): Change | string {
  if (!isChange) return `${title}: ${path}`;
  return { title, path, before, after, apply: () => about(path, write) };
}

/** What stands in the copy of a file that setup made. */
const NO_FILE = "Before sudo-proxy setup there was no such file.\n";

/** What a file was before setup changed it for the first time; `undefined` if there is no copy. */
function copyText({ path }: OwnFile, uid: number): string | undefined {
  return readOwnFile(copyOf(path), uid).text;
}

/** The copy is there as long as an entry of ours is. */
function keepCopy(file: OwnFile, client: McpClient, uid: number): void {
  const text = file.text ?? "";
  if (copyText(file, uid) !== undefined && entryIn(text, client) !== undefined) return;
  writeNew(copyOf(file.path), file.text ?? NO_FILE, file.mode ?? CONFIG_MODE);
}

/** The text as it would be if setup had never run; `undefined` for no file. */
function withoutOurs(
  client: McpClient,
  text: string,
  copy: string | undefined,
): string | undefined {
  const entry = entryIn(text, client);
  if (entry === undefined) return text;
  const without = withoutEntry(text, client);
  // It is not known who wrote the entry: it goes, and nothing else.
  if (copy === undefined) return without;
  const before = copy === NO_FILE ? "" : copy;
  if (withoutEntry(withEntry(before, client, entry), client) === without) {
    return copy === NO_FILE ? undefined : copy;
  }
  const old = entryIn(before, client);
  if (old !== undefined) return withEntry(text, client, old);
  return hasServers(before, client) ? without : withoutEmptyServers(without, client);
}

/** Adds the file's name to any error about it. */
function about<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new Error(`${path} ${messageOf(error)}`);
  }
}
