/**
 * Root through polkit (pkexec(1)). polkit asks for each start of a program, through an agent that is
 * registered for the process that starts pkexec. pkexec's own agent needs a login session, so
 * pkttyagent(1) asks, for this process alone and for no longer than the question takes.
 *
 * @module
 */
import { systemEnvironment } from "../environment.ts";
import { type Launchers, required } from "../programs.ts";
import { setNormalMode } from "../terminal_mode.ts";
import { startDirectly } from "../unblock.ts";
import type { Agent, RootOptions, RootWay } from "./way.ts";

/** What polkit is asked for (pkexec(1), "Required authorizations"). */
const ACTION = "org.freedesktop.policykit.exec";
/** How often it is looked whether a process has become root, in milliseconds. */
const LOOK_MS = 100;

/**
 * Root through polkit.
 *
 * @param launchers Where the programs are.
 * @param options In which language polkit asks.
 * @returns The way.
 * @throws {Error} If a program is missing; the message says what to install.
 */
export function pkexecWay(launchers: Launchers, { words }: RootOptions): RootWay {
  const pkexec = required("pkexec", "pkexec");
  const pkttyagent = required("pkttyagent", "polkitd");
  const env = required("env", "coreutils");
  const pkcheck = required("pkcheck", "polkitd");
  return {
    name: "polkit",
    async can(when) {
      const { code, stdout } = await output(launchers, polkitQuestion());
      return code === 0 && (when !== "afresh" || !stdout.includes("temporary_authorization_id"));
    },
    // It can only be asked for a command.
    authenticate: () => Promise.resolve("failed"),
    start({ program, args, env: variables }) {
      const assignments = variables.map(([name, value]) => `${name}=${value}`);
      if (assignments.length > 0 && program.includes("=")) {
        throw new Error(`env can't set variables for a program with "=" in its path: ${program}`);
      }
      return startDirectly(launchers, systemEnvironment(), [
        pkexec,
        // Without an agent it would ask with its own, or fail.
        "--disable-internal-agent",
        "--keep-cwd",
        ...(assignments.length > 0 ? [env, ...assignments] : []),
        program,
        ...args,
      ]);
    },
    openAgent: () => openAgent(launchers, pkttyagent, words),
    forget() {
      // Without a login session there is nothing that outlives this process.
      new Deno.Command(launchers.setsid, {
        args: [pkcheck, "--revoke-temp"],
        clearEnv: true,
        env: systemEnvironment(),
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).outputSync();
    },
  };
}

/**
 * Asks whether polkit would remember the person, or does: then one answer serves every program.
 *
 * @param launchers Where the programs are.
 * @returns Whether a rule says so for this process.
 */
export async function polkitRemembers(launchers: Launchers): Promise<boolean> {
  const { stdout } = await output(launchers, polkitQuestion());
  return /retains_authorization_after_challenge=1|temporary_authorization_id/.test(stdout);
}

function polkitQuestion(): string[] {
  return [required("pkcheck", "polkitd"), "--process", String(Deno.pid), "--action-id", ACTION];
}

/** pkttyagent closes its standard output once it is registered. */
async function openAgent(
  launchers: Launchers,
  pkttyagent: string,
  words: Readonly<Record<string, string>>,
): Promise<Agent> {
  const agent = new Deno.Command(pkttyagent, {
    args: ["--process", String(Deno.pid), "--notify-fd", "1"],
    clearEnv: true,
    env: { ...systemEnvironment(), ...words },
    stdin: "inherit",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
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
    await setNormalMode(launchers);
  };
  return {
    async passed(pid) {
      const { ps } = launchers;
      // Without ps, or where proc(5) hides others' processes, the terminal stays lent to the end.
      if (ps === undefined) return await new Promise<never>(() => {});
      while (closed === undefined) {
        const { stdout } = await output(launchers, [ps, "-o", "ruid=", "-p", `${pid}`]);
        if (stdout.trim() === "0") return;
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    close: () => closed ??= end(),
  };
}

async function output(
  { setsid }: Launchers,
  words: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string }> {
  const { code, stdout } = await new Deno.Command(setsid, {
    args: [...words],
    clearEnv: true,
    env: systemEnvironment(),
    stdin: "null",
    stderr: "null",
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout) };
}
