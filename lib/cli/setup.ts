import { dirname } from "node:path";
import { hostFault } from "../remote/names.ts";
import { registryPath } from "../remote/registry.ts";
import { folderOf, type Surroundings, surroundings } from "../paths.ts";
import { FIRST_GRANTS, grantsOf, missingFlags } from "../permissions.ts";
import { shellWord } from "../mcp/launch.ts";
import { CLIENTS, isHere, type McpClient, type Places, placesOf } from "../setup/clients.ts";
import { taskWords } from "../setup/commands.ts";
import { ENTRY_NAME } from "../setup/config_text.ts";
import { difference, type DifferenceLine } from "../setup/difference.ts";
import { commandFolder } from "../setup/files.ts";
import { type Change, type Plan, planSetup, planUndo } from "../setup/plan.ts";
import { clientEntry, type ServerWishes, serverWords, stableDeno } from "../setup/server_entry.ts";
import { paintLine, span, type Style } from "../terminal/paint.ts";
import { errorMessage, fail, requireGrants, withoutControls } from "./fail.ts";

/** What the command line says. */
export interface SetupOptions {
  /** The clients to set up; those that are found if left out. */
  readonly client?: readonly string[];
  /** Hosts whose tunnels the MCP server may use. */
  readonly host?: readonly string[];
  /** False where the MCP server is to open no terminal. */
  readonly terminal: boolean;
  /** Whether the entry is printed, and nothing else is done. */
  readonly print?: true;
  /** Whether everything is done without a question. */
  readonly yes?: true;
  /** Whether what setup did is undone. */
  readonly undo?: true;
}

const STYLES: Readonly<Record<DifferenceLine["kind"], readonly [string, Style]>> = {
  added: ["+ ", "good"],
  removed: ["- ", "bad"],
  same: ["  ", "plain"],
  place: ["@ ", "muted"],
};

/**
 * `sudo-proxy setup`: installs the commands, and tells MCP clients of the server.
 *
 * @param options What the command line says.
 */
export async function setupCommand(options: SetupOptions): Promise<void> {
  requireGrants(FIRST_GRANTS);
  const here = surroundings();
  const places = placesOf(here);
  if (places === undefined) {
    fail("Cannot find your files: HOME must be set, to an absolute path other than /");
  }
  const hosts = options.host ?? [];
  for (const host of hosts) {
    const fault = hostFault(host);
    if (fault !== undefined) fail(`Cannot use --host "${host}": it ${fault}`);
  }
  const named = CLIENTS.filter(({ name }) => options.client?.includes(name));
  const wishes = { hosts, opensTerminals: options.terminal };
  if (options.print) return print(here, places, named, wishes);
  requireOwnGrants(here, places);
  const clients = named.length > 0 ? named : CLIENTS.filter((client) => isHere(client, places));
  const request = { here, places, clients, wishes, withCommands: named.length === 0 };
  // What can't be granted, such as a path with a comma, can't be installed either.
  serverWords(here, places, wishes);
  const plan = options.undo ? planUndo(request) : planSetup(request);
  if (clients.length === 0) console.log(noClients());
  if (!options.undo && plan.changes.length > 0) await loadServer();
  const isDone = await carryOut(plan, options, here);
  if (!options.undo) printHints(here, places);
  if (!isDone) Deno.exit(1);
}

/** The entry alone, as JSON, in the form of one client. */
function print(
  here: Surroundings,
  places: Places,
  named: readonly McpClient[],
  wishes: ServerWishes,
): void {
  if (named.length > 1) fail("Cannot print for several clients: give --client once with --print");
  requireGrants({ ...grantsOf("setup", here), write: [], env: [] });
  const [client = CLIENTS[0]] = named;
  const entry = clientEntry(client, serverWords(here, places, wishes), undefined);
  console.log(JSON.stringify({ [client.servers]: { [ENTRY_NAME]: entry } }, null, 2));
}

/** Shows each change, asks, and makes it; false where something had to be left alone. */
async function carryOut(
  plan: Plan,
  options: SetupOptions,
  here: Surroundings,
): Promise<boolean> {
  const colours = !here.env("NO_COLOR") && Deno.stdout.isTerminal();
  const say = (text: string, style: Style = "plain") =>
    console.log(paintLine([span(text, style)], colours));
  for (const what of plan.unchanged) say(`Nothing to change for ${what}`, "muted");
  for (const fault of plan.faults) say(`Left alone: ${fault}`, "warning");
  if (plan.changes.length === 0) {
    if (plan.faults.length === 0) say("Nothing to change.");
    return plan.faults.length === 0;
  }
  if (!options.yes && !Deno.stdin.isTerminal()) {
    plan.changes.forEach((change) => show(change, say));
    fail("Nothing was changed: there is no terminal to ask at. --yes makes these changes");
  }
  let isDone = plan.faults.length === 0;
  let isWritten = false;
  for (const change of plan.changes) {
    show(change, say);
    if (!options.yes && !await agreed(change)) {
      say(`Left as it is: ${change.path}`, "muted");
      continue;
    }
    try {
      change.apply();
      if (!options.undo) makeRegistryFolder(here);
      isWritten = true;
      say(`${change.after === undefined ? "Removed" : "Written"}: ${change.path}`, "good");
    } catch (error) {
      isDone = false;
      say(`Left alone: ${errorMessage(error)}`, "warning");
    }
  }
  if (isWritten) {
    say("");
    say("Start your MCP client again, so that it reads its configuration.");
  }
  return isDone;
}

function show(change: Change, say: (text: string, style?: Style) => void): void {
  const { title, path, before = "", after = "" } = change;
  const verb = change.before === undefined
    ? "new"
    : change.after === undefined
    ? "goes"
    : "changes";
  say("");
  say(`${title}: ${path} (${verb})`, "strong");
  for (const { kind, text } of difference(before, after)) {
    const [sign, style] = STYLES[kind];
    // A file may hold what turns or hides text on a terminal.
    say(sign + withoutControls(text.replaceAll("\t", "    ")), style);
  }
}

async function agreed({ path, after }: Change): Promise<boolean> {
  const { confirm } = await import("@inquirer/prompts");
  try {
    return await confirm({
      message: after === undefined ? `Remove ${path}?` : `Write ${path}?`,
      default: false,
    });
  } catch (error) {
    // Ctrl+C, or the end of standard input.
    if (error instanceof Error && error.name === "ExitPromptError") {
      fail("Ended. What was not written yet stays as it is");
    }
    throw error;
  }
}

/** The installed command, and a daemon, can't write configuration: only this start of setup can. */
function requireOwnGrants(here: Surroundings, places: Places): void {
  if (missingFlags(grantsOf("setup", here)).length === 0) return;
  const words = [
    ...taskWords(stableDeno(places), "setup"),
    ...Deno.args.slice(Deno.args.indexOf("setup") + 1),
  ];
  fail(
    `Setup has permissions of its own, which this start of sudo-proxy does not have. Run:\n  ${
      words.map(shellWord).join(" ")
    }`,
  );
}

/** The server may change the registry, and may not make its folder: it would have all that is in it. */
function makeRegistryFolder(here: Surroundings): void {
  const registry = registryPath(here);
  if (registry === undefined) return;
  try {
    Deno.statSync(folderOf(registry));
  } catch {
    Deno.mkdirSync(folderOf(registry), { mode: 0o700, recursive: true });
  }
}

/** Loads all that the server is made of, so that a client's first start waits for no download. */
async function loadServer(): Promise<void> {
  try {
    await import("../mcp/connection.ts");
  } catch (error) {
    fail(`The MCP server can't be loaded: ${errorMessage(error)}`);
  }
}

function noClients(): string {
  const titles = CLIENTS.map(({ title }) => title).join(", ");
  return `No MCP client was found (${titles}). For another one, --print shows the entry.`;
}

function printHints(here: Surroundings, places: Places): void {
  const folder = commandFolder(places.home);
  if (!(here.env("PATH") ?? "").split(":").includes(folder)) {
    console.log(`${folder} is not in your PATH: start the commands by their path, or add it.`);
  }
  const deno = stableDeno(places);
  if (/\/_npx\//.test(dirname(deno))) {
    console.log(
      "Deno runs from a cache of npm, which may be emptied. Install it " +
        "(npm install -g deno@2.9), and run setup again.",
    );
  }
}
