/**
 * Root through polkit (pkexec(1)). polkit asks for each start of a program, through an agent that is
 * registered for the process that starts pkexec. pkexec's own agent needs a login session, so
 * pkttyagent(1) asks, for this process alone and for no longer than the question takes.
 *
 * @module
 */
import { pause } from "../../platform/deadline.ts";
import {
  type Argv,
  assignmentsOf,
  commandOf,
  outputOf,
  system,
  SYSTEM_ENVIRONMENT,
} from "../launch.ts";
import { type HelperPrograms, required } from "../programs.ts";
import { setNormalMode } from "../terminal_mode.ts";
import type { Agent, RootOptions, RootWay } from "./way.ts";

/** What polkit is asked for (pkexec(1), "Required authorizations"). */
const ACTION = "org.freedesktop.policykit.exec";
/** How often to look whether a process has become root, in milliseconds. */
const LOOK_MS = 100;

/**
 * Root through polkit.
 *
 * @throws {Error} If a program is missing; the message says what to install.
 */
export function pkexecWay(helpers: HelperPrograms, { locale }: RootOptions): RootWay {
  const pkexec = required("pkexec", "pkexec");
  const pkttyagent = required("pkttyagent", "polkitd");
  const env = required("env", "coreutils");
  const pkcheck = required("pkcheck", "polkitd");
  const check = async () => {
    const { success, stdout } = await checkExec(helpers);
    return { success, isRemembered: stdout.includes("temporary_authorization_id") };
  };
  return {
    name: "polkit",
    // It has to see that this process starts pkexec.
    isSupervised: false,
    async can(when) {
      const { success, isRemembered } = await check();
      return success && (when === "now" || !isRemembered);
    },
    async shares() {
      const { success, isRemembered } = await check();
      return success && isRemembered;
    },
    // It can only be asked for a command.
    authenticate: () => Promise.resolve("failed"),
    launch({ argv, env: variables }) {
      const assignments = assignmentsOf(variables);
      if (assignments.length > 0 && argv[0].includes("=")) {
        throw new Error(`env can't set variables for a program with "=" in its path: ${argv[0]}`);
      }
      // Without an agent, pkexec would ask with its own, or fail.
      const prefix: Argv = [pkexec, "--disable-internal-agent", "--keep-cwd"];
      const setter = assignments.length > 0 ? [env, ...assignments] : [];
      return { ...system(...prefix, ...setter, ...argv), place: "session" };
    },
    openAgent: () => openAgent(helpers, pkttyagent, locale),
    forget() {
      // Without a login session there is nothing that outlives this process.
      commandOf(system(helpers.setsid, pkcheck, "--revoke-temp")).outputSync();
    },
  };
}

/** Tells whether polkit remembers the person, or would: one answer then serves every program. */
export async function polkitRemembers(helpers: HelperPrograms): Promise<boolean> {
  const { stdout } = await checkExec(helpers);
  return /retains_authorization_after_challenge=1|temporary_authorization_id/.test(stdout);
}

function checkExec({ setsid }: HelperPrograms): ReturnType<typeof outputOf> {
  const pkcheck = required("pkcheck", "polkitd");
  return outputOf(setsid, pkcheck, "--process", String(Deno.pid), "--action-id", ACTION);
}

/** pkttyagent closes its standard output once it is registered. */
async function openAgent(
  helpers: HelperPrograms,
  pkttyagent: string,
  locale: RootOptions["locale"],
): Promise<Agent> {
  const agent = commandOf({
    argv: [pkttyagent, "--process", String(Deno.pid), "--notify-fd", "1"],
    env: { ...SYSTEM_ENVIRONMENT, ...locale },
  }, { stdin: "inherit", stdout: "piped", stderr: "inherit" }).spawn();
  await new Response(agent.stdout).bytes();
  let closed: Promise<void> | undefined;
  const end = async () => {
    try {
      agent.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    await agent.status;
    // It may have been asking, without echo.
    await setNormalMode(helpers);
  };
  return {
    async passed(pid) {
      const { ps, setsid } = helpers;
      // Without ps, or where proc(5) hides others' processes, the terminal stays lent to the end.
      if (ps === undefined) return await new Promise<never>(() => {});
      while (closed === undefined) {
        const { stdout } = await outputOf(setsid, ps, "-o", "ruid=", "-p", String(pid));
        if (stdout.trim() === "0") return;
        await pause(LOOK_MS);
      }
    },
    [Symbol.asyncDispose]: () => closed ??= end(),
  };
}
