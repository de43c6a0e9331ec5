import * as z from "zod";
import { destinationOf } from "../../remote/names.ts";
import { COMMON, Refusal } from "../answer.ts";
import { LAUNCH_STATES, launchDaemon } from "../launch.ts";
import { HOST, targetOf } from "../target.ts";
import { PROGRESS } from "../text.ts";
import { makeTool, type Tool } from "../tool.ts";

/** `start_server`: opens the terminal in which the person approves. */
export const startServerTool: Tool = makeTool({
  name: "start_server",
  title: "Open the approval terminal",
  description: "Opens a terminal in which the person approves commands, and returns when it is " +
    "ready (20 s at most; 45 s for a remote host, where the person may have to log in). Returns " +
    "at once if a daemon answers already. Call it once before execute. Where no terminal can be " +
    "opened from here, it gives the command for the person to run. For a remote host the terminal " +
    "is on this machine as well: it opens a tunnel over ssh, and shows what that host's daemon " +
    "asks. Any host works that the person's ssh reaches; one that no person used before is " +
    "confirmed in that window first.",
  hints: ["idempotent"],
  input: z.strictObject({
    host: HOST.describe("The host where commands are to run; this machine if left out"),
    forward_agent: z.boolean().default(false)
      .describe("Remote hosts: whether unprivileged commands there may use the person's ssh agent"),
  }),
  output: z.object({
    ...COMMON,
    state: z.enum(LAUNCH_STATES).optional().describe(
      "running: it answered already; started: a terminal was opened; manual: the person has to " +
        "run command; silent: opened, and no answer yet; declined: the person does not want a " +
        "connection to that host; ended: opened, and it did not work; unreachable: see message",
    ),
    version: z.string().optional().describe("The daemon's version"),
    command: z.string().optional().describe("What the person can run in a terminal instead"),
    window: z.string().optional().describe("What was opened; the person looks for it"),
  }),
  run: async ({ host, forward_agent }, call) => {
    const target = targetOf(call.env, host);
    const fault = target.host === undefined ? undefined : destinationOf(target.host);
    if (typeof fault === "string") throw new Refusal(`Wrong argument: "host" ${fault}.`);
    call.report(() => PROGRESS.opening);
    const result = await launchDaemon(call.env, target, forward_agent, call.signal);
    const isOpen = result.state === "running" || result.state === "started";
    const status = isOpen ? "ok" as const : "error" as const;
    return { output: { status, host: target.name, ...result } };
  },
});
