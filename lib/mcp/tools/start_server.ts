import { z } from "zod";
import type { Pong } from "../../protocol/client.ts";
import { destinationOf, MAX_HOST_LENGTH } from "../../remote/names.ts";
import { launchDaemon } from "../launch.ts";
import { type Place, placeOf } from "../place.ts";
import { adviceFor, probe } from "../probe.ts";
import { type Answer, makeTool, type Tool, type ToolCall } from "../tool.ts";

const OUTPUT = z.object({
  status: z.enum(["ok", "error"]),
  state: z.enum(["running", "started", "manual", "silent", "declined", "ended", "unreachable"])
    .optional().describe(
      "running: it answered already; started: a terminal was opened; manual: the person " +
        "has to run command; silent: opened, and no answer yet; declined: the person does not want a " +
        "connection to that host; ended: opened, and it did not work; unreachable: see message",
    ),
  host: z.string().optional().describe("localhost is this machine"),
  version: z.string().optional().describe("The daemon's version"),
  command: z.string().optional().describe("What the person can run in a terminal instead"),
  window: z.string().optional().describe("What was opened; the person looks for it"),
  message: z.string().optional().describe("What happened, and what the person must do"),
});

type StartOutput = z.output<typeof OUTPUT>;

/** `start_server`: opens the terminal in which the person approves. */
export const startServerTool: Tool = makeTool({
  name: "start_server",
  title: "Open the approval terminal",
  description: "Opens a terminal in which the person approves commands, and returns when it is " +
    "ready (20 s at most; 45 s for a remote host, where the person may have to log in). Returns " +
    "at once if a daemon answers already. " +
    "Call it once before execute. Where no terminal can be opened from here, it gives " +
    "the command for the person to run. " +
    "For a remote host the terminal is on this machine as well: it opens a tunnel over ssh, and " +
    "shows what that host's daemon asks. Any host works that the person's ssh reaches; one that " +
    "no person used before is confirmed in that window first.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    host: z.string().max(MAX_HOST_LENGTH).optional()
      .describe("The host where commands are to run; this machine if left out"),
    forward_agent: z.boolean().default(false)
      .describe("Remote hosts: whether unprivileged commands there may use the person's ssh agent"),
  }),
  output: OUTPUT,
  run: ({ host, forward_agent }, call) => start(host, forward_agent, call),
});

async function start(
  host: string | undefined,
  forwardAgent: boolean,
  call: ToolCall,
): Promise<Answer<StartOutput>> {
  const found = placeOf(call.here, host);
  if ("fault" in found) {
    const message = `Wrong argument: ${found.fault}.`;
    return { text: message, output: { status: "error", message }, isError: true };
  }
  const { place } = found;
  const state = await probe(place, call.signal);
  if (state.kind === "answers") return running(place, state.pong);
  if (state.kind !== "missing") {
    return failure("unreachable", place.name, adviceFor(state, place));
  }
  const fault = place.host === undefined ? undefined : destinationOf(place.host);
  if (typeof fault === "string") {
    const message = `Wrong argument: "host" ${fault}.`;
    return { text: message, output: { status: "error", message }, isError: true };
  }
  return await launch(place, forwardAgent, call);
}

async function launch(
  place: Place,
  forwardAgent: boolean,
  call: ToolCall,
): Promise<Answer<StartOutput>> {
  call.progress.set(() => "opening a terminal");
  const result = await launchDaemon(call.here, call.signal, place, forwardAgent);
  const host = place.name;
  const what = place.host === undefined ? "The approval terminal" : `The tunnel to ${host}`;
  switch (result.kind) {
    case "running":
      return running(place, result.pong);
    case "started":
      return opened(
        `${what} is open: ${result.where} (sudo-proxy ${result.pong.version}). ` +
          "Tell the person to watch it.",
        { state: "started", host, version: result.pong.version, window: result.where },
      );
    case "manual":
      return manual(
        "manual",
        host,
        "No terminal can be opened from here. Ask the person to run this in a terminal, then " +
          "call execute:",
        result.command,
      );
    case "silent":
      return manual(
        "silent",
        host,
        place.host === undefined
          ? `${result.where} was opened, and the daemon in it did not answer in time. Ask the ` +
            "person what it says, or to run:"
          : `${result.where} was opened, and ${host} did not answer through it in time: the person ` +
            "may still have to confirm the host or to log in there, or it says what is wrong. Ask " +
            "them, or ask them to run:",
        result.command,
        result.where,
      );
    case "declined":
      return failure(
        "declined",
        host,
        `The person declined the connection to ${host}, or closed the window that asked for it. ` +
          "That is a person's decision: ask again only when they say so.",
        result.where,
      );
    case "ended":
      return failure(
        "ended",
        host,
        `${result.where} was opened, and the tunnel to ${host} ended before a daemon answered. The ` +
          "window says why. Ask the person.",
        result.where,
      );
    case "full":
      return failure(
        "unreachable",
        host,
        `${result.hosts.length} tunnels are open, as many as there can be: ` +
          `${result.hosts.join(", ")}. Ask the person which one to end (q in its window, or ` +
          `stop_server with its host), then call start_server again.`,
      );
  }
}

function running(place: Place, { version }: Pong): Answer<StartOutput> {
  const text = place.host === undefined
    ? `The approval terminal is open already (sudo-proxy ${version}).`
    : `The daemon on ${place.name} answers already (sudo-proxy ${version}).`;
  return opened(text, { state: "running", host: place.name, version });
}

function opened(
  message: string,
  facts: Pick<StartOutput, "state" | "host" | "version" | "window">,
): Answer<StartOutput> {
  return { text: message, output: { status: "ok", ...facts, message } };
}

function manual(
  state: "manual" | "silent",
  host: string,
  message: string,
  command: string,
  window?: string,
): Answer<StartOutput> {
  return {
    text: `${message}\n${command}`,
    output: {
      status: "error",
      state,
      host,
      message,
      command,
      ...(window === undefined ? {} : { window }),
    },
    isError: true,
  };
}

function failure(
  state: "declined" | "ended" | "unreachable",
  host: string,
  message: string,
  window?: string,
): Answer<StartOutput> {
  return {
    text: message,
    output: {
      status: "error",
      state,
      host,
      message,
      ...(window === undefined ? {} : { window }),
    },
    isError: true,
  };
}
