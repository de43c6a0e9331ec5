/**
 * The folder that every package carries: `bin/` with the two commands, and what they start. That is
 * the compiled program where one was built, or else the bundle, which a Deno of this machine runs.
 *
 * @module
 */
import { bundleToRun } from "../tools/build.ts";
import { freshFolder, namesIn, PROJECT, writeFile } from "./common.ts";

/**
 * Makes the folder.
 *
 * @param binary The compiled program; the bundle is taken without one.
 */
export async function makeProgram(folder: string, binary?: string): Promise<void> {
  await freshFolder(folder);
  await writeFile(`${folder}/bin/sudo-proxy-mcp`, SERVER, 0o755);
  if (binary === undefined) {
    await bundleToRun(`${folder}/lib`);
    // Below a folder node_modules, Deno asks this file what the modules beside it are.
    await writeFile(`${folder}/lib/package.json`, '{ "type": "module" }\n');
    await writeFile(`${folder}/bin/sudo-proxy`, LAUNCHER, 0o755);
    for (const name of namesIn(`${folder}/lib`)) {
      await Deno.chmod(`${folder}/lib/${name}`, name.endsWith(".sh") ? 0o755 : 0o644);
    }
  } else {
    await Deno.copyFile(binary, `${folder}/bin/sudo-proxy`);
    await Deno.chmod(`${folder}/bin/sudo-proxy`, 0o755);
  }
  await Deno.chmod(`${folder}/bin`, 0o755);
  await Deno.copyFile(`${PROJECT}LICENSE`, `${folder}/LICENSE`);
  await Deno.chmod(`${folder}/LICENSE`, 0o644);
}

const SERVER = `#!/bin/sh
# Starts the MCP server of sudo-proxy on standard input and output.
program=$(dirname "$(readlink -f "$0")")/sudo-proxy
# What unpacked this may have lost its mode.
[ -x "$program" ] || chmod u+x "$program"
exec "$program" mcp "$@"
`;

/**
 * The command for a bundle. Deno is taken from the package `deno` of npm beside this one, or from
 * where it is installed; `PATH` has no say, since a model may be able to write in one of its folders.
 */
const LAUNCHER = `#!/bin/sh
# Starts sudo-proxy with exactly the permissions that its arguments need.
root=$(dirname "$(dirname "$(readlink -f "$0")")")
case $(uname -m) in
  aarch64) deno=@deno/linux-arm64-glibc/deno ;;
  *) deno=@deno/linux-x64-glibc/deno ;;
esac
found=
for modules in "$root/node_modules" "$root/../.."; do
  package=$(readlink -f "$modules/deno")
  for path in "$package/../$deno" "$package/node_modules/$deno"; do
    if [ -z "$found" ] && [ -x "$path" ]; then found=$(readlink -f "$path"); fi
  done
done
for path in /usr/bin/deno /usr/local/bin/deno "$HOME/.deno/bin/deno" "$HOME/.local/bin/deno"; do
  if [ -z "$found" ] && [ -x "$path" ]; then found=$path; fi
done
exec /bin/sh "$root/lib/start.sh" "$found" "$@"
`;
