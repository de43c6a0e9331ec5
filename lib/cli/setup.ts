import { registryPath } from "../remote/registry.ts";
import { folderOf, type Surroundings, surroundings } from "../paths.ts";
import { FIRST_GRANTS, grantsOf, missingFlags } from "../permissions.ts";
import { CLIENTS, isHere, type Places, placesOf } from "../setup/clients.ts";
import { commandWords } from "../setup/commands.ts";
import { ENTRY_NAME, withEntry } from "../setup/config_text.ts";
import { difference, type DifferenceLine, withCounts } from "../setup/difference.ts";
import { commandFolder } from "../installed.ts";
import { type Change, type Plan, planSetup, planUndo } from "../setup/plan.ts";
import { clientEntry, type ServerWishes, serverWords, stableDeno } from "../setup/server_entry.ts";
import { layOut, setupSummary } from "../setup/summary.ts";
import { shellWord } from "../start.ts";
import { paintLine, paintOf, span, type Style } from "../terminal/paint.ts";
import { wrapForTerminal } from "../wrap_words.ts";
import { errorMessage, fail, requireGrants, withoutControls } from "./fail.ts";
import { ownCodeFault } from "./own_code.ts";

/** Prints a line. */
type Say = (text: string, style?: Style) => void;

/** What the command line says. */
export interface SetupOptions {
  /** The clients to set up; those that are found if left out. */
  readonly client?: readonly string[];
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

const NAMES = CLIENTS.map(({ name }) => name).join(", ");

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
  const named = CLIENTS.filter(({ name }) => options.client?.includes(name));
  const unknown = options.client?.filter((name) => !CLIENTS.some((known) => known.name === name)) ??
    [];
  const wishes = { opensTerminals: options.terminal };
  if (options.print) return print(here, places, options.client ?? [CLIENTS[0].name], wishes);
  requireOwnGrants(here, places);
  const fault = options.undo ? undefined : await ownCodeFault(here.uid);
  if (fault !== undefined) fail(`Cannot set up: ${fault}`);
  const clients = options.client ? named : CLIENTS.filter((client) => isHere(client, places));
  const request = { here, places, clients, wishes, withCommands: options.client === undefined };
  // What can't be granted, such as a path with a comma, can't be installed either.
  const server = serverWords(here, places, wishes);
  const plan = options.undo ? planUndo(request) : planSetup(request);
  const paint = Deno.stdout.isTerminal() ? paintOf((name) => here.env(name)) : "plain";
  const say: Say = (text, style = "plain") => console.log(paintLine([span(text, style)], paint));
  if (!options.undo) {
    if (clients.length === 0 && unknown.length === 0) {
      wrapForTerminal(noClients()).split("\n").forEach((line) => say(line));
    }
    const summary = setupSummary(plan, clients, server, places.home);
    layOut(summary, columns()).forEach((line) => say(line));
  }
  for (const fault of plan.faults) say(`Left alone: ${fault}`, "warning");
  if (!options.undo) {
    const notes = hints(here, places).map((text) => ({ label: "Note", text }));
    layOut(notes, columns()).forEach((line) => say(line, "warning"));
    if (plan.changes.length > 0) await loadServer();
  }
  if (!options.undo && (clients.length === 0 || unknown.length > 0)) {
    if (unknown.length > 0) say(`Setup does not know ${unknown.join(", ")}. It knows ${NAMES}.`);
    say("Paste this line where another client has its MCP servers:");
    say(pasteLine(places));
  }
  const isDone = await carryOut(plan, options, here, say);
  if (!isDone || (unknown.length > 0 && !options.undo)) Deno.exit(1);
}

/** The entry alone, in the form of one client. */
function print(
  here: Surroundings,
  places: Places,
  names: readonly string[],
  wishes: ServerWishes,
): void {
  if (names.length > 1) fail("Cannot print for several clients: give --client once with --print");
  requireGrants({ ...grantsOf("setup", here), write: [], env: [] });
  const client = CLIENTS.find(({ name }) => name === names[0]);
  if (client === undefined) return console.log(pasteLine(places));
  const entry = clientEntry(client, serverWords(here, places, wishes), undefined);
  console.log(withEntry("", client, entry).trimEnd());
}

/** The entry for a client that is not known: it starts the installed command. */
function pasteLine({ home }: Places): string {
  const command = `${commandFolder(home)}/sudo-proxy-mcp`;
  return JSON.stringify({ mcpServers: { [ENTRY_NAME]: { command, args: [] } } });
}

/** Asks once, and makes the changes; false where something had to be left alone. */
async function carryOut(
  plan: Plan,
  options: SetupOptions,
  here: Surroundings,
  say: Say,
): Promise<boolean> {
  const { changes, faults } = plan;
  if (changes.length === 0) {
    if (faults.length === 0) say("Nothing to change.");
    return faults.length === 0;
  }
  const showAll = () => changes.forEach((change) => show(change, say));
  if (!options.yes) {
    if (!Deno.stdin.isTerminal()) {
      showAll();
      fail("Nothing was changed: there is no terminal to ask at. --yes makes these changes");
    }
    if (!await agreed(changes, showAll)) {
      say("Nothing was changed.", "muted");
      return faults.length === 0;
    }
  }
  let isDone = faults.length === 0;
  let isWritten = false;
  for (const change of changes) {
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
  if (isWritten) say("Start your MCP client again, so that it reads its configuration.");
  return isDone;
}

function show(change: Change, say: Say): void {
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
    say(sign + withoutControls(withCounts(text).replaceAll("\t", "    ")), style);
  }
}

/** The person sees every line of the difference on `d`, and is asked again. */
async function agreed(changes: readonly Change[], showAll: () => void): Promise<boolean> {
  const { expand } = await import("@inquirer/prompts");
  const goes = changes.filter(({ after }) => after === undefined).length;
  const count = (number: number) => `${number} ${number === 1 ? "file" : "files"}`;
  const message = [
    ...(goes < changes.length ? [`Write ${count(changes.length - goes)}`] : []),
    ...(goes > 0 ? [`Remove ${count(goes)}`] : []),
  ].join(", ");
  try {
    while (true) {
      const answer = await expand({
        message: `${message}? (d shows every line)`,
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

function columns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    // The output is no terminal: nothing is wrapped.
    return Infinity;
  }
}

/** The installed command, and a daemon, can't write configuration: only this start of setup can. */
function requireOwnGrants(here: Surroundings, places: Places): void {
  if (missingFlags(grantsOf("setup", here)).length === 0) return;
  const words = [
    ...commandWords(stableDeno(places), "setup"),
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
  return `No MCP client was found (${titles}).`;
}

function hints(here: Surroundings, places: Places): string[] {
  const folder = commandFolder(places.home);
  const isInPath = (here.env("PATH") ?? "").split(":").includes(folder);
  return [
    ...(isInPath
      ? []
      : [`${folder} is not in your PATH: start the commands by their path, or add it.`]),
    ...(/\/_npx\//.test(stableDeno(places))
      ? [
        "Deno runs from a cache of npx, which npm may empty. Install it " +
        "(npm install -g deno@2.9), and run setup again.",
      ]
      : []),
  ];
}
