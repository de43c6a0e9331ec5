/**
 * How much memory of a process is resident (`VmRSS`), or was at most (`VmHWM`), in MB; see proc(5).
 * Deno reads no file below /proc.
 */
export async function memoryOf(pid: number, name: "VmRSS" | "VmHWM"): Promise<number> {
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/${pid}/status`] }).output();
  const text = new TextDecoder().decode(stdout);
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1]) * 1024 / 1e6;
}
