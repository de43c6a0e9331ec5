import * as z from "zod";
import { readRegistry, registryPath } from "../../remote/registry.ts";
import { COMMON } from "../answer.ts";
import { type Daemon, type NoDaemon, noteAnswers, probe } from "../probe.ts";
import {
  findTarget,
  HOST,
  KNOWN_HOST,
  knownHost,
  type Target,
  targetOf,
  THIS_MACHINE,
} from "../target.ts";
import { quoted, STATUS } from "../text.ts";
import { makeTool, type Tool } from "../tool.ts";

const ROW = z.object({
  host: z.string().describe("localhost is this machine"),
  socket: z.string().describe("The daemon's socket, or this end of the tunnel to it"),
  answers: z.boolean().describe("Whether execute would reach a daemon there"),
  state: z.enum(["answers", "missing", "closed", "silent", "busy", "faulty"]),
  advice: z.string().optional().describe("What to do where none answers"),
  version: z.string().optional(),
  features: z.array(z.string()).optional(),
  waiting: z.number().int().optional().describe("How many requests wait for the person there"),
  ...KNOWN_HOST,
});

type Row = z.output<typeof ROW>;

/** `status`: which daemons answer. */
export const statusTool: Tool = makeTool({
  name: "status",
  title: "See which approval terminals are open",
  description: "Tells whether a daemon answers on this machine and on each known host: socket, " +
    "version, features, how many requests wait for the person, and what to do where none does. It " +
    "notes versions and times of answers in the registry, and asks nobody. Takes 3 s at most.",
  hints: ["readOnly", "idempotent"],
  input: z.strictObject({
    host: HOST.describe("One host; this machine and all known hosts if left out"),
  }),
  output: z.object({
    ...COMMON,
    daemons: z.array(ROW).optional().describe("This machine first"),
  }),
  run: async ({ host }, call) => {
    const { env, signal } = call;
    const { hosts, fault } = readRegistry(registryPath(env));
    const others = [...hosts.keys()].filter((name) => name !== THIS_MACHINE);
    const targets = host === undefined
      ? [undefined, ...others].map((name) => findTarget(env, name))
        .filter((found) => typeof found !== "string")
      : [targetOf(env, host)];
    const found = await Promise.all(
      targets.map(async (target) => ({ target, state: await probe(target, signal) })),
    );
    await noteAnswers(found, call);
    const noted = readRegistry(registryPath(env)).hosts;
    const daemons = found.map(({ target, state }): Row => {
      const entry = noted.get(target.name);
      return { ...rowOf(target, state), ...(entry && knownHost(entry)) };
    });
    const faults = fault === undefined ? [] : [STATUS.registry(fault)];
    return {
      text: [...daemons.map(lineOf), ...faults].join("\n"),
      output: { status: "ok" as const, daemons, message: fault },
    };
  },
});

function rowOf(target: Target, state: Daemon | NoDaemon): Row {
  const { name: host, socket } = target;
  return state.kind === "answers"
    ? {
      host,
      socket,
      answers: true,
      state: state.kind,
      ...state.pong,
      features: [...state.pong.features],
    }
    : { host, socket, answers: false, state: state.kind, advice: state.advice };
}

function lineOf({ description, os, advice, ...row }: Row): string {
  const about = quoted(description, os).join(", ");
  const title = about === "" ? row.host : `${row.host} (noted: ${about})`;
  return `${title}: ${advice ?? STATUS.answers(row)}`;
}
