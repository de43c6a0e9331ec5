import { GENESIS, sealRecord } from "../lib/audit/write/chain.ts";
import { headLine, headPath, SEGMENT_BYTES, segmentPath } from "../lib/audit/write/segments.ts";
import { AuditTrail } from "../lib/audit/write/trail.ts";
import { auditFolder, hostEnvironment, stateFolder, withVariables } from "../lib/platform/paths.ts";
import { grantsOf } from "../lib/grants.ts";
import { denoRun } from "../lib/start.ts";
import { defined } from "../tests/rig/assert.ts";

/** How many records each request has. */
const EVENTS_PER_REQUEST = 5;

/** An audit trail of a size that a bench chooses, and the real commands that read it. */
export class BenchTrail {
  readonly #home: string;

  /**
   * Names a place for a trail.
   *
   * @param home Stands for `XDG_STATE_HOME`.
   */
  constructor(home: string) {
    this.#home = home;
  }

  /**
   * Writes a trail of requests that were approved and ran. Each is chained as a daemon does it.
   *
   * @param records How many records.
   */
  write(records: number): void {
    const folder = auditFolder(defined(stateFolder(this.#env())));
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    let head = GENESIS;
    let segment = 0;
    while (head.seq < records) {
      const lines: string[] = [];
      for (let size = 0; size < SEGMENT_BYTES && head.seq < records;) {
        const sealed = sealRecord(head, recordAt(head.seq));
        head = sealed.head;
        size += sealed.line.length + 1;
        lines.push(`${sealed.line}\n`);
      }
      Deno.writeTextFileSync(segmentPath(folder, ++segment), lines.join(""), { mode: 0o600 });
    }
    Deno.writeTextFileSync(headPath(folder), headLine(head), { mode: 0o600 });
  }

  /** How long one record takes until it is on disk, in milliseconds, many times. */
  appends(times: number): number[] {
    const folder = auditFolder(defined(stateFolder(this.#env())));
    const trail = new AuditTrail(folder, { daemon: "bench", uid: Deno.uid() ?? 0 });
    const numbers = Array.from({ length: times }, () => {
      const startedAt = performance.now();
      trail.append({ event: "policy", trust_unprivileged: true, by: "person" });
      return performance.now() - startedAt;
    });
    if (trail.fault !== undefined) throw new Error(trail.fault);
    trail.close();
    return numbers;
  }

  /**
   * Runs `sudo-proxy audit` with exactly its grants, from its start to its end.
   *
   * @param args Its arguments.
   * @returns How long it took, in milliseconds.
   */
  async command(...args: string[]): Promise<number> {
    const startedAt = performance.now();
    const grants = grantsOf("audit", this.#env());
    const [program, ...words] = denoRun(Deno.execPath(), grants, "main_proxy");
    const { success, stderr } = await new Deno.Command(program, {
      args: [...words, "audit", ...args],
      env: { XDG_STATE_HOME: this.#home },
      stdin: "null",
    }).output();
    const ms = performance.now() - startedAt;
    if (!success) throw new Error(`audit ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
    return ms;
  }

  #env() {
    return withVariables(hostEnvironment(), { XDG_STATE_HOME: this.#home });
  }
}

/** The record after `seq`, as a daemon would write it for requests one after another. */
function recordAt(seq: number): Record<string, unknown> {
  const request = Math.floor(seq / EVENTS_PER_REQUEST);
  const time = new Date(Date.UTC(2026, 0, 1) + seq * 1000).toISOString();
  const id = `00000000-0000-4000-8000-${String(request).padStart(12, "0")}`;
  const identity = { real_path: "/usr/bin/apt-get", dev: 65024, ino: 1, size: 48144, mtime_ms: 0 };
  const events: readonly Record<string, unknown>[] = [
    {
      event: "received",
      id,
      session: "bench",
      client_version: "0.1.0",
      host: "",
      reason: `package ${request} is needed`,
      privileged: true,
      as_root: true,
      forward_agent: false,
      stages: [{
        program: "/usr/bin/apt-get",
        args: ["install", `package-${request}`],
        identity: { ...identity, ctime_ms: 0 },
      }],
      env: [],
      cwd: "/",
      cwd_identity: { ...identity, real_path: "/", ctime_ms: 0 },
    },
    { event: "shown", id },
    { event: "decided", id, decision: "approved", key: "y", waited_ms: 4000 },
    { event: "started", id, basis: "key" },
    { event: "ended", id, ran: true, ran_ms: 12, stages: [{ exit_code: 0 }] },
  ];
  return { time, daemon: "bench", ...events[seq % EVENTS_PER_REQUEST] };
}
