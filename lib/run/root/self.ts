import { ownSession, SYSTEM_ENVIRONMENT } from "../launch.ts";
import type { Launchers } from "../programs.ts";
import type { RootWay } from "./way.ts";

/** What a login of root would have. */
const LOGIN = {
  ...SYSTEM_ENVIRONMENT,
  HOME: "/root",
  USER: "root",
  LOGNAME: "root",
  SHELL: "/bin/sh",
};

/** The way of a daemon that is root itself: it asks nothing and remembers nothing. */
export function selfWay(launchers: Launchers): RootWay {
  return {
    name: "root",
    can: () => Promise.resolve(true),
    shares: () => Promise.resolve(false),
    authenticate: () => Promise.resolve("kept"),
    launch: ({ argv, env }) => ownSession(launchers, { argv, env: { ...LOGIN, ...env } }),
    forget: () => {},
  };
}
