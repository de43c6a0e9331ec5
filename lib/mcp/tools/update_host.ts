import { z } from "zod";
import { registryPath, updateHost } from "../../remote/registry.ts";
import { MAX_HOST_LENGTH } from "../../remote/names.ts";
import { grantAdvice, missingSocketFlags, type Place, placeOf } from "../place.ts";
import { type Answer, makeTool, type Tool, type ToolCall } from "../tool.ts";

/** One line of words for models: no line can pass for another entry. */
const line = (max: number) =>
  z.string().max(max).refine((text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text), {
    error: "must be one line without control characters",
  });

const INPUT = z.strictObject({
  host: z.string().min(1).max(MAX_HOST_LENGTH)
    .describe("The host, as ssh takes it; localhost is this machine"),
  description: line(500).optional().describe("What the host is for, in one line"),
  os: line(100).optional().describe("Its operating system, such as Debian 13"),
});

const OUTPUT = z.object({
  status: z.enum(["ok", "error"]),
  host: z.string().optional(),
  description: z.string().optional(),
  os: z.string().optional(),
  is_new: z.boolean().optional().describe("Whether the host was not known before"),
  moved_to: z.string().optional().describe("Where a registry went that couldn't be parsed"),
  message: z.string().optional(),
});

type UpdateInput = z.output<typeof INPUT>;
type UpdateOutput = z.output<typeof OUTPUT>;

/** `update_host`: what is known of a host. */
export const updateHostTool: Tool = makeTool({
  name: "update_host",
  title: "Note what a host is",
  description: "Keeps a description and the operating system of a host for later sessions; " +
    "sudo-proxy://hosts and the instructions show them. Only what is given changes. It " +
    "connects to nothing and grants nothing.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: INPUT,
  output: OUTPUT,
  run: update,
});

async function update(input: UpdateInput, call: ToolCall): Promise<Answer<UpdateOutput>> {
  const { host, description, os } = input;
  const found = placeOf(call.here, host);
  if ("fault" in found) return failure(`Wrong argument: ${found.fault}.`);
  if (description === undefined && os === undefined) {
    return failure("Give description, os or both: nothing else can be changed.");
  }
  const path = registryPath(call.here);
  if (path === undefined) {
    return failure(
      "There is no place for the registry: neither XDG_CONFIG_HOME nor HOME is set for " +
        "this MCP server. Tell the person.",
    );
  }
  const { place } = found;
  try {
    const { entry, isNew, movedTo } = await updateHost(path, place.name, { description, os });
    call.onHostsChanged();
    return {
      text: [
        `${isNew ? "Added" : "Updated"} ${place.name}: ${
          [entry.description, entry.os].filter((text) => text).join(", ")
        }`,
        ...(movedTo === undefined
          ? []
          : [`The old registry could not be parsed and is now ${movedTo}. Tell the person.`]),
        ...reachAdvice(place),
      ].join("\n"),
      output: {
        status: "ok",
        host: place.name,
        ...entry,
        is_new: isNew,
        ...(movedTo === undefined ? {} : { moved_to: movedTo }),
      },
    };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return failure(`Nothing was changed in ${path}: ${words}. Tell the person.`);
  }
}

function reachAdvice({ host, socket }: Place): string[] {
  const flags = missingSocketFlags(socket);
  return flags.length === 0
    ? []
    : [`This MCP server can't reach it yet. Ask the person to ${grantAdvice(host, flags)}.`];
}

function failure(message: string): Answer<UpdateOutput> {
  return { text: message, output: { status: "error", message }, isError: true };
}
