import {
  Argument,
  type Command,
  type CommandUnknownOpts,
  InvalidArgumentError,
  Option,
} from "@commander-js/extra-typings";
import { ENTRY_POINTS } from "../grants.ts";
import { closest, distance } from "../platform/closest.ts";
import { VERSION } from "../protocol/version.ts";
import { CLIENTS } from "../setup/clients.ts";
import { EXIT_FAILED } from "./answer.ts";

/** The option that names the daemon's socket. */
export const socketOption = [
  "-s, --socket <path>",
  "the daemon's socket, an absolute path",
] as const;

/**
 * @internal Describes every command but the daemon. The code of a command is loaded when it is
 * called.
 */
export function addSubcommands(program: Command): void {
  program.command("request")
    .summary("ask a running daemon to run a command")
    .description("ask a running daemon to run a command; prints its output and exits with its code")
    .option(...socketOption)
    .addOption(
      new Option("--host <name>", "through the tunnel to a remote host").conflicts("socket"),
    )
    .option("--forward-agent", "let the command use your ssh agent; only with --no-privilege")
    .option("-r, --reason <text>", "why; the person reads it next to the command")
    .option("--session <name>", "who asks; the person reads it. sudo-proxy request if left out")
    .option("--no-privilege", "run as the daemon's user, not as root")
    .option(
      "-e, --env <name=value>",
      "set LANG, LC_*, TZ, HOME, DEBIAN_FRONTEND or TERM; may be repeated",
      collect,
    )
    .option("-C, --cwd <folder>", "the working directory, an absolute path; / if left out")
    .option("--stdin", "read standard input (UTF-8 text) to its end, and send it")
    .option(
      "-t, --timeout <seconds>",
      "limit on the run, without the wait for a key; none if left out",
      wholeNumber(1, 2_147_483),
    )
    .option("--json", "print the daemon's response as one line of JSON instead")
    .addOption(
      new Option("--print", "print exit codes and all outputs once it has ended").conflicts(
        "json",
      ),
    )
    .version(VERSION)
    .argument("<command...>", "the program and its arguments; a word '|' begins the next stage")
    .passThroughOptions()
    // Every failure before the command runs has one exit code, as in env(1).
    .exitOverride(({ exitCode }) => Deno.exit(exitCode === 0 ? 0 : EXIT_FAILED))
    .action(async (command, options) =>
      (await import("./request.ts")).requestCommand(command, options)
    );

  program.command("try")
    .summary("one request from start to end in this terminal")
    .description(
      "one request from start to end in this terminal: the prompt, your key, sudo, the result",
    )
    .argument("[command...]", "the program and its arguments; id if left out")
    .passThroughOptions()
    .action(async (command) => (await import("./try.ts")).tryCommand(command));

  const hosts = program.command("hosts")
    .summary("what is known of remote hosts")
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
  program.command("install")
    .summary("put this program on a remote host, over ssh")
    .description("put this program into ~/.local/bin on a remote host, over ssh")
    .argument("<host>", "its name, as ssh takes it")
    .option("--binary <path>", "the file to install, an absolute path; this one if left out")
    .option("--login <user>", "the account there")
    .option("--accept-new-host-key", "accept the key of a host that is not known yet")
    .option("-y, --yes", "install without asking; this approves no command")
    .action(async (host, options) => (await import("./install.ts")).installCommand(host, options));

  addAudit(
    program.command("audit")
      .summary("read and check the record of what was asked")
      .description("read and check the record of what was asked; without a command, it lists it"),
  );

  program.command("doctor")
    .summary("what is there, what is wrong with it, and what to do")
    .description("look at this installation: what is there, what is wrong, and what to do")
    .option("--json", "print JSON instead")
    .action(async (options) => (await import("./doctor.ts")).doctorCommand(options));

  program.command("setup")
    .summary("install the commands, and set up MCP clients")
    .description("install the commands for this user, and tell MCP clients of the server")
    .addOption(
      new Option("--client <name...>", "set up this client; those that are found if left out")
        // These are offered, but any other name is accepted: setup prints a line to paste for it.
        .choices(CLIENTS.map(({ name }) => name))
        .argParser((name, names: string[] = []) => [...names, name]),
    )
    .option("--no-terminal", "let the server open no terminal; you start the daemon yourself then")
    .option("--print", "print the entry as the client wants it, and do nothing else")
    .option("-y, --yes", "make the changes without asking; this approves no command")
    .option("--undo", "undo what setup has done")
    .action(async (options) => (await import("./setup.ts")).setupCommand(options));

  program.command("pkexec-cache")
    .summary("the rule that makes polkit remember you for 5 minutes")
    .description("show the rule that makes polkit remember you for 5 minutes, in a running daemon")
    .option(...socketOption)
    .option("--create", "ask for the rule to be written")
    .addOption(
      new Option("--delete", "ask for the rule to be removed").conflicts("create"),
    )
    .action(async (options) => (await import("./pkexec_cache.ts")).pkexecCacheCommand(options));

  program.command("permissions")
    .summary("print the Deno permission flags of an entry point")
    .description("print the Deno permission flags that an entry point needs for this user")
    .addArgument(new Argument("[entry]", "which one").choices(ENTRY_POINTS).default("proxy"))
    .option(...socketOption)
    .addOption(new Option("--host <name>", "the host whose tunnel is meant").conflicts("socket"))
    .action(async (entry, options) =>
      (await import("./permissions.ts")).permissionsCommand(entry, options)
    );
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

/**
 * @internal Refuses an unknown command. Commander takes a word that names no command as an argument
 * of the command that runs by default.
 */
export function refuseUnknown(parent: CommandUnknownOpts, { args }: CommandUnknownOpts): void {
  const [name] = args;
  if (name === undefined) return;
  const near = closest(name, parent.commands.map((command) => command.name()));
  const hint = distance(name, near) * 2 <= near.length ? `\n(Did you mean ${near}?)` : "";
  parent.error(`error: unknown command '${name}'${hint}`);
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** Reads a number from an argument. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}
