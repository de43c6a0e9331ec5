import { SYSTEM_ENVIRONMENT } from "../launch.ts";
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
export function selfWay(): RootWay {
  return {
    name: "root",
    // The account is root's.
    isSupervised: false,
    can: () => Promise.resolve(true),
    shares: () => Promise.resolve(false),
    authenticate: () => Promise.resolve("kept"),
    launch: ({ argv, env }) => ({ argv, env: { ...LOGIN, ...env }, place: "session" }),
    forget: () => {},
  };
}
