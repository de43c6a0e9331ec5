import { z } from "zod";
import { readRegistry, registryPath } from "../../remote/registry.ts";
import { MAX_HOST_LENGTH } from "../../remote/names.ts";
import { knownHost, quoted } from "../known_host.ts";
import { noteAnswers } from "../note_answers.ts";
import { type Place, placeOf, THIS_MACHINE } from "../place.ts";
import { adviceFor, type DaemonState, probe } from "../probe.ts";
import { type Answer, makeTool, type Tool, type ToolCall } from "../tool.ts";

const DAEMON = z.object({
  host: z.string().describe("localhost is this machine"),
  socket: z.string().describe("The daemon's socket, or this end of the tunnel to it"),
  answers: z.boolean().describe("Whether execute would reach a daemon there"),
  state: z.enum(["answers", "missing", "closed", "silent", "busy", "faulty"]),
  advice: z.string().optional().describe("What to do where none answers"),
  version: z.string().optional(),
  features: z.array(z.string()).optional(),
  waiting: z.number().int().optional().describe("How many requests wait for the person there"),
  confirmed: z.boolean().optional().describe("Whether a person confirmed the host"),
  description: z.string().optional(),
  description_by: z.enum(["person", "model"]).optional(),
  os: z.string().optional(),
  os_by: z.enum(["person", "model"]).optional(),
  last_connected: z.string().optional().describe("When a tunnel there came up last"),
});

const OUTPUT = z.object({
  status: z.enum(["ok", "error"]),
  message: z.string().optional(),
  daemons: z.array(DAEMON).optional().describe("This machine first"),
});

type StatusOutput = z.output<typeof OUTPUT>;
type Daemon = z.output<typeof DAEMON>;

/** `status`: which daemons answer. */
export const statusTool: Tool = makeTool({
  name: "status",
  title: "See which approval terminals are open",
  description: "Tells whether a daemon answers on this machine and on each known host: socket, " +
    "version, features, how many requests wait for the person, and what to do where none " +
    "does. " +
    "It notes versions and times of answers in the registry, and asks nobody. Takes 3 s at most.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    host: z.string().max(MAX_HOST_LENGTH).optional()
      .describe("One host; this machine and all known hosts if left out"),
  }),
  output: OUTPUT,
  run: ({ host }, call) => status(host, call),
});

async function status(host: string | undefined, call: ToolCall): Promise<Answer<StatusOutput>> {
  const { hosts, fault } = readRegistry(registryPath(call.here));
  const others = [...hosts.keys()].filter((name) => name !== THIS_MACHINE);
  const names = host === undefined ? [undefined, ...others] : [host];
  const places: Place[] = [];
  for (const name of names) {
    const found = placeOf(call.here, name);
    if ("place" in found) places.push(found.place);
    else if (host !== undefined) {
      const message = `Wrong argument: ${found.fault}.`;
      return { text: message, output: { status: "error", message }, isError: true };
    }
  }
  const found = await Promise.all(
    places.map(async (place) => ({ place, state: await probe(place, call.signal) })),
  );
  await noteAnswers(
    call,
    found.flatMap(({ place, state }) =>
      state.kind === "answers" ? [{ place, version: state.pong.version }] : []
    ),
  );
  const noted = readRegistry(registryPath(call.here)).hosts;
  const daemons = found.map(({ place, state }): Daemon => {
    const entry = noted.get(place.name);
    return { ...row(place, state), ...(entry === undefined ? {} : knownHost(entry)) };
  });
  const faultLines = fault === undefined ? [] : [`The registry of hosts can't be used: ${fault}.`];
  return {
    text: [...daemons.map(line), ...faultLines].join("\n"),
    output: { status: "ok", daemons, ...(fault === undefined ? {} : { message: fault }) },
  };
}

function row(place: Place, state: DaemonState): Daemon {
  const common = {
    host: place.name,
    socket: place.socket,
    answers: state.kind === "answers",
    state: state.kind,
  };
  if (state.kind !== "answers") return { ...common, advice: adviceFor(state, place) };
  const { version, features, waiting } = state.pong;
  return {
    ...common,
    version,
    features: [...features],
    ...(waiting === undefined ? {} : { waiting }),
  };
}

function line(
  { host, socket, answers, version, features, waiting, advice, description, os }: Daemon,
): string {
  const about = [description, os].filter((text) => text !== undefined).map(quoted).join(", ");
  const title = about === "" ? host : `${host} (noted: ${about})`;
  return answers
    ? `${title}: a daemon answers at ${socket}, version ${version || "unknown"}, features: ${
      features?.join(", ") || "none"
    }${waitingWords(waiting)}.`
    : `${title}: ${advice}`;
}

function waitingWords(waiting: number | undefined): string {
  if (waiting === undefined) return "";
  return waiting === 1 ? ", 1 request waits" : `, ${waiting || "no"} requests wait`;
}
