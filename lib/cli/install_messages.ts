/**
 * What `sudo-proxy install` tells and asks the person.
 *
 * @module
 */
import { VERSION } from "../protocol/version.ts";
import { INSTALL_EXIT } from "../remote/remote_shell.ts";
import type { InstallStep, InstallTarget } from "../remote/install.ts";
import { visibleProse } from "../view/visible.ts";
import { errorMessage } from "./fail.ts";
import { TEXTS as HOST_TEXTS } from "./host_messages.ts";

/** The file that is to be installed. */
export interface Binary {
  /** Where it is here. */
  readonly path: string;
  /** Its size in bytes. */
  readonly size: number;
  /** The architecture that it is for. */
  readonly machine: string;
  /** The SHA-256 of its contents, in hexadecimal. */
  readonly sha256: string;
}

/** The messages of one sentence or two. Names and faults have been made visible before. */
export const TEXTS = {
  badName: HOST_TEXTS.badName,
  badFacts: HOST_TEXTS.badFacts,
  noSsh: HOST_TEXTS.noSsh,
  thisMachine: (host: string): string =>
    `Cannot install on "${host}": it is this machine, and this account. sudo-proxy setup installs ` +
    "the commands here",
  noBinary: (host: string): string =>
    "Cannot install from sources: there is no binary to copy. deno task build makes one; then run\n" +
    `  sudo-proxy install ${host} --binary /absolute/path/to/dist/sudo-proxy`,
  noTerminal: "Cannot ask you: there is no terminal. Start it in one, or give --yes",
  noProgram: (path: string): string =>
    `${path} is no program for Linux on x86_64 or aarch64. deno task build makes one`,
  badBinary: (fault: string): string => `Cannot install that file: ${fault}`,
  unreadable: (path: string, error: unknown): string =>
    `Cannot read ${path}: ${visibleProse(errorMessage(error))}`,
  wrongSystem: (host: string, fault: string): string => `Cannot install on ${host}: ${fault}`,
  elsewhere: (host: string, { path, program = "", version }: InstallTarget): string =>
    `Cannot install on ${host}: it has ${program} (${versionOf(version)}), which would still be ` +
    `started in place of ${path}. Update or remove that one`,
  plan: (host: string, { path, size, machine, sha256 }: Binary, target: InstallTarget): string =>
    [
      `  copy     ${path}`,
      `           sudo-proxy ${VERSION}, ${machine}, ${(size / 1e6).toFixed(1)} MB`,
      `  SHA-256  ${sha256}`,
      `  to       ${host}:${target.path} (mode 0755)`,
    ].join("\n"),
  declined: (host: string): string => `Nothing was changed on ${host}`,
  done: (host: string, { path }: InstallTarget): string =>
    `Installed: ${path} on ${host}.\nNext: sudo-proxy --host ${host}`,
};

/** What a host has, and what that means for the installation. */
export const STEPS: Readonly<
  Record<Exclude<InstallStep, "elsewhere">, (host: string, target: InstallTarget) => string>
> = {
  new: (host) => `${host} has no sudo-proxy.`,
  update: (host, { version }) => `${host} has an older sudo-proxy: ${versionOf(version)}.`,
  same: (host, { program = "" }) =>
    `${host} has sudo-proxy ${VERSION} already (${program}). Nothing to do.`,
  newer: (host, { program = "", version }) =>
    `${host} has a newer sudo-proxy, ${version} (${program}); this one is ${VERSION}. Nothing to do.`,
};

/** The question before anything is copied. */
export function installQuestion(step: InstallStep): string {
  return `${step === "update" ? "Replace it" : "Install it"}? [y/N] `;
}

const UNCHANGED = "Nothing was changed, and no file was left there";

const EXITS: ReadonlyMap<number, string> = new Map([
  [INSTALL_EXIT.noFolder, "the folder ~/.local/bin can't be made there (see above)"],
  [INSTALL_EXIT.isFolder, "~/.local/bin/sudo-proxy is a folder there: move it away"],
  [INSTALL_EXIT.noHash, "sha256sum is missing there: install coreutils"],
  [
    INSTALL_EXIT.notWritten,
    "the file can't be written to ~/.local/bin there (see above): the disk may be full, or the home " +
    "read-only",
  ],
  [INSTALL_EXIT.otherHash, "what arrived there has another SHA-256: try again"],
]);

/** Says why the host did not install the file. */
export function installExit(code: number, host: string, { path }: Binary): string {
  const reason = code === INSTALL_EXIT.otherVersion
    ? `${path} does not run there, or is not sudo-proxy ${VERSION}`
    : EXITS.get(code) ?? `its shell ended with the exit code ${code}`;
  return `Cannot install on ${host}: ${reason}. ${UNCHANGED}`;
}

function versionOf(version: string): string {
  return version === "" ? "which tells no version" : `version ${version}`;
}
