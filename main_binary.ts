/**
 * The compiled program: daemon, client, launcher, setup, audit, and the MCP server (`sudo-proxy mcp`,
 * or by the name `sudo-proxy-mcp`). It gives up what its arguments don't need before it loads
 * anything else.
 *
 * @module
 */
import process from "node:process";
import { EXIT_FAILED } from "./lib/cli/answer.ts";
import { errorMessage, fail } from "./lib/cli/fail.ts";
import { guardProcess } from "./lib/guard.ts";
import { excessOf, giveUpAllBut, permissionsOf } from "./lib/narrow.ts";
import { folderOf, hostEnvironment } from "./lib/platform/paths.ts";
import { grantsFor, PACKAGE_COMMAND, seeingOwn } from "./lib/start.ts";
import { runProxy } from "./main_proxy.ts";

if (import.meta.main) {
  await guardProcess("");
  const isMcp = Deno.build.standalone && process.argv0?.split("/").at(-1) === "sudo-proxy-mcp";
  const args = isMcp ? ["mcp", ...Deno.args] : Deno.args;
  try {
    const worker = new URL("./main_worker.js", import.meta.url);
    const { grants } = grantsFor(hostEnvironment(), args);
    // A bundle that is not compiled reads its own files, and looks for its command.
    const folder = folderOf(decodeURIComponent(worker.pathname));
    const needed = PACKAGE_COMMAND === undefined
      ? grants
      : seeingOwn(grants, [folder, PACKAGE_COMMAND]);
    const needsNet = grants.net.length > 0;
    giveUpAllBut(needed);
    const excess = excessOf(needed, needsNet);
    if (excess.length > 0) fail(`Cannot start: Deno still allows ${excess.join(", ")}`);
    if (needsNet) {
      const permissions = permissionsOf(needed);
      const name = JSON.stringify({ args, grants: needed });
      const thread = new Worker(worker, { type: "module", name, deno: { permissions } });
      thread.addEventListener("message", ({ data }) => Deno.exit(data));
      thread.addEventListener("error", () => Deno.exit(70));
    } else {
      await runProxy(args);
    }
  } catch (error) {
    fail(errorMessage(error), args[0] === "request" ? EXIT_FAILED : 1);
  }
}
