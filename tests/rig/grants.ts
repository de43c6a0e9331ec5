/**
 * Prints what the tests themselves may do, as flags: files, the programs that they start, and the
 * sockets of their installations. The programs under test run with their own, narrower grants.
 *
 * @module
 */
import { systemProgram } from "../../lib/platform/paths.ts";
import { lastingSockets, slotFolder, SLOTS, slotSocket, slotTunnels, TEST_HOSTS } from "./slots.ts";

const PROGRAMS = [
  "Xvfb",
  "bash",
  "chmod",
  "chown",
  "chpasswd",
  "cp",
  "dash",
  "dbus-daemon",
  "dbus-send",
  "dd",
  "dpkg",
  "dpkg-deb",
  "env",
  "faketime",
  "fish",
  "git",
  "grep",
  "id",
  "ip",
  "java",
  "kill",
  "ksh",
  "lintian",
  "ls",
  "mkfifo",
  "mandoc",
  "minisign",
  "mount",
  "node",
  "npm",
  "npx",
  "perl",
  "pgrep",
  "pkill",
  "ps",
  "rm",
  "runuser",
  "setfacl",
  "setsid",
  "sh",
  "sleep",
  "socat",
  "ssh",
  "ssh-add",
  "ssh-agent",
  "ssh-keygen",
  "ssh-keyscan",
  "sshd",
  "stty",
  "sudo",
  "tar",
  "timeout",
  "tmux",
  "umount",
  "useradd",
  "usermod",
  "userdel",
  "visudo",
  "xdotool",
  "zsh",
];

/**
 * What the tests may do.
 *
 * @param net What they may reach beside the sockets of their installations.
 * @returns Flags of `deno test`.
 */
export function testFlags(net: readonly string[] = []): string[] {
  const programs = PROGRAMS.map(systemProgram).filter((path) => path !== undefined);
  const sockets = SLOTS.flatMap((slot) =>
    [
      ...lastingSockets(slotFolder(slot)),
      ...[undefined, ...TEST_HOSTS].map((host) => slotSocket(slot, host)),
      ...slotTunnels(slot),
    ].map((path) => `unix:${path}`)
  );
  return [
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    "--allow-env",
    "--allow-sys",
    `--allow-run=${[Deno.execPath(), ...programs].join(",")}`,
    `--allow-net=${[...sockets, ...net].join(",")}`,
  ];
}

if (import.meta.main) console.log(testFlags().join(" "));
