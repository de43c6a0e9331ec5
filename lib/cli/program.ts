import { Command, type CommandUnknownOpts, Help, Option } from "@commander-js/extra-typings";
import { terminalColumns, wrapForTerminal } from "../platform/wrap_words.ts";
import { PROMPT_TIMEOUT_MS } from "../protocol/limits.ts";
import { VERSION } from "../protocol/version.ts";
import { addSubcommands, refuseUnknown, socketOption, wholeNumber } from "./subcommands.ts";

/**
 * The options that the first page of help has; `sudo-proxy options` describes all of them. The
 * launcher of a tunnel looks for `--password` there (`remote/remote_shell.ts`).
 */
const FIRST_OPTIONS = ["--host", "--password", "--version", "--help"];

/** @internal Describes the command line, ready to parse. */
export function makeProgram(): Command {
  const program = makeCommands();
  program.command("complete")
    .summary("print a script that completes words in a shell")
    .description("print a script that makes a shell complete the words of this program")
    .argument("<shell>", "bash, zsh or fish")
    .allowExcessArguments()
    .action(async (shell) => (await import("./complete.ts")).completeCommand(shell, makeCommands));
  return program;
}

/** Describes the command line without its own completion. */
function makeCommands(): Command {
  const program = new Command("sudo-proxy")
    .description(
      "Shows commands that an AI model asks for, and runs those that you approve.\n" +
        "Without a command, it starts the daemon in this terminal.",
    )
    .version(VERSION)
    .helpCommand(true)
    .allowExcessArguments()
    .enablePositionalOptions()
    .showHelpAfterError("(sudo-proxy --help tells more)")
    .configureHelp({
      subcommandTerm: (command) =>
        command.parent?.parent === null ? command.name() : new Help().subcommandTerm(command),
      formatHelp,
    })
    .configureOutput({
      outputError: (text, write) => write(wrapForTerminal(text)),
      // Help has no colors. To ask the terminal, Deno would read variables that are not granted.
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .option(...socketOption)
    .option(
      "--prompt-timeout <seconds>",
      "how long a request waits for your key",
      wholeNumber(1, 86_400),
      PROMPT_TIMEOUT_MS / 1000,
    )
    .addOption(
      new Option(
        "--password <when>",
        "when sudo asks you",
      )
        .choices(["each", "cached"]),
    )
    .addOption(
      new Option("--pkexec", "become root through polkit, not sudo; not recommended")
        .conflicts("password"),
    )
    .addOption(
      new Option(
        "--notify <osc>",
        "tell the desktop that a request waits, by the terminal's OSC 9 or OSC 777",
      )
        .choices(["9", "777"]),
    )
    .addOption(
      new Option("--opened-by-agent", "say that the MCP server opened this terminal").hideHelp(),
    )
    .option("--state-home <folder>", "keep the audit trail there, in place of XDG_STATE_HOME")
    .option("--syslog", "send the last hash of the audit trail to the system log, too")
    .option("--new-audit-trail", "set a broken audit trail aside, and begin a new one")
    .option("-v, --verbose", "print the log on the terminal, too")
    .option(
      "--unattended-eligible",
      "offer the key a, which lets unprivileged commands run without a question until the daemon ends; the option itself grants nothing",
    )
    .option("--confirm-unprivileged", "accepted; has no effect, since the daemon always asks")
    .addOption(new Option("--no-confirm-unprivileged", "accepted; has no effect").hideHelp())
    .option("--host <name>", "open the daemon of a remote host here, over ssh")
    .option("--login <user>", "with --host: the account there")
    .option(
      "--forward-agent",
      "with --host: unprivileged commands may be allowed to use your ssh agent",
    )
    .option("--accept-new-host-key", "with --host: accept the key of a host that is not known yet")
    .action(async (options, command) => {
      refuseUnknown(command, command);
      const given = (name: string) => command.getOptionValueSource(name) === "cli";
      const { host } = options;
      if (host === undefined) {
        const [stray] = ["login", "forwardAgent", "acceptNewHostKey"].filter(given);
        if (stray !== undefined) return command.error(`error: ${flagOf(stray)} needs --host`);
        return (await import("./serve.ts")).serveCommand(options);
      }
      const [local] = [
        "promptTimeout",
        "pkexec",
        "stateHome",
        "syslog",
        "newAuditTrail",
      ].filter(given);
      if (local !== undefined) {
        return command.error(`error: ${flagOf(local)} can't be used with --host`);
      }
      return (await import("./host.ts")).hostCommand({ ...options, host });
    });

  program.command("options")
    .description("describe every option of the daemon")
    .action(() => {
      const helper = Object.assign(new Help(), {
        helpWidth: terminalColumns() ?? 80,
        visibleCommands: () => [],
      });
      console.log(helper.formatHelp(program, helper));
    });
  // The library's type has the options in it, which nothing outside of this function needs.
  const command = program as unknown as Command;
  addSubcommands(command);
  return command;
}

/** Help with the commands first; for the program itself, only its first options. */
function formatHelp(command: CommandUnknownOpts, helper: Help): string {
  const plain = new Help();
  const options = (all: CommandUnknownOpts) =>
    plain.visibleOptions(all).filter(({ long }) =>
      command.parent !== null || FIRST_OPTIONS.includes(long ?? "")
    );
  // `help` says the same as --help, which is named below.
  const commands = (all: CommandUnknownOpts) =>
    plain.visibleCommands(all).filter((one) => one.name() !== "help");
  const shown = Object.assign(new Help(), helper, {
    visibleOptions: options,
    visibleCommands: commands,
  });
  return plain.formatHelp(command, shown)
    .replace(/^(Options:\n[^]*?\n)\n(Commands:\n[^]*)$/m, "$2\n$1");
}

/** An option as it is written on the command line. */
function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
