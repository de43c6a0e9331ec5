import { AuditTrail } from "../../lib/audit/write/trail.ts";
import type { Approved } from "../../lib/decide/approved.ts";
import { Machine, only } from "../session/machine.ts";
import { eventually } from "../rig/tools.ts";
import { resolved } from "../session/resolved.ts";
import { at } from "../rig/assert.ts";

/** A private folder for an audit trail. */
export class TrailFolder implements AsyncDisposable {
  readonly #above: string;

  private constructor(above: string) {
    this.#above = above;
  }

  /** Makes one; disposing of it removes it. */
  static async make(): Promise<TrailFolder> {
    const above = await Deno.makeTempDir({ prefix: "sudo-proxy-trail-" });
    return new TrailFolder(above);
  }

  /** Where the trail is. */
  get path(): string {
    return `${this.#above}/state/audit`;
  }

  /** A file of the trail. */
  file(name: string): string {
    return `${this.path}/${name}`;
  }

  /** Opens the trail for writing, as a daemon does. */
  open(daemon = "test"): AuditTrail {
    return new AuditTrail(this.path, { daemon, uid: Deno.uid() ?? 0 });
  }

  /** The lines of a segment. */
  lines(segment = "000001.jsonl"): string[] {
    return Deno.readTextFileSync(this.file(segment)).split("\n").slice(0, -1);
  }

  /** Replaces the lines of a segment. */
  write(lines: readonly string[], segment = "000001.jsonl"): void {
    Deno.writeTextFileSync(this.file(segment), lines.map((line) => `${line}\n`).join(""));
  }

  /** Waits until a change gets another time than the last one: the kernel counts in ticks. */
  async nextTick(): Promise<void> {
    const probe = `${this.#above}/tick`;
    const time = () => {
      Deno.writeTextFileSync(probe, "");
      Deno.writeTextFileSync(probe, "x");
      return Deno.statSync(probe).mtime?.getTime() ?? 0;
    };
    const before = time();
    await eventually("another tick", () => time() > before + 1 || undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#above, { recursive: true });
  }
}

/** An approval as the machine makes it. */
export function approvedByKey(id = "one"): Approved {
  const effects = new Machine().approve(resolved(id, { privileged: false }));
  return at(only(effects, "start"), 0).approved;
}
