import { z } from "zod";
import {
  hostTextFault,
  MAX_DESCRIPTION_LENGTH,
  MAX_OS_LENGTH,
  registryPath,
  updateHost,
} from "../../remote/registry.ts";
import { quoted } from "../known_host.ts";
import { MAX_HOST_LENGTH } from "../../remote/names.ts";
import { placeOf } from "../place.ts";
import { type Answer, makeTool, type Tool, type ToolCall } from "../tool.ts";

const line = (maxLength: number) =>
  z.string().max(maxLength).refine((text) => hostTextFault(text, maxLength) === undefined, {
    error: "must be one line without control characters",
  });

const INPUT = z.strictObject({
  host: z.string().min(1).max(MAX_HOST_LENGTH)
    .describe("The host, as ssh takes it; localhost is this machine"),
  description: line(MAX_DESCRIPTION_LENGTH).optional().describe(
    "What the host is for, in one line",
  ),
  os: line(MAX_OS_LENGTH).optional().describe("Its operating system, such as Debian 13"),
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
    "status and sudo-proxy://hosts show them as a model's words. Only what is given changes. It " +
    "connects to nothing and grants nothing: a host that only models know is unconfirmed.",
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
    const { entry, isNew, movedTo } = await updateHost(
      path,
      place.name,
      { description, os },
      "model",
    );
    call.onHostsChanged();
    return {
      text: [
        `${isNew ? "Added" : "Updated"} ${place.name}: ${
          [entry.description, entry.os].filter((text) => text !== undefined).map(quoted).join(", ")
        }`,
        ...(movedTo === undefined
          ? []
          : [`The old registry could not be parsed and is now ${movedTo}. Tell the person.`]),
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

function failure(message: string): Answer<UpdateOutput> {
  return { text: message, output: { status: "error", message }, isError: true };
}
