import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { makeProgram } from "../../lib/cli/program.ts";
import { paragraph, table } from "./blocks.ts";

/** Every command with its arguments and options, as the program itself describes them. */
export function commandSections(): string {
  const program = makeProgram() as unknown as CommandUnknownOpts;
  return [program, ...program.commands].filter(isShown).map((command) => section(command, "##"))
    .join("\n");
}

function isShown(command: CommandUnknownOpts): boolean {
  return command.name() !== "help";
}

function section(command: CommandUnknownOpts, level: string): string {
  const below = command.commands.filter(isShown);
  const isProgram = command.parent === null;
  const parts = [
    `${level} \`${nameOf(command)}\``,
    paragraph(sentence(command.description())),
    command.registeredArguments.length === 0 ? undefined : table(
      ["argument", "what it is"],
      ...command.registeredArguments.map((argument) => [
        `\`${argument.required ? "" : "["}${argument.name()}${argument.variadic ? "..." : ""}${
          argument.required ? "" : "]"
        }\``,
        withChoices(argument.description, argument.argChoices, argument.defaultValue),
      ]),
    ).trimEnd(),
    optionTable(command),
    ...(isProgram ? [] : below.map((one) => section(one, `${level}#`).trimEnd())),
  ];
  return `${parts.filter((part) => part !== undefined).join("\n\n")}\n`;
}

function nameOf(command: CommandUnknownOpts): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

function optionTable(command: CommandUnknownOpts): string | undefined {
  const options = command.options.filter(({ hidden }) => !hidden);
  if (options.length === 0) return undefined;
  const rows = options.map((option) => [
    option.flags.split(", ").map((flag) => `\`${flag}\``).join(", "),
    describe(option),
  ]);
  return table(["option", "what it does"], ...rows).trimEnd();
}

function describe({ description, argChoices, defaultValue, negate }: Option): string {
  return withChoices(description, argChoices, negate ? undefined : defaultValue);
}

/** The choices as code; a long list is the business of `--help`. */
function withChoices(text: string, choices: readonly string[] | undefined, standard: unknown) {
  const named = choices === undefined ? "" : `: ${choices.map((one) => `\`${one}\``).join(", ")}`;
  const left = standard === undefined ? "" : `; ${standard} if left out`;
  return `${text}${named}${left}`;
}

function sentence(text: string): string {
  const [first = "", ...rest] = text.replaceAll(/\s+/g, " ");
  return `${first.toUpperCase()}${rest.join("")}${/[.]$/.test(text) ? "" : "."}`;
}
