import { type Choice, resolved } from "../session/resolved.ts";
import { resolvedRequest, type ResolvedStage, validatedRequest } from "../../lib/admit/request.ts";
import type { Line } from "../../lib/view/paint.ts";
import { layoutOf, requestText } from "../../lib/view/request_lines.ts";
import { assertEquals } from "../rig/assert.ts";

const PLACE = { machine: "box", user: "joe" };

function linesOf(request: ReturnType<typeof resolved>): string[] {
  return requestText(request, PLACE, 80).split("\n").slice(0, -1);
}

/** The labels that are drawn as badges. */
function badges(request: ReturnType<typeof resolved>): string[] {
  const lines: readonly Line[] = layoutOf({ request, ...PLACE }, 80).lines(0, 100);
  return lines.flatMap((line) => line)
    .filter(({ style }) => style === "badge").map(({ text }) => text.trim());
}

/** A request for a program that is a link. */
function link(program: string, realPath: string, choice: Partial<ResolvedStage> = {}) {
  const { cwdIdentity, cwdChangeable, asRoot, stages: before, ...fields } = resolved("1", {
    pipeline: [[program]],
  });
  const request = validatedRequest(fields);
  const stages = before.map((stage) => ({
    ...stage,
    identity: { ...stage.identity, realPath },
    ...choice,
  }));
  return resolvedRequest(request, stages, { asRoot, cwdIdentity, cwdChangeable });
}

Deno.test("a blank line stands above and below the command", () => {
  assertEquals(linesOf(resolved("1", { reason: "why", session: "who", version: "" })), [
    " RUN AS ROOT  on box",
    "",
    "   command   /usr/bin/true",
    "",
    "  asked by   who",
    "    reason   why",
    "  defaults   in folder /",
  ]);
});

Deno.test("stages stand together, apart from what is to be said about each", () => {
  const pipeline = [["/usr/bin/id"], ["/usr/bin/sh", "-c", "id"], ["/usr/bin/wc"]];
  assertEquals(linesOf(resolved("1", { pipeline })).slice(1, 9), [
    "",
    "   command   /usr/bin/id",
    "| piped to   /usr/bin/sh -c id",
    "",
    "      note   runs a script given as argument 2",
    "",
    "| piped to   /usr/bin/wc",
    "",
  ]);
});

Deno.test("what most requests have in common is one line, and what differs has its own", () => {
  const last = (choice: Choice) => linesOf(resolved("1", choice)).slice(4);
  assertEquals(last({ timeoutMs: 120_000, version: "1.2.0" }), [
    "  asked by   tests",
    "    reason   a test",
    "  defaults   in folder /, at most 120 s, client 1.2.0",
  ]);
  assertEquals(last({ timeoutMs: 120_001, version: "1.2.0, at most 120 s" }), [
    "   at most   120.001 s",
    "  asked by   tests",
    "    client   1.2.0, at most 120 s",
    "    reason   a test",
    "  defaults   in folder /",
  ]);
});

Deno.test("a program of the system that links to another is no reason to look twice", () => {
  const you = { path: "/usr/bin/sh", who: "belongs to you" };
  assertEquals(badges(link("/usr/bin/sh", "/usr/bin/dash")), []);
  assertEquals(linesOf(link("/usr/bin/sh", "/usr/bin/dash"))[4], "  which is   /usr/bin/dash");
  assertEquals(badges(link("/usr/bin/sh", "/usr/bin/dash", { changeable: you })), [
    "which is",
    "note",
  ]);
  assertEquals(badges(link("/usr/bin/java", "/opt/jvm/bin/java")), ["which is"]);
  assertEquals(badges(link("/opt/sh", "/usr/bin/dash")), ["which is"]);
});
