import { validatedRequest } from "../../lib/admit/request.ts";
import { systemProgram } from "../../lib/platform/paths.ts";
import { findHelperPrograms } from "../../lib/run/programs.ts";
import { resolveRequest } from "../../lib/run/resolve.ts";
import { selfWay } from "../../lib/run/root/self.ts";
import type { RootWay } from "../../lib/run/root/way.ts";
import { run } from "../../lib/run/run.ts";
import { TrailFolder } from "../audit/folder.ts";
import { assertEquals, at } from "../rig/assert.ts";
import { Machine, only } from "../session/machine.ts";
import { resolved } from "../session/resolved.ts";

const SH = systemProgram("sh") ?? "sh";
const TWO_STAGES = [[SH, "-c", "true"], [SH, "-c", "true"]];

/** A way to root that can't start a stage with some number. */
function wayWithout(name: RootWay["name"], missing: number): RootWay {
  let started = 0;
  return {
    ...selfWay(),
    name,
    isSupervised: name === "sudo",
    launch: ({ argv, env }) => ({
      argv: started++ === missing ? ["/nowhere/sudo", ...argv] : argv,
      env,
      place: name === "root" ? "foreground" : "group",
    }),
  };
}

/** How a command ends that was really approved and recorded. */
async function endOf(root: RootWay) {
  await using folder = await TrailFolder.make();
  const fields = validatedRequest(resolved("one", { pipeline: TWO_STAGES }));
  const found = await resolveRequest(fields, { uid: Deno.uid() ?? 0, userPath: "" });
  if ("fault" in found) throw new Error(found.fault.message);
  const effects = new Machine({ authentication: "none" }).approve(found.request);
  const recorded = folder.open().recordStart(at(only(effects, "start"), 0).approved);
  return await run(recorded, {
    helpers: findHelperPrograms(),
    pipesFolder: `${folder.path}.pipes`,
    login: { user: "root", home: "/", shell: "/bin/sh", path: "", sshAgent: undefined },
    root,
    withTerminal: false,
    lent: () => Promise.resolve(),
    onStarted: () => {},
    onOutput: () => {},
  }).ended;
}

for (const name of ["root", "sudo"] as const) {
  Deno.test(`run() tells whether stages ran before one that can't be started, by ${name}`, async () => {
    const [first, second] = [await endOf(wayWithout(name, 0)), await endOf(wayWithout(name, 1))];
    assertEquals([first.kind, second.kind], ["refused", "refused"]);
    assertEquals([first, second].map((end) => "ran" in end && end.ran), [false, true]);
  });
}
