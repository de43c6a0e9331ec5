import * as z from "zod";
import {
  hostTextFault,
  MAX_DESCRIPTION_LENGTH,
  MAX_OS_LENGTH,
  registryPath,
  updateHost,
} from "../../remote/registry.ts";
import { COMMON, Refusal } from "../answer.ts";
import { HOST, targetOf } from "../target.ts";
import { messageOf, quoted, UPDATE } from "../text.ts";
import { makeTool, type Tool } from "../tool.ts";

const line = (maxLength: number) =>
  z.string().max(maxLength).refine((text) => hostTextFault(text, maxLength) === undefined, {
    error: "must be one line without control characters",
  });

/** `update_host`: what is known of a host. */
export const updateHostTool: Tool = makeTool({
  name: "update_host",
  title: "Note what a host is",
  description: "Keeps a description and the operating system of a host for later sessions; " +
    "status and sudo-proxy://hosts show them as a model's words. Only what is given changes. It " +
    "connects to nothing and grants nothing: a host that only models know is unconfirmed.",
  hints: ["idempotent"],
  input: z.strictObject({
    host: HOST.unwrap().min(1).describe("The host, as ssh takes it; localhost is this machine"),
    description: line(MAX_DESCRIPTION_LENGTH).optional()
      .describe("What the host is for, in one line"),
    os: line(MAX_OS_LENGTH).optional().describe("Its operating system, such as Debian 13"),
  }),
  output: z.object({
    ...COMMON,
    description: z.string().optional(),
    os: z.string().optional(),
    is_new: z.boolean().optional().describe("Whether the host was not known before"),
    moved_to: z.string().optional().describe("Where a registry went that couldn't be parsed"),
  }),
  run: async ({ host, description, os }, { env, onHostsChanged }) => {
    const { name } = targetOf(env, host);
    if (description === undefined && os === undefined) throw new Refusal(UPDATE.nothing);
    const path = registryPath(env);
    if (path === undefined) throw new Refusal(UPDATE.noRegistry);
    const change = {
      ...(description !== undefined && { description }),
      ...(os !== undefined && { os }),
    };
    try {
      const { entry, isNew, movedTo } = await updateHost(path, name, change, "model");
      onHostsChanged();
      const text = UPDATE.done(name, isNew, quoted(entry.description, entry.os));
      return {
        text: movedTo === undefined ? text : `${text}\n${UPDATE.moved(movedTo)}`,
        output: { status: "ok" as const, host: name, ...entry, is_new: isNew, moved_to: movedTo },
      };
    } catch (error) {
      throw new Refusal(UPDATE.failed(path, messageOf(error)));
    }
  },
});
