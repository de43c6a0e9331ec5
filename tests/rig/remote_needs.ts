/** What tests with a real sshd and two users need. */
export const REMOTE_NEEDS: readonly string[] = [
  "root",
  "tmux",
  "sudo",
  "sshd",
  "ssh",
  "ssh-keygen",
  "useradd",
  "runuser",
];
