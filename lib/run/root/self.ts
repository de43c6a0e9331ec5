import { rootEnvironment } from "../environment.ts";
import type { Launchers } from "../programs.ts";
import { startDirectly } from "../unblock.ts";
import type { RootWay } from "./way.ts";

/**
 * The way of a daemon that is root itself: it asks nothing and remembers nothing.
 *
 * @param launchers Where the programs are.
 * @returns The way.
 */
export function selfWay(launchers: Launchers): RootWay {
  return {
    name: "root",
    can: () => Promise.resolve(true),
    authenticate: () => Promise.resolve("kept"),
    start: ({ program, args, env }) =>
      startDirectly(launchers, rootEnvironment(env), [program, ...args]),
    forget: () => {},
  };
}
