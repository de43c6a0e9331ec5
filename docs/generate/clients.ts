import { CLIENT_VARIABLES, CLIENTS, userFoldersOf } from "../../lib/setup/clients.ts";
import { table } from "./blocks.ts";

const HOME = "/home/anna";

/** The clients that setup knows, and the file of each. */
export function clientTable(): string {
  return table(
    ["`--client`", "client", "file", "the entry is in"],
    ...CLIENTS.map(({ name, title, file, servers }) => {
      const where = (env: Readonly<Record<string, string>>) => {
        const folders = userFoldersOf({ get: (name) => env[name], uid: 1000 });
        if (folders === undefined) throw new Error("The home must be an absolute path");
        return file(folders);
      };
      const usual = where({ HOME });
      const moved = CLIENT_VARIABLES.filter((variable) =>
        !["HOME", "XDG_CONFIG_HOME"].includes(variable) &&
        where({ HOME, [variable]: "/elsewhere" }) !== usual
      );
      const places = [usual.replace(HOME, "~"), ...moved.map((variable) => `$${variable}`)];
      return [
        `\`${name}\``,
        title,
        places.map((place) => `\`${place}\``).join(", or in "),
        `\`${servers}\``,
      ];
    }),
  );
}
