import { unsupportedFault } from "../../lib/admit/supported.ts";
import { validatedRequest } from "../../lib/admit/request.ts";
import { assertEquals, assertMatch } from "../rig/assert.ts";
import { resolved } from "../session/resolved.ts";

const ALL = { root: "once", canFeedRoot: true, hasSshAgent: true } as const;
const PIPELINE = [["cat", "/etc/shadow"], ["wc"]];

function faultOf(
  request: Parameters<typeof resolved>[1],
  support: Partial<Parameters<typeof unsupportedFault>[1]>,
) {
  return unsupportedFault(validatedRequest(resolved("one", request)), { ...ALL, ...support });
}

Deno.test("unsupportedFault() refuses a privileged request where there is no way to root", () => {
  const fault = faultOf({}, { root: "none" });
  assertEquals(fault?.code, "unsupported");
  assertMatch(fault?.message ?? "", /"privileged" must be false, since sudo is not installed/);
  assertEquals(faultOf({ privileged: false }, { root: "none" }), undefined);
});

Deno.test("unsupportedFault() refuses a privileged pipeline where each program is asked for", () => {
  const fault = faultOf({ pipeline: PIPELINE }, { root: "perProgram" });
  assertEquals(fault?.code, "unsupported");
  assertMatch(
    fault?.message ?? "",
    /"pipeline" must have one stage .*: send the stages one by one/,
  );
  assertEquals(faultOf({}, { root: "perProgram" }), undefined);
  assertEquals(faultOf({ pipeline: PIPELINE }, {}), undefined);
  assertEquals(
    faultOf({ pipeline: PIPELINE, privileged: false }, { root: "perProgram" }),
    undefined,
  );
});

Deno.test("unsupportedFault() refuses root's pipes where others could write into them", () => {
  for (const request of [{ pipeline: PIPELINE }, { stdin: "" }]) {
    const fault = faultOf(request, { canFeedRoot: false });
    assertEquals(fault?.code, "unsupported");
    assertMatch(fault?.message ?? "", /"privileged" must be false where there is "stdin" or a/);
    assertEquals(faultOf(request, {}), undefined);
    assertEquals(faultOf({ ...request, privileged: false }, { canFeedRoot: false }), undefined);
  }
  assertEquals(faultOf({}, { canFeedRoot: false }), undefined);
});

Deno.test("unsupportedFault() refuses to lend an ssh agent that the daemon does not have", () => {
  const request = { privileged: false, forwardAgent: true };
  const fault = faultOf(request, { hasSshAgent: false });
  assertEquals(fault?.code, "unsupported");
  assertMatch(fault?.message ?? "", /"forward_agent" must be false, .*SSH_AUTH_SOCK is not set/);
  assertEquals(faultOf(request, {}), undefined);
  assertEquals(faultOf({ privileged: false }, { hasSshAgent: false }), undefined);
});
