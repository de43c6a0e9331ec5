import { systemProgram } from "../../lib/platform/paths.ts";
import { atLeast } from "./assert.ts";

/** Programs that tests start, and the Debian package of each. */
const PACKAGES: Readonly<Record<string, string>> = {
  Xvfb: "xvfb",
  bash: "bash",
  chpasswd: "passwd",
  dash: "dash",
  "dbus-daemon": "dbus",
  "dbus-send": "dbus",
  "dpkg-deb": "dpkg",
  faketime: "faketime",
  fish: "fish",
  git: "git",
  ip: "iproute2",
  kill: "procps",
  ksh: "ksh",
  logger: "bsdutils",
  mandoc: "mandoc",
  minisign: "minisign",
  mount: "mount",
  npx: "npm",
  pgrep: "procps",
  pkcheck: "polkitd",
  pkexec: "pkexec",
  pkttyagent: "polkitd",
  ps: "procps",
  runuser: "util-linux",
  setfacl: "acl",
  setsid: "util-linux",
  sh: "dash",
  socat: "socat",
  ssh: "openssh-client",
  "ssh-agent": "openssh-client",
  "ssh-keygen": "openssh-client",
  "ssh-keyscan": "openssh-client",
  sshd: "openssh-server",
  stty: "coreutils",
  sudo: "sudo",
  tcsh: "tcsh",
  tmux: "tmux",
  unshare: "util-linux",
  useradd: "passwd",
  usermod: "passwd",
  userdel: "passwd",
  xdotool: "xdotool",
  xterm: "xterm",
  zsh: "zsh",
};

/** Whether missing tools are a failure. */
const STRICT = Deno.env.get("CI") === "true";

/**
 * Tells whether a test must be left out on this machine, and says what to install.
 *
 * @param names The programs that it needs; `root` stands for being root.
 * @returns For `Deno.test({ ignore })`.
 * @throws {Error} Where `CI=true`: there nothing may be left out.
 */
export function lacks(...names: string[]): boolean {
  const missing = names.filter((name) =>
    name === "root" ? Deno.uid() !== 0 : systemProgram(name) === undefined
  );
  if (missing.length === 0) return false;
  const words = missing.map((name) =>
    name === "root" ? "to be run as root" : `the package ${PACKAGES[name] ?? name}`
  );
  const message = `tests left out: they need ${words.join(" and ")}`;
  if (STRICT) throw new Error(message);
  // The test runner keeps what the console prints to itself.
  Deno.stderr.writeSync(new TextEncoder().encode(`${message}\n`));
  return true;
}

/**
 * The absolute path of a program.
 *
 * @param name Its name.
 * @returns Where it is; the name itself where it isn't installed.
 */
export function program(name: string): string {
  return systemProgram(name) ?? name;
}

/** What {@linkcode execute} gives back. */
export interface Execution {
  /** The exit code. */
  readonly code: number;
  /** Standard output. */
  readonly stdout: string;
  /** Standard error. */
  readonly stderr: string;
}

/**
 * Runs a program to its end.
 *
 * @param words The program and its arguments.
 * @param input What it reads.
 * @returns How it ended.
 */
export async function execute(words: readonly string[], input = ""): Promise<Execution> {
  const [name, ...args] = atLeast(1, words);
  const child = new Deno.Command(name.startsWith("/") ? name : program(name), {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * Runs a program that must succeed.
 *
 * @param words The program and its arguments.
 * @param input What it reads.
 * @returns Its standard output.
 * @throws {Error} If its exit code isn't 0.
 */
export async function succeed(words: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await execute(words, input);
  if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}: ${stderr}${stdout}`);
  return stdout;
}

/**
 * Waits for something to become true.
 *
 * @param what Named in the error.
 * @param look Returns what was waited for, or `undefined` as long as it is not there.
 * @param timeoutMs How long to wait, in milliseconds.
 * @returns What `look` found.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  while (true) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
