/**
 * What the packaging scripts share: where things are, how programs are started, and the one time
 * that every file gets.
 *
 * @module
 */
import { systemProgram } from "../lib/platform/paths.ts";
import config from "../deno.json" with { type: "json" };

/** The folder of the project, with a slash at its end. */
export const PROJECT: string = new URL("../", import.meta.url).pathname;

/** Where everything that is built goes. */
export const DIST: string = Deno.env.get("SUDO_PROXY_DIST") ?? `${PROJECT}dist`;

/** The Deno that compiles, where it is another one: its own runtime has to be of the same version. */
export const COMPILER: string | undefined = Deno.env.get("SUDO_PROXY_COMPILER");

/** The version of the packages. */
export const VERSION: string = config.version;

/** The licence of the project, as SPDX names it. */
export const LICENSE: string = config.license;

/** What the project is, in one sentence without a full stop. */
export const SUMMARY = "Commands as root after a person has read each one and pressed a key";

/** Where the packages of npm that make packages are installed. */
export function toolFolder(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`;
  return `${cache}/sudo-proxy-packaging`;
}

/** A program that has to be there, by its absolute path. */
export function program(name: string): string {
  const path = name.startsWith("/") ? name : systemProgram(name);
  if (path === undefined) throw new Error(`${name} is missing. Install it, and try again`);
  return path;
}

/** How a program is started. */
export interface RunOptions {
  /** The folder that it is started in. */
  readonly cwd?: string;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program that has to succeed, and gives back what it printed. */
export async function run(
  [name = "", ...args]: readonly string[],
  { cwd = PROJECT, env = {} }: RunOptions = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program(name), {
    args,
    cwd,
    env: { ...env },
    stdin: "null",
  }).output();
  const [printed = "", said = ""] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  if (!success) throw new Error(`${name} ${args.join(" ")} failed:\n${said}${printed}`);
  return printed;
}

/** Seconds since 1970 that every file in a package has: `SOURCE_DATE_EPOCH`, or the last commit's. */
export async function epoch(): Promise<number> {
  return Number(
    Deno.env.get("SOURCE_DATE_EPOCH") ?? await run(["git", "log", "-1", "--format=%ct"]),
  );
}

/** Makes an empty folder in the place of what was there. */
export async function freshFolder(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(() => {});
  await Deno.mkdir(path, { recursive: true });
}

/** Writes a file, and the folders around it, with modes that no umask changes. */
export async function writeFile(path: string, text: string, mode = 0o644): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
  await Deno.chmod(path, mode);
}

/** The names of what is in a folder, sorted. */
export function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** The SHA-256 of a file, in hexadecimal. */
export async function sha256(path: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(hash).toHex();
}
