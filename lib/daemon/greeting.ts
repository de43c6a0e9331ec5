/**
 * What the daemon says of itself on its terminal: at the start, and of its socket.
 *
 * @module
 */
import type { EventOf } from "../session/state.ts";
import type { SocketStatus } from "./socket.ts";

/** Words for the person, and how they are meant. */
export type Said = Pick<EventOf<"said">, "text" | "tone">;

/** How the daemon was started, and what is there on this machine. */
export interface Facts {
  /** Where it listens. */
  readonly socket: string;
  /** The user. */
  readonly uid: number;
  /** What makes commands root; `undefined` if nothing does. */
  readonly root: "sudo" | "polkit" | "root" | undefined;
  /**
   * Whether it asks this user a question or nothing, or has nobody to ask, since the user is root.
   */
  readonly asks: "a question" | "nothing" | "nobody";
  /** Whether it asks for each command. */
  readonly asksEach: boolean;
  /** Whether a rule lets polkit remember the person. */
  readonly polkitRemembers: boolean;
  /** What could press keys here in place of the person. */
  readonly driver: string | undefined;
  /** Whether kill(1) is there. */
  readonly canKill: boolean;
  /** Whether root's commands may have input, and more than one stage. */
  readonly canFeedRoot: boolean;
  /** Whether commands begin with an empty signal mask, and no descriptors but their streams. */
  readonly canClean: boolean;
  /** Why there is no key `a`, although it was asked for. */
  readonly grantFault: string | undefined;
  /** Whether an option was given that has no effect any more. */
  readonly noConfirmUnprivileged: boolean;
}

/** Why a session grant would give root away; `undefined` if the key `a` may exist. */
export function grantFaultOf(
  root: Facts["root"],
  uid: number,
  asks: Facts["asks"],
): string | undefined {
  // polkit's memory may begin at any time, and counts for whatever this daemon or session starts.
  if (root === "polkit") return "polkit may remember you, and then every command could become root";
  if (uid === 0) return "you are root, so every command runs as root";
  return asks === "nothing"
    ? "sudo asks you nothing, so every command could become root"
    : undefined;
}

/** What the person reads when the daemon begins. */
export function greeting(facts: Facts): Said[] {
  const { root, uid, asks, asksEach, driver, grantFault } = facts;
  const isDriven = driver !== undefined;
  const canAsk = asks === "a question";
  const nothing = root === "polkit"
    ? "polkit asks you nothing"
    : "sudo asks you nothing (NOPASSWD)";
  const question = `${root} asks its question for each privileged command.`;
  const advice = root === "polkit"
    ? `Without the rule that makes polkit remember, it asks its question for each privileged command.`
    : `With --password each, ${question}`;
  const lines: readonly (readonly [isSo: boolean, tone: Said["tone"], text: string])[] = [
    [true, "strong", `sudo-proxy · waiting on ${facts.socket}`],
    [true, "muted", "Requests appear here; you approve or deny each with one key. q quits."],
    [
      root === undefined,
      "warning",
      "sudo is not installed: only unprivileged commands can run.",
    ],
    [
      root !== undefined && uid === 0,
      "warning",
      "You are root: no password is asked, your key is all there is.",
    ],
    [
      !facts.canKill,
      "warning",
      "kill is not installed (package procps): run limits and cancel can't end commands.",
    ],
    [
      !facts.canFeedRoot,
      "warning",
      "perl is not installed: commands for root can have no input, and one stage.",
    ],
    [
      !facts.canClean,
      "warning",
      "Neither perl nor python3 is installed: unprivileged commands may start with SIGUSR1 blocked, " +
      "and what one leaves in the background may hold up a pipeline.",
    ],
    [
      facts.noConfirmUnprivileged,
      "warning",
      "sudo-proxy: --no-confirm-unprivileged has no effect: use --unattended-eligible",
    ],
    [asks === "nothing", "warning", `${nothing}: your key is all there is.`],
    [isDriven, "warning", `Other programs of yours can press keys here (${driver}).`],
    [isDriven && !canAsk, "warning", "Run the model under an account of its own."],
    [isDriven && canAsk && !asksEach, "warning", advice],
    [canAsk && asksEach, "muted", isDriven ? `So ${question}` : question],
    [
      facts.polkitRemembers,
      "warning",
      "sudo-proxy: a rule lets polkit remember you for about 5 minutes, for every program: meanwhile " +
      "your key is all there is (sudo-proxy pkexec-cache)",
    ],
    [
      grantFault !== undefined,
      "warning",
      `sudo-proxy: --unattended-eligible has no effect: ${grantFault}`,
    ],
  ];
  return lines.filter(([isSo]) => isSo).map(([, tone, text]) => ({ tone, text }));
}

/** What the person reads when the socket's file is not what it was. */
export function socketLine(socket: string, status: SocketStatus): Said {
  switch (status.kind) {
    case "putBack":
      return { tone: "warning", text: `The socket ${socket} was removed: it is there again.` };
    case "kept":
      return { tone: "muted", text: `Clients reach this daemon again at ${socket}.` };
    case "lost":
      return { tone: "warning", text: `No client reaches this daemon: ${status.fault}.` };
  }
}
