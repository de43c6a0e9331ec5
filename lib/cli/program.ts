import {
  Argument,
  Command,
  type CommandUnknownOpts,
  InvalidArgumentError,
  Option,
} from "@commander-js/extra-typings";
import { wrapForTerminal } from "../wrap_words.ts";
import { closest, distance } from "../mcp/closest.ts";
import { ENTRY_POINTS } from "../permissions.ts";
import { PROMPT_TIMEOUT_MS } from "../protocol/limits.ts";
import { CLIENTS } from "../setup/clients.ts";
import { EXIT_FAILED } from "./answer.ts";
import { VERSION } from "../protocol/version.ts";

const socketOption = ["-s, --socket <path>", "the daemon's socket, an absolute path"] as const;

/**
 * Describes the command line. What a command does is loaded when it is called.
 *
 * @returns The program, ready to parse.
 * @internal
 */
export function makeProgram(): Command {
  const program = makeCommands();
  program.command("complete")
    .description("print a script that makes a shell complete the words of this program")
    .argument("<shell>", "bash, zsh or fish")
    .allowExcessArguments()
    .action(async (shell) => (await import("./complete.ts")).completeCommand(shell));
  return program;
}

/**
 * Describes the command line, but for its own completion.
 *
 * @returns The program, ready to parse.
 * @internal
 */
export function makeCommands(): Command {
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
    .configureOutput({ outputError: (text, write) => write(wrapForTerminal(text)) })
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
        "when sudo asks its question: for each privileged command, or as it remembers",
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
    .option("--syslog", "send each head of the audit trail to the system log, too")
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

  program.command("request")
    .description("ask a running daemon to run a command; prints its output and exits with its code")
    .option(...socketOption)
    .addOption(
      new Option("--host <name>", "through the tunnel to a remote host").conflicts("socket"),
    )
    .option("--forward-agent", "let the command use your ssh agent; only with --no-privilege")
    .option("-r, --reason <text>", "why; the person reads it next to the command")
    .option("--session <name>", "who asks; shown to the person")
    .option("--no-privilege", "run as the daemon's user, not as root")
    .option("-e, --env <name=value>", "set a variable for the command; may be repeated", collect)
    .option("-C, --cwd <folder>", "the working directory")
    .option("--stdin", "send standard input (UTF-8 text) to the command")
    .option(
      "-t, --timeout <seconds>",
      "limit on the run, approval not counted",
      wholeNumber(1, 2_147_483),
    )
    .option("--json", "print the daemon's response as JSON instead")
    .addOption(
      new Option("--print", "print exit codes and all outputs on standard output").conflicts(
        "json",
      ),
    )
    .version(VERSION)
    .argument("<command...>", "the program and its arguments; a word '|' begins the next stage")
    .passThroughOptions()
    // What goes wrong before the command runs has one exit code, as in env(1).
    .exitOverride(({ exitCode }) => Deno.exit(exitCode === 0 ? 0 : EXIT_FAILED))
    .action(async (command, options) =>
      (await import("./request.ts")).requestCommand(command, options)
    );

  program.command("try")
    .description(
      "one request from start to end in this terminal: the prompt, your key, sudo, the result",
    )
    .argument("[command...]", "the program and its arguments; id if left out")
    .passThroughOptions()
    .action(async (command) => (await import("./try.ts")).tryCommand(command));

  const hosts = program.command("hosts")
    .description("what is known of remote hosts; without a command, it lists them");
  hosts.command("list", { isDefault: true })
    .description("all hosts")
    .option("--json", "print JSON instead")
    .allowExcessArguments()
    .action(async (options, command) => {
      refuseUnknown(hosts, command);
      return (await import("./hosts.ts")).listCommand(options);
    });
  hosts.command("show")
    .description("all that is known of a host")
    .argument("<host>", "its name")
    .option("--json", "print JSON instead")
    .action(async (host, options) => (await import("./hosts.ts")).showCommand(host, options));
  hosts.command("set")
    .description("describe a host, for you and for models; what is left out stays as it is")
    .argument("<host>", "its name, as ssh takes it")
    .option("--description <text>", "what it is for, in one line")
    .option("--os <text>", "its operating system")
    .action(async (host, options) => (await import("./hosts.ts")).setCommand(host, options));
  hosts.command("forget")
    .description("forget all that is known of a host")
    .argument("<host>", "its name")
    .action(async (host) => (await import("./hosts.ts")).forgetCommand(host));
  addAudit(
    program.command("audit")
      .description("read and check the record of what was asked; without a command, it lists it"),
  );

  program.command("setup")
    .description("install the commands for this user, and tell MCP clients of the server")
    .addOption(
      new Option("--client <name...>", "set up this client; those that are found if left out")
        // They are offered, and any other name is taken: setup prints a line to paste for it.
        .choices(CLIENTS.map(({ name }) => name))
        .argParser((name, names: string[] = []) => [...names, name]),
    )
    .option("--no-terminal", "let the server open no terminal; you start the daemon yourself then")
    .option("--print", "print the entry as the client wants it, and do nothing else")
    .option("-y, --yes", "make the changes without asking; this approves no command")
    .option("--undo", "undo what setup has done")
    .action(async (options) => (await import("./setup.ts")).setupCommand(options));

  program.command("pkexec-cache")
    .description("show the rule that makes polkit remember you for 5 minutes, in a running daemon")
    .option(...socketOption)
    .option("--create", "ask for the rule to be written")
    .addOption(
      new Option("--delete", "ask for the rule to be removed").conflicts("create"),
    )
    .action(async (options) => (await import("./pkexec_cache.ts")).pkexecCacheCommand(options));

  program.command("permissions")
    .description("print the Deno permission flags that an entry point needs for this user")
    .addArgument(new Argument("[entry]", "which one").choices(ENTRY_POINTS).default("proxy"))
    .option(...socketOption)
    .addOption(new Option("--host <name>", "the host whose tunnel is meant").conflicts("socket"))
    .action(async (entry, options) =>
      (await import("./permissions.ts")).permissionsCommand(entry, options)
    );

  return program as unknown as Command;
}

/** An option as it is written on the command line. */
function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * Refuses an argument of a command that runs where no command is given. Commander counts what is not
 * the name of a command among its arguments.
 */
function refuseUnknown(parent: CommandUnknownOpts, { args }: CommandUnknownOpts): void {
  const [name] = args;
  if (name === undefined) return;
  const near = closest(name, parent.commands.map((command) => command.name()));
  const hint = distance(name, near) * 2 <= near.length ? `\n(Did you mean ${near}?)` : "";
  parent.error(`error: unknown command '${name}'${hint}`);
}

function addAudit(audit: Command): void {
  const json = ["--json", "print JSON"] as const;
  withFilters(audit.command("list", { isDefault: true }))
    .description("requests and what became of them, the last at the end")
    .option("-n, --limit <count>", "how many at most", wholeNumber(1, 10_000_000), 20)
    .option("--records", "every record, also those of no request")
    .option(...json)
    .allowExcessArguments()
    .action(async (options, command) => {
      refuseUnknown(audit, command);
      return (await import("./audit.ts")).auditListCommand(options);
    });
  audit.command("show")
    .description("one request, with the prompt as it was shown")
    .argument("<id>", "the beginning of its id")
    .option(...json)
    .action(async (id, options) => (await import("./audit.ts")).auditShowCommand(id, options));
  audit.command("follow")
    .description("each record as it is written, until Ctrl+C")
    .option(...json)
    .action(async (options) => await (await import("./audit.ts")).auditFollowCommand(options));
  audit.command("verify")
    .description("check that no record was changed, removed, moved or cut off")
    .option("--head <hash>", "a hash that was kept elsewhere, 16 to 64 hex digits")
    .option(...json)
    .action(async (options) => (await import("./audit.ts")).auditVerifyCommand(options));
  withFilters(audit.command("export"))
    .description("the records as they stand in the trail, one line of JSON each")
    .action(async (options) => (await import("./audit.ts")).auditExportCommand(options));
}

function withFilters(command: Command) {
  return command
    .option("--since <time>", "received then or later: 2026-01-31T12:00:00Z, or an age such as 2h")
    .option("--until <time>", "received then or earlier")
    .option("--host <name>", "for this host, as the request says")
    .option("--session <text>", "a part of the name of who asked")
    .addOption(
      new Option("--decision <what>", "what was decided")
        .choices(["approved", "trusted", "denied", "timeout", "withdrawn", "undecided"]),
    )
    .option("--privileged", "to be run as root")
    .option("--no-privileged", "not to be run as root")
    .option("--text <text>", "a part of the command or of the reason");
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
