/**
 * sudo-proxy: the daemon with the approval terminal, and its small commands.
 *
 * @module
 */
import { makeProgram } from "./lib/cli/program.ts";

if (import.meta.main) await makeProgram().parseAsync(Deno.args, { from: "user" });
