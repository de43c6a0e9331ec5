/**
 * Prints what `deno task screenshots` may do, as flags. The daemon in the pictures runs with its own
 * grants.
 *
 * @module
 */
import { SYSTEM_FOLDERS, systemProgram } from "../../lib/paths.ts";
import { slotFolder, SLOTS, slotSocket } from "../../tests/rig/slots.ts";

/** The programs that set up an installation and a user, and that photograph a window. */
const PROGRAMS = [
  "chmod",
  "chpasswd",
  "cp",
  "env",
  "id",
  "pgrep",
  "pkill",
  "rm",
  "runuser",
  "tmux",
  "useradd",
  "userdel",
];

if (import.meta.main) {
  const programs = PROGRAMS.map(systemProgram).filter((path) => path !== undefined);
  const places = [...SLOTS.map(slotFolder), `/tmp/sudo-proxy-test-${Deno.uid()}.lock`];
  const pictures = new URL(".", import.meta.url).pathname;
  console.log([
    "--no-prompt",
    `--allow-read=${[...SYSTEM_FOLDERS, ...places, Deno.execPath()].join(",")}`,
    `--allow-write=${[...places, "/etc/sudoers.d", pictures].join(",")}`,
    "--allow-env=CI,USER",
    "--allow-sys=uid,hostname",
    `--allow-run=${[Deno.execPath(), ...programs].join(",")}`,
    `--allow-net=${SLOTS.map((slot) => `unix:${slotSocket(slot)}`).join(",")}`,
  ].join(" "));
}
