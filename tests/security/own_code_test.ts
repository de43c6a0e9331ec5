/**
 * Neither setup nor the daemon starts where others can change the sources, the packages or Deno.
 *
 * @module
 */
import { assertEquals, assertMatch } from "../rig/assert.ts";
import { Installation } from "../rig/installation.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { execute, lacks, succeed } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

/** A user who is neither root nor the one who starts the program. */
const NOBODY = 65534;

/** Each change, below the folder of the installation, and what makes it as it was. */
type Change = readonly [program: string, how: string, path: string];

const CHANGES: readonly (readonly [what: string, change: Change, undo: Change, RegExp])[] = [
  ["the checkout", ["chmod", "o+w", "project"], ["chmod", "o-w", "project"], /every user/],
  [
    "a folder",
    ["chmod", "o+w", "project/lib/decide"],
    ["chmod", "o-w", "project/lib/decide"],
    /every/,
  ],
  [
    "a file",
    ["chmod", "o+w", "project/lib/decide/approved.ts"],
    ["chmod", "o-w", "project/lib/decide/approved.ts"],
    /approved\.ts can be written by every user/,
  ],
  [
    "what computes grants",
    ["chmod", "o+w", "project/main_permissions.ts"],
    ["chmod", "o-w", "project/main_permissions.ts"],
    /main_permissions\.ts can be written by every user/,
  ],
  [
    "another owner",
    ["chown", String(NOBODY), "project/lib"],
    ["chown", "0", "project/lib"],
    /belongs to the user with the id 65534/,
  ],
  [
    "another group",
    ["chmod", "g+w", "project/lib/run"],
    ["chmod", "g-w", "project/lib/run"],
    /can be written by the group with the id 65534/,
  ],
  ["DENO_DIR", ["chmod", "o+w", "deno-dir"], ["chmod", "o-w", "deno-dir"], /deno-dir can be/],
  [
    "the packages",
    ["chmod", "o+w", "deno-dir/npm"],
    ["chmod", "o-w", "deno-dir/npm"],
    /npm can be/,
  ],
];

Deno.test({
  name: "what others can change is neither set up nor started: sources, packages and Deno",
  ignore: lacks("root", "tmux", "sudo", "runuser", "useradd"),
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using installation = await Installation.make(user);
    const { folder } = installation;
    await succeed(["chown", `:${NOBODY}`, `${folder}/project/lib/run`]);
    const below = ([program, how, path]: Change) => [program, how, `${folder}/${path}`];
    for (const [what, change, undo, says] of CHANGES) {
      await t.step(what, async () => {
        await succeed(below(change));
        await isRefused(installation, user, says);
        await succeed(below(undo));
      });
    }
    await t.step("Deno", async () => {
      await Deno.mkdir(`${folder}/open`);
      await succeed(["chmod", "777", `${folder}/open`]);
      await succeed(["cp", "-l", `${folder}/deno`, `${folder}/open/deno`]);
      await isRefused(installation, user, /\/open can be written by every user/, "open/deno");
    });
    await t.step("as it was, it starts", async () => {
      await using terminal = await start(installation, user);
      await terminal.shows("waiting on");
    });
  },
});

async function isRefused(
  installation: Installation,
  user: OrdinaryUser,
  says: RegExp,
  deno?: string,
): Promise<void> {
  await using terminal = await start(installation, user, deno);
  assertEquals(await terminal.exitCode(), 1);
  const screen = (await terminal.history()).replaceAll("\n", "");
  assertMatch(screen, /sudo-proxy: Cannot start: /);
  assertMatch(screen, says);
  const words = installation.command("setup", ["--client", "cursor", "--yes"]);
  const setup = await execute([
    ...["runuser", "-u", user.name, "--"],
    ...withDeno(installation, words, deno),
  ]);
  assertEquals(setup.code, 1, setup.stdout);
  assertMatch(setup.stderr, /sudo-proxy: Cannot set up: /);
  assertMatch(setup.stderr, says);
}

async function start(
  installation: Installation,
  user: OrdinaryUser,
  deno?: string,
): Promise<TmuxTerminal> {
  const words = installation.command("proxy", ["--socket", installation.socket]);
  const command = withDeno(installation, words, deno);
  return await TmuxTerminal.open({ command, user: user.name, columns: 200 });
}

/** The same words with another Deno; where it may be read, it may be started. */
function withDeno({ folder }: Installation, words: string[], deno = "deno"): string[] {
  return words.map((word) => word === `${folder}/deno` ? `${folder}/${deno}` : word);
}
