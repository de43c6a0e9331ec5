import { grantsOf } from "../grants.ts";
import { FIRST_GRANTS, missingFlags } from "../platform/grants.ts";
import { type HostEnvironment, hostEnvironment } from "../platform/paths.ts";
import { shellWord } from "../platform/shell_word.ts";
import { terminalColumns, wrapWords } from "../platform/wrap_words.ts";
import { makeRegistryFolder, registryPath } from "../remote/registry_file.ts";
import { CLIENTS, isPresent, type UserFolders, userFoldersOf } from "../setup/clients.ts";
import { commandArgv } from "../setup/commands.ts";
import { withEntry } from "../setup/config_text.ts";
import { type Change, type Plan, planSetup, planUndo } from "../setup/plan.ts";
import { clientEntry, serverStart, stableDeno } from "../setup/server_entry.ts";
import {
  changeHeading,
  difference,
  type DifferenceLine,
  layOut,
  noClientsText,
  pasteLine,
  setupNotes,
  setupQuestion,
  setupSummary,
  unknownClientsText,
} from "../setup/text.ts";
import { IS_REMOTE } from "../start.ts";
import { paintLine, paintOf, span, type Style } from "../view/paint.ts";
import { errorMessage, fail, requireGrants, withoutControls } from "./fail.ts";
import { ownCodeFault } from "./own_code.ts";

/** Prints a line. */
type Say = (text: string, style?: Style) => void;

/** What the command line says. */
export interface SetupOptions {
  /** The clients to set up; those that are found if left out. */
  readonly client?: readonly string[];
  /** False if the MCP server is to open no terminal. */
  readonly terminal: boolean;
  /** Whether the entry is printed, and nothing else is done. */
  readonly print?: true;
  /** Whether everything is done without a question. */
  readonly yes?: true;
  /** Whether what setup did is undone. */
  readonly undo?: true;
}

const REMOTE_FAULT = "this sudo-proxy was loaded from a registry, and the commands that setup " +
  "installs start files of this machine. Run npx @tarides/sudo-proxy setup, or another way in docs/install.md";

const STYLES: Readonly<Record<DifferenceLine["kind"], readonly [string, Style]>> = {
  added: ["+ ", "good"],
  removed: ["- ", "bad"],
  same: ["  ", "plain"],
  position: ["@ ", "muted"],
};

/** `sudo-proxy setup`: installs the commands, and tells MCP clients of the server. */
export async function setupCommand(options: SetupOptions): Promise<void> {
  requireGrants(FIRST_GRANTS);
  const env = hostEnvironment();
  const folders = userFoldersOf(env);
  if (folders === undefined) {
    fail("Cannot find your files: HOME must be set, to an absolute path other than /");
  }
  const { client: names, terminal, undo: isUndo = false } = options;
  if (options.print) return print(env, folders, names ?? ["claude-code"], terminal);
  requireOwnGrants(env, folders);
  const fault = isUndo ? undefined : IS_REMOTE ? REMOTE_FAULT : await ownCodeFault(env.uid);
  if (fault !== undefined) fail(`Cannot set up: ${fault}`);
  const clients = CLIENTS.filter((client) =>
    names?.includes(client.name) ??
      isPresent(client, folders)
  );
  const unknown = (names ?? []).filter((name) => !CLIENTS.some((client) => client.name === name));
  // What can't be granted, such as a path with a comma, can't be installed either.
  const server = serverStart(env, folders, terminal);
  const request = { env, folders, clients };
  const plan = isUndo ? planUndo(request, names === undefined) : planSetup(request, server);
  const paint = Deno.stdout.isTerminal() ? paintOf(env.get) : "plain";
  const say: Say = (text, style = "plain") => console.log(paintLine([span(text, style)], paint));
  const columns = terminalColumns() ?? Infinity;
  if (!isUndo) {
    if (clients.length === 0 && unknown.length === 0) {
      wrapWords(noClientsText(), columns).split("\n").forEach((line) => say(line));
    }
    layOut(setupSummary(plan, clients, server, folders), columns).forEach((line) => say(line));
  }
  for (const fault of plan.faults) say(`Left alone: ${fault}`, "warning");
  if (!isUndo) {
    const notes = setupNotes(folders, env.get("PATH"));
    layOut(notes, columns).forEach((line) => say(line, "warning"));
    if (plan.changes.length > 0) await loadServer();
    if (unknown.length > 0) say(unknownClientsText(unknown));
    if (clients.length === 0 || unknown.length > 0) {
      say("Paste this line where another client has its MCP servers:");
      say(pasteLine(folders));
    }
  }
  const isDone = await carryOut(plan, options, say, async () => {
    // The server may change the registry but not make its folder: that grant would cover all of it.
    const registry = registryPath(env);
    if (!isUndo && registry !== undefined) await makeRegistryFolder(registry);
  });
  if (!isDone || (unknown.length > 0 && !isUndo)) Deno.exit(1);
}

/** The entry alone, in the form of one client. */
function print(
  env: HostEnvironment,
  folders: UserFolders,
  names: readonly string[],
  opensTerminals: boolean,
): void {
  if (names.length > 1) fail("Cannot print for several clients: give --client once with --print");
  requireGrants({ ...grantsOf("setup", env), write: [], env: [] });
  const client = CLIENTS.find(({ name }) => name === names[0]);
  if (client === undefined) return console.log(pasteLine(folders));
  const entry = clientEntry(client, serverStart(env, folders, opensTerminals), undefined);
  console.log(withEntry("", client, entry).trimEnd());
}

/** Asks once, and makes the changes; false if something had to be left alone. */
async function carryOut(
  { changes, faults }: Plan,
  options: SetupOptions,
  say: Say,
  afterEach: () => Promise<void>,
): Promise<boolean> {
  let isDone = faults.length === 0;
  if (changes.length === 0) {
    if (isDone) say("Nothing to change.");
    return isDone;
  }
  const showAll = () => changes.forEach((change) => show(change, say));
  if (!options.yes) {
    if (!Deno.stdin.isTerminal()) {
      showAll();
      fail("Nothing was changed: there is no terminal to ask at. --yes makes these changes");
    }
    if (!await agreed(setupQuestion(changes), showAll)) {
      say("Nothing was changed.", "muted");
      return isDone;
    }
  }
  let isWritten = false;
  for (const { apply, after, path } of changes) {
    try {
      apply();
      await afterEach();
      isWritten = true;
      say(`${after === undefined ? "Removed" : "Written"}: ${path}`, "good");
    } catch (error) {
      isDone = false;
      say(`Left alone: ${errorMessage(error)}`, "warning");
    }
  }
  if (isWritten) say("Start your MCP client again, so that it reads its configuration.");
  return isDone;
}

function show(change: Change, say: Say): void {
  say("");
  say(changeHeading(change), "strong");
  for (const { kind, text } of difference(change)) {
    const [sign, style] = STYLES[kind];
    // A file may hold what turns or hides text on a terminal.
    say(sign + withoutControls(text.replaceAll("\t", "    ")), style);
  }
}

/** The person sees every line of the difference on `d`, and is asked again. */
async function agreed(message: string, showAll: () => void): Promise<boolean> {
  const { expand } = await import("@inquirer/prompts");
  try {
    while (true) {
      const answer = await expand({
        message,
        default: "n",
        choices: [
          { key: "y", name: "Yes", value: "yes" },
          { key: "n", name: "No, change nothing", value: "no" },
          { key: "d", name: "Show every line that changes", value: "show" },
        ],
      });
      if (answer !== "show") return answer === "yes";
      showAll();
      console.log();
    }
  } catch (error) {
    // Ctrl+C, or the end of standard input.
    if (error instanceof Error && error.name === "ExitPromptError") {
      fail("Ended. Nothing was changed");
    }
    throw error;
  }
}

/** The installed command, and a daemon, can't write configuration: only this start of setup can. */
function requireOwnGrants(env: HostEnvironment, folders: UserFolders): void {
  if (missingFlags(grantsOf("setup", env)).length === 0) return;
  const args = Deno.args.slice(Deno.args.indexOf("setup") + 1);
  const argv = [...commandArgv(stableDeno(folders), "setup"), ...args];
  fail(
    "Setup has permissions of its own, which this start of sudo-proxy does not have. Run:\n  " +
      argv.map(shellWord).join(" "),
  );
}

/** Loads all that the server is made of, so that a client's first start waits for no download. */
async function loadServer(): Promise<void> {
  try {
    await import("../mcp/stdio.ts");
  } catch (error) {
    fail(`The MCP server can't be loaded: ${errorMessage(error)}`);
  }
}
