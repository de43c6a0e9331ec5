import { type Grants, newFolder, type Site } from "../platform/grants.ts";
import { commandFolder, COMMANDS } from "../platform/installed.ts";
import { CLIENT_VARIABLES, CLIENTS, type UserFolders, userFoldersOf } from "./clients.ts";
import { behindLinks, copyOf, newOf } from "./own_file.ts";

/** Where Deno keeps the packages, and whether the installed commands will be found. */
export const SETUP_VARIABLES: readonly string[] = [
  ...CLIENT_VARIABLES,
  "DENO_DIR",
  "XDG_CACHE_HOME",
  "PATH",
];

/** What the library that asks the questions reads: how to draw them. */
const QUESTION_VARIABLES = [
  "NODE_DISABLE_COLORS",
  "TF_BUILD",
  "CI",
  "TEAMCITY_VERSION",
  "TERM_PROGRAM",
  "COLORTERM",
  "INQUIRER_KEYBINDINGS",
  "CLI_WIDTH",
];

/** What the library that reads YAML looks at: whether to print what it reads. */
const YAML_VARIABLES = ["LOG_TOKENS", "LOG_STREAM"];

/** `sudo-proxy setup` looks at every folder on the way to a file before it trusts it. */
export function setupGrants({ env }: Site): Partial<Grants> {
  const folders = userFoldersOf(env);
  return {
    read: true,
    write: folders === undefined ? [] : filesOf(folders),
    env: [...SETUP_VARIABLES, ...QUESTION_VARIABLES, ...YAML_VARIABLES],
  };
}

/** The commands, and the copies that tell which clients were set up. */
export function setupReaderGrants({ env }: Site): Partial<Grants> {
  const folders = userFoldersOf(env);
  const read = folders === undefined ? [] : [
    ...COMMANDS.map((name) => `${commandFolder(folders.home)}/${name}`),
    ...CLIENTS.map(({ file }) => copyOf(file(folders))),
  ];
  return { read, env: [...CLIENT_VARIABLES, "PATH"] };
}

/** The commands and the configuration of every client, with their new versions and copies. */
function filesOf(folders: UserFolders): string[] {
  const folder = commandFolder(folders.home);
  return [
    ...newFolder(folder),
    ...COMMANDS.map((name) => `${folder}/${name}`).flatMap((path) => [path, newOf(path)]),
    ...CLIENTS.flatMap(({ file }) => {
      const path = file(folders);
      const target = behindLinks(path);
      return [target, newOf(target), copyOf(path)];
    }),
  ];
}
