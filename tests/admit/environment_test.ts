import fc from "fast-check";
import { isAllowedVariable } from "../../lib/admit/environment.ts";
import { assertEquals } from "../rig/assert.ts";

const ALLOWED = [
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "LC_MESSAGES",
  "LC_IDENTIFICATION",
  "TZ",
  "HOME",
  "DEBIAN_FRONTEND",
  "TERM",
];

const REFUSED = [
  "",
  " ",
  "LC_",
  "LC",
  "LC_all",
  "LC_A_B",
  "LC_1",
  "LC_*",
  "LC_ALL ",
  "LC_ALL\n",
  "LC_ALL=C",
  "XLC_ALL",
  "LANG\n",
  "\nLANG",
  "LANG\0",
  " LANG",
  "LANGUAGE",
  "lang",
  "Lang",
  "LANG=C",
  "tz",
  "home",
  "term",
  "TERMINFO",
  "TERMCAP",
  "TZDIR",
  "DEBIAN_FRONTEND_X",
  "PATH",
  "LD_PRELOAD",
  "LD_LIBRARY_PATH",
  "LD_AUDIT",
  "IFS",
  "BASH_ENV",
  "ENV",
  "SHELLOPTS",
  "PS4",
  "PYTHONPATH",
  "PERL5OPT",
  "NODE_OPTIONS",
  "GCONV_PATH",
  "LOCPATH",
  "NLSPATH",
  "EDITOR",
  "PAGER",
  "SUDO_ASKPASS",
  "USER",
  "SHELL",
  "DISPLAY",
  "SSH_AUTH_SOCK",
  "DBUS_SESSION_BUS_ADDRESS",
  "__proto__",
  "constructor",
  "toString",
  "ＬＡＮＧ",
  "LАNG",
];

Deno.test("isAllowedVariable() allows what the protocol lists", () => {
  for (const name of ALLOWED) assertEquals(isAllowedVariable(name), true, name);
});

Deno.test("isAllowedVariable() refuses everything else", () => {
  for (const name of REFUSED) assertEquals(isAllowedVariable(name), false, JSON.stringify(name));
});

Deno.test("isAllowedVariable() refuses an allowed name with anything before or after it", () => {
  // LC_HOME is as good a name as LC_ALL.
  const extra = fc.string({ minLength: 1, unit: "binary" }).filter((text) =>
    !text.startsWith("LC_")
  );
  // More capital letters make another allowed name of LC_, and of no other.
  const name = fc.constantFrom(...ALLOWED.filter((allowed) => !allowed.startsWith("LC_")));
  fc.assert(fc.property(name, extra, (allowed, text) => {
    assertEquals(isAllowedVariable(text + allowed), false);
    assertEquals(isAllowedVariable(allowed + text), false);
  }));
});
