import { socketPath, type Surroundings } from "../paths.ts";
import { sendRequest } from "../protocol/client.ts";
import type { Response } from "../protocol/response.ts";
import { loginOf } from "../run/login.ts";
import { visibleProse } from "../terminal/visible.ts";
import { answerExitCode, EXIT_FAILED, printAnswer } from "./answer.ts";
import { errorMessage, fail, startAs } from "./fail.ts";

/** Where the original sudo-proxy has the rule as well. */
const RULE = "/etc/polkit-1/rules.d/50-pkexec-cache.rules";

/**
 * `sudo-proxy pkexec-cache`: shows, writes or removes the rule that makes polkit remember. Only root
 * can look into the folder of the rules, so each of these is a request to the daemon: the person
 * reads there what is written, and decides.
 *
 * @param options What the command line says.
 */
export async function pkexecCacheCommand(
  options: { readonly socket?: string; readonly create?: true; readonly delete?: true },
): Promise<void> {
  const here = startAs("pkexec-cache", options.socket, EXIT_FAILED);
  const rule = ruleFor(here);
  const ask = async (reason: string, command: readonly string[], stdin?: string) => {
    console.error("sudo-proxy: waiting for the person at the sudo-proxy terminal");
    try {
      return await sendRequest({
        pipeline: [command],
        cwd: "/",
        session: "sudo-proxy pkexec-cache",
        reason,
        ...(stdin === undefined ? {} : { stdin: new TextEncoder().encode(stdin) }),
      }, { socketPath: options.socket ?? socketPath(here) });
    } catch (error) {
      fail(visibleProse(errorMessage(error)), EXIT_FAILED);
    }
  };
  if (options.create) {
    console.log(`${RULE}:\n\n${rule}`);
    const reason = "let polkit remember the password of pkexec for about 5 minutes";
    // tee(1) would leave it to the daemon's umask whether polkitd can read it.
    return end(
      await ask(reason, ["install", "-m", "644", "/dev/stdin", RULE], rule),
      "The rule is installed. polkit remembers you for about 5 minutes after each password, for " +
        "every program that you or your agents start through pkexec in an active local session.",
    );
  }
  const found = await ask("see whether polkit has the rule of pkexec-cache", ["cat", RULE]);
  const isThere = found.status === "ok" && found.stages?.[0]?.exit_code === 0;
  const text = new TextDecoder().decode(Uint8Array.fromBase64(found.stdout ?? ""));
  if (found.status !== "ok") return end(found, "");
  if (isThere) console.log(`${RULE}:\n\n${text.split("\n").map(visibleProse).join("\n")}`);
  if (options.delete) {
    if (!isThere) return console.log("The rule is not installed: there is nothing to remove.");
    const reason = "let polkit ask for the password of pkexec each time again";
    return end(
      await ask(reason, ["rm", "--", RULE]),
      "The rule is removed. What polkit remembers already, it may remember for up to 5 minutes more.",
    );
  }
  if (!isThere) {
    console.log(
      "The rule is not installed: polkit asks for each command, unless another rule says else.",
    );
    Deno.exit(1);
  }
  if (statements(text) !== statements(rule)) {
    console.log("A file is there, and it is not the rule for you: --create replaces it.");
    Deno.exit(1);
  }
  console.log(
    "The rule is installed: polkit remembers you for about 5 minutes after each password.",
  );
}

function ruleFor({ uid }: Surroundings): string {
  // The name must be the system's, whatever the environment says.
  const { user } = loginOf({ env: () => undefined, uid });
  if (!/^[A-Za-z_][\w.-]*\$?$/.test(user)) {
    fail(`Cannot write a rule for "${visibleProse(user)}": /etc/passwd must have a plain name`);
  }
  return `// Written by sudo-proxy pkexec-cache; sudo-proxy pkexec-cache --delete removes it.
// polkit remembers the password of pkexec for about 5 minutes: for every program, whoever of the
// processes of ${user} in an active local session starts it.
polkit.addRule(function(action, subject) {
    if (action.id == "org.freedesktop.policykit.exec" &&
        subject.user == "${user}" &&
        subject.active == true &&
        subject.local == true) {
        return polkit.Result.AUTH_ADMIN_KEEP;
    }
});
`;
}

/** A rule without comments, as any program may have written them. */
function statements(rule: string): string {
  return rule.split("\n").filter((line) => !line.startsWith("//")).join("\n").trim();
}

function end(response: Response, done: string): void {
  printAnswer(response);
  const code = answerExitCode(response);
  if (code !== 0) Deno.exit(code);
  console.log(done);
}
