import { succeed } from "./tools.ts";

/** What a process costs. */
export interface Vitals {
  /** Memory that is resident now, in MB (10^6 bytes). */
  readonly residentMb: number;
  /** The most that was resident since {@linkcode forgetPeak}, in MB. */
  readonly peakMb: number;
  /** Open descriptors. */
  readonly descriptors: number;
}

/**
 * Looks at a process; Deno itself reads nothing below /proc without all rights.
 *
 * @param pid Which one; it must be ours.
 * @returns What it costs now.
 */
export async function vitalsOf(pid: string): Promise<Vitals> {
  const script = 'cat "/proc/$1/status"; echo Descriptors: $(ls "/proc/$1/fd" | wc -l)';
  const text = await succeed(["sh", "-c", script, "sh", pid]);
  const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1]);
  const megabytes = (name: string) => Math.round(number(name) * 1024 / 1e6);
  return {
    residentMb: megabytes("VmRSS"),
    peakMb: megabytes("VmHWM"),
    descriptors: number("Descriptors"),
  };
}

/** Lets the peak of a process begin anew (proc(5), `clear_refs`). */
export async function forgetPeak(pid: string): Promise<void> {
  await succeed(["sh", "-c", 'echo 5 > "/proc/$1/clear_refs"', "sh", pid]);
}
