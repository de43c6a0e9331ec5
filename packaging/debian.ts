/**
 * The Debian package: the two commands for every user, manual pages and completions. With the
 * compiled program in it, the package is for one architecture; with the bundle, for all.
 *
 * @module
 */
import { scriptOf, SHELLS } from "../lib/cli/complete.ts";
import { DIST, epoch, PROJECT, run, SUMMARY, VERSION, writeFile } from "./common.ts";
import { MANUAL_PAGES, manualPage } from "./manual.ts";
import { makeProgram } from "./program.ts";

/** Debian's names of the architectures that Deno is built for. */
export const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  aarch64: "arm64",
};

/** Whoever publishes the package names himself in the variables that all of Debian's tools read. */
const MAINTAINER = `${Deno.env.get("DEBFULLNAME") ?? "The sudo-proxy contributors"} ` +
  `<${Deno.env.get("DEBEMAIL") ?? "nobody@localhost"}>`;

/** Where the shells look for completions. */
const COMPLETIONS: Readonly<Record<string, string>> = {
  bash: "bash-completion/completions/sudo-proxy",
  zsh: "zsh/vendor-completions/_sudo-proxy",
  fish: "fish/vendor_completions.d/sudo-proxy.fish",
};

/**
 * Makes the package, and gives back its path.
 *
 * @param binary The compiled program, if there is one.
 * @param machine The machine that it was compiled for, as Deno names it.
 */
export async function makeDebian(
  output: string,
  binary?: string,
  machine: string = Deno.build.arch,
): Promise<string> {
  const folder = `${DIST}/packaging/debian`;
  const architecture = binary === undefined ? "all" : ARCHITECTURES[machine] ?? machine;
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await makeProgram(`${folder}/usr/lib/sudo-proxy`, binary);
  // Debian has the licence in a place of its own.
  await Deno.remove(`${folder}/usr/lib/sudo-proxy/LICENSE`);
  await Deno.mkdir(`${folder}/usr/bin`);
  for (const name of ["sudo-proxy", "sudo-proxy-mcp"]) {
    // Deno makes links only with the right to write everywhere.
    await run(["ln", "-s", `../lib/sudo-proxy/bin/${name}`, `${folder}/usr/bin/${name}`]);
  }
  for (const page of MANUAL_PAGES) {
    const file = `man${page.section}/${page.name}.${page.section}`;
    await writeCompressed(`${folder}/usr/share/man/${file}`, await manualPage(page));
  }
  const documents = `${folder}/usr/share/doc/sudo-proxy`;
  await writeFile(
    `${documents}/copyright`,
    copyright(await Deno.readTextFile(`${PROJECT}LICENSE`)),
  );
  await writeCompressed(`${documents}/changelog`, changelog(new Date(await epoch() * 1000)));
  for (const shell of SHELLS) {
    await writeFile(`${folder}/usr/share/${COMPLETIONS[shell]}`, completion(shell));
  }
  const overrides = await Deno.readTextFile(`${PROJECT}packaging/files/lintian-overrides`);
  await writeFile(`${folder}/usr/share/lintian/overrides/sudo-proxy`, overrides);
  await writeFile(`${folder}/DEBIAN/control`, control(architecture, sizeOf(folder)));
  for (const path of foldersIn(folder)) await Deno.chmod(path, 0o755);
  await Deno.mkdir(output, { recursive: true });
  // The compiled program is large, and a higher level takes minutes for little.
  const level = binary === undefined ? "-z6" : "-z1";
  const file = `${output}/sudo-proxy_${VERSION}_${architecture}.deb`;
  await run(
    ["dpkg-deb", "--root-owner-group", "-Zxz", level, "--threads-max=1", "--build", folder, file],
    {
      env: { SOURCE_DATE_EPOCH: String(await epoch()) },
    },
  );
  return file;
}

/** gzip without a time in it, as Debian wants manual pages. */
async function writeCompressed(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await run(["gzip", "-9", "--no-name", "--force", path]);
}

/** The file for a shell. zsh loads it as a function when the first word is completed. */
function completion(shell: string): string {
  const script = `${scriptOf(shell)}\n`;
  return shell === "zsh" ? `#compdef sudo-proxy\n${script}_sudo_proxy "$@"\n` : script;
}

function control(architecture: string, kilobytes: number): string {
  return `Package: sudo-proxy
Version: ${VERSION}
Section: admin
Priority: optional
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${kilobytes}
Depends: coreutils (>= 8.31), procps${architecture === "all" ? "" : ", libc6 (>= 2.27), libgcc-s1"}
Recommends: sudo
Suggests: openssh-client, tmux | x-terminal-emulator
Description: ${SUMMARY[0]?.toLowerCase()}${SUMMARY.slice(1)}
 An AI model sometimes needs a command to run as root, and it must not have
 your password. sudo-proxy shows you, at a terminal, the exact command that the
 model asks for, and runs it with sudo only after you press a key.
 .
 It has an MCP server for the model, a daemon for the terminal, and a client for
 the command line. "sudo-proxy setup" tells the MCP clients of a user of it.${
    architecture === "all"
      ? `
 .
 This package needs Deno 2.9, which Debian does not have: the package deno of
 npm brings it.`
      : ""
  }
`;
}

function changelog(date: Date): string {
  const changes = "  * See CHANGELOG.md in the sources.";
  const time = date.toUTCString().replace("GMT", "+0000");
  return `sudo-proxy (${VERSION}) unstable; urgency=medium\n\n${changes}\n\n -- ${MAINTAINER}  ${time}\n`;
}

function copyright(licence: string): string {
  const [, holder = ""] = /Copyright \(c\) (.*)/.exec(licence) ?? [];
  const text = licence.slice(licence.indexOf("Permission is")).trim()
    .split("\n").map((line) => line === "" ? " ." : ` ${line}`).join("\n");
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: sudo-proxy
Comment: The program carries packages of npm. docs/dependencies.md of the sources
 names each with its licence; the release has them in its bill of materials.

Files: *
Copyright: ${holder}
License: Expat
${text}
`;
}

function foldersIn(folder: string): string[] {
  const inner = [...Deno.readDirSync(folder)].filter(({ isDirectory }) => isDirectory)
    .flatMap(({ name }) => foldersIn(`${folder}/${name}`));
  return [folder, ...inner];
}

/** In kilobytes, each file rounded up, as Debian counts. */
function sizeOf(folder: string): number {
  return foldersIn(folder).flatMap((path) =>
    [...Deno.readDirSync(path)].map(({ name }) => Deno.lstatSync(`${path}/${name}`))
  ).reduce((sum, { isFile, size }) => sum + (isFile ? Math.ceil(size / 1024) : 1), 0);
}
