/**
 * Runs the tool of npm that defines MCP bundles, in the version that packs ours:
 * `deno task mcpb validate FILE`.
 *
 * @module
 */
import { run } from "./common.ts";
import { mcpbCommand } from "./mcpb.ts";

if (import.meta.main) console.log(await run(await mcpbCommand(...Deno.args)));
