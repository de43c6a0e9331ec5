import { type HostEnvironment, socketPath } from "../platform/paths.ts";
import { sendRequest } from "../protocol/client.ts";
import type { Response } from "../protocol/response.ts";
import { loginOf } from "../run/login.ts";
import { visibleProse } from "../view/visible.ts";
import { answerExitCode, EXIT_FAILED, printAnswer } from "./answer.ts";
import { errorMessage, fail, startAs } from "./fail.ts";

/** Where the original sudo-proxy has the rule as well. */
const RULE = "/etc/polkit-1/rules.d/50-pkexec-cache.rules";

/**
 * `sudo-proxy pkexec-cache`: shows, writes or removes the rule that makes polkit remember. Only root
 * can look into the folder of the rules, so each of these is a request to the daemon: the person
 * reads there what is written, and decides.
 */
export async function pkexecCacheCommand(
  options: { readonly socket?: string; readonly create?: true; readonly delete?: true },
): Promise<void> {
  const env = startAs("pkexec-cache", options.socket, EXIT_FAILED);
  const rule = ruleFor(env);
  const ask = async (reason: string, argv: readonly string[], stdin?: string) => {
    console.error("sudo-proxy: waiting for the person at the sudo-proxy terminal");
    try {
      return await sendRequest({
        pipeline: [argv],
        cwd: "/",
        session: "sudo-proxy pkexec-cache",
        reason,
        stdin: stdin === undefined ? undefined : new TextEncoder().encode(stdin),
      }, { socketPath: options.socket ?? socketPath(env) });
    } catch (error) {
      fail(visibleProse(errorMessage(error)), EXIT_FAILED);
    }
  };
  if (options.create) {
    console.log(`${RULE}:\n\n${rule}`);
    const reason = "let polkit remember the password of pkexec for about 5 minutes";
    // tee(1) would leave it to the daemon's umask whether polkitd can read it.
    end(await ask(reason, ["install", "-m", "644", "/dev/stdin", RULE], rule));
    return console.log(
      "The rule is installed. polkit remembers you for about 5 minutes after each password, for " +
        "every program that you or your agents start through pkexec in an active local session.",
    );
  }
  const found = await ask("see whether polkit has the rule of pkexec-cache", ["cat", RULE]);
  if (found.status !== "ok") return end(found);
  const isThere = found.stages?.[0]?.exit_code === 0;
  const text = new TextDecoder().decode(found.stdout);
  if (isThere) console.log(`${RULE}:\n\n${text.split("\n").map(visibleProse).join("\n")}`);
  if (options.delete) {
    if (!isThere) return console.log("The rule is not installed: there is nothing to remove.");
    const reason = "let polkit ask for the password of pkexec each time again";
    end(await ask(reason, ["rm", "--", RULE]));
    return console.log(
      "The rule is removed. What polkit remembers already, it may remember for up to 5 minutes more.",
    );
  }
  const isOurs = isThere && statements(text) === statements(rule);
  console.log(
    !isThere
      ? "The rule is not installed: polkit asks for each command, unless another rule says else."
      : isOurs
      ? "The rule is installed: polkit remembers you for about 5 minutes after each password."
      : "A file is there, and it is not the rule for you: --create replaces it.",
  );
  if (!isOurs) Deno.exit(1);
}

function ruleFor({ uid }: HostEnvironment): string {
  // The name must be the system's, whatever the environment says.
  const { user } = loginOf({ get: () => undefined, uid });
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

/** Prints a response, and ends the program if it does not stand for success. */
function end(response: Response): void {
  printAnswer(response);
  const code = answerExitCode(response);
  if (code !== 0) Deno.exit(code);
}
