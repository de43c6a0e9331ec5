import * as z from "zod";
import type { ShownRequest } from "../../admit/request.ts";
import type { AuditRecord } from "./timeline.ts";

const identity = z.object({
  real_path: z.string(),
  dev: z.number(),
  ino: z.number(),
  size: z.number(),
  mtime_ms: z.number(),
  ctime_ms: z.number(),
}).transform(({ real_path, mtime_ms, ctime_ms, ...rest }) => ({
  ...rest,
  realPath: real_path,
  mtimeMs: mtime_ms,
  ctimeMs: ctime_ms,
}));
const changeable = z.object({ place: z.string(), who: z.string() })
  .transform(({ place, who }) => ({ path: place, who }));
const named = z.object({
  argument: z.number(),
  path: z.string(),
  at: z.string(),
  is_file: z.boolean(),
  compared: z.enum(["content", "identity"]),
  identity,
  changeable: changeable.optional(),
}).transform(({ is_file, ...rest }) => ({
  ...rest,
  isFile: is_file,
  changeable: rest.changeable,
}));

const received = z.object({
  session: z.string(),
  client_version: z.string(),
  host: z.string(),
  reason: z.string(),
  privileged: z.boolean(),
  as_root: z.boolean(),
  forward_agent: z.boolean(),
  stages: z.array(z.object({
    program: z.string(),
    args: z.array(z.string()),
    identity,
    changeable: changeable.optional(),
    named: z.array(named).default([]),
    unseen: z.array(z.number()).default([]),
    unlooked: z.number().default(0),
  })),
  env: z.array(z.tuple([z.string(), z.string()])),
  cwd: z.string(),
  cwd_identity: identity,
  cwd_changeable: changeable.optional(),
  stdin: z.object({ bytes: z.number(), sha256: z.string() }).optional(),
  timeout_ms: z.number().optional(),
});

/** What a record `received` says was asked. */
export interface Asked {
  /** The request, without its standard input, which no record has. */
  readonly request: ShownRequest;
  /** The size and the hash of its standard input, if it had one. */
  readonly stdin: { readonly bytes: number; readonly sha256: string } | undefined;
}

/** Reads a record `received`; `undefined` if it is not as this program writes it. */
export function askedIn(record: AuditRecord): Asked | undefined {
  const parsed = received.safeParse(record);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  return {
    request: {
      session: data.session,
      version: data.client_version,
      host: data.host,
      reason: data.reason,
      privileged: data.privileged,
      asRoot: data.as_root,
      forwardAgent: data.forward_agent,
      stages: data.stages.map((stage) => ({ ...stage, changeable: stage.changeable })),
      env: data.env,
      cwd: data.cwd,
      cwdIdentity: data.cwd_identity,
      cwdChangeable: data.cwd_changeable,
      stdin: undefined,
      timeoutMs: data.timeout_ms,
    },
    stdin: data.stdin,
  };
}
