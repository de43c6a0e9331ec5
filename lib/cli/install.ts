import { createHash } from "node:crypto";
import { FIRST_GRANTS } from "../platform/grants.ts";
import { systemProgram } from "../platform/paths.ts";
import { wrapForTerminal } from "../platform/wrap_words.ts";
import { VERSION } from "../protocol/version.ts";
import { askHost, readConfiguration } from "../remote/facts.ts";
import { failureIn } from "../remote/diagnosis.ts";
import { ownIdentity } from "../remote/identity.ts";
import { installStep, machineOf, parseTarget, systemFault } from "../remote/install.ts";
import { destinationOf, isThisMachine } from "../remote/names.ts";
import { sshStarter, type StartSsh } from "../remote/process.ts";
import { installCommand as remoteInstall, TARGET_COMMAND } from "../remote/remote_shell.ts";
import { type Connection, questionArguments } from "../remote/ssh.ts";
import { visibleProse } from "../view/visible.ts";
import { fail, requireGrants, startAs } from "./fail.ts";
import { failureReport } from "./host_messages.ts";
import { type Binary, installExit, installQuestion, STEPS, TEXTS } from "./install_messages.ts";
import { readLine } from "./keeper.ts";
import { writableFault } from "./own_code.ts";

/** What the command line says. */
export interface InstallOptions extends Pick<Connection, "acceptNewHostKey"> {
  /** The file to install; this program if it is left out. */
  readonly binary?: string;
  /** The account there. */
  readonly login?: string;
  /** Whether nothing is asked. */
  readonly yes?: true;
}

/** `sudo-proxy install`: puts this program, or another file, into `~/.local/bin` on a host. */
export async function installCommand(host: string, options: InstallOptions): Promise<void> {
  const destination = destinationOf(host, options.login);
  if (typeof destination === "string") fail(TEXTS.badName(visibleProse(host), destination));
  requireGrants(FIRST_GRANTS);
  const path = options.binary ?? (Deno.build.standalone ? Deno.execPath() : undefined);
  if (path === undefined) fail(TEXTS.noBinary(host));
  const env = startAs("install", options.binary);
  if (destination.user === undefined && isThisMachine(destination.address, Deno.hostname())) {
    fail(TEXTS.thisMachine(host));
  }
  if (!options.yes && !Deno.stdin.isTerminal()) fail(TEXTS.noTerminal);
  const binary = readBinary(path, env.uid);
  const start = sshStarter(env, systemProgram("ssh") ?? fail(TEXTS.noSsh));
  const configuration = await readConfiguration(start, destination);
  const connection = { ...options, host, destination, configuration };
  const question = { command: TARGET_COMMAND, parse: parseTarget };
  const learned = await askHost(start, connection, question, printSsh);
  if ("failure" in learned) {
    failWith(failureReport(learned.failure, connection, learned.stderr));
  }
  if ("fault" in learned) fail(TEXTS.badFacts(host, learned.fault));
  const target = learned.facts;
  const own = await ownIdentity(env.uid, Deno.hostname());
  if (own !== undefined && target.identity === own) fail(TEXTS.thisMachine(host));
  const fault = systemFault(target, binary.machine);
  if (fault !== undefined) fail(TEXTS.wrongSystem(host, fault));
  const step = installStep(target, VERSION);
  if (step === "elsewhere") fail(TEXTS.elsewhere(host, target));
  console.log(wrapForTerminal(STEPS[step](host, target), Deno.stdout));
  if (step === "same" || step === "newer") return;
  console.log(TEXTS.plan(host, binary, target));
  if (!options.yes && !/^y(?:es)?$/i.test(await readLine(installQuestion(step)))) {
    fail(TEXTS.declined(host));
  }
  await copy(start, connection, binary);
  console.log(wrapForTerminal(TEXTS.done(host, target), Deno.stdout));
}

/**
 * Looks at the file that is to be installed; anyone who could change it could run commands there.
 */
function readBinary(path: string, uid: number): Binary {
  try {
    using file = Deno.openSync(path);
    const fault = writableFault(path, file.statSync(), uid);
    if (fault !== undefined) fail(TEXTS.badBinary(fault));
    const hash = createHash("sha256");
    const buffer = new Uint8Array(1024 * 1024);
    let [size, machine]: [number, string | undefined] = [0, undefined];
    for (let count = file.readSync(buffer); count !== null; count = file.readSync(buffer)) {
      if (size === 0) machine = machineOf(buffer.subarray(0, count));
      hash.update(buffer.subarray(0, count));
      size += count;
    }
    if (machine === undefined) fail(TEXTS.badBinary(TEXTS.noProgram(path)));
    return { path, size, machine, sha256: hash.digest("hex") };
  } catch (error) {
    fail(TEXTS.unreadable(path, error));
  }
}

/** Copies the file; the host installs it only if it arrived unchanged. */
async function copy(start: StartSsh, connection: Connection, binary: Binary): Promise<void> {
  const args = questionArguments(connection, remoteInstall(binary.sha256, VERSION));
  const file = await Deno.open(binary.path);
  const { code, signal, stderr } = await start(args, "none", printSsh, file.readable).ended;
  if (code === 0) return;
  const isConnection = code === 255 || signal !== null;
  failWith(
    isConnection
      ? failureReport(failureIn(stderr), connection, stderr)
      : [installExit(code, connection.host, binary)],
  );
}

function failWith(lines: readonly string[]): never {
  fail(lines.join("\n"));
}

function printSsh(line: string): void {
  console.error(`ssh: ${visibleProse(line)}`);
}
