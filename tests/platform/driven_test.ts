import { DRIVEN_VARIABLES, drivenBy } from "../../lib/platform/driven.ts";
import { assertEquals } from "../rig/assert.ts";

/** What drives a terminal with these variables alone. */
function driver(variables: Readonly<Record<string, string>>): string | undefined {
  return drivenBy({ uid: 1000, get: (name) => variables[name] });
}

Deno.test("drivenBy() names what can press keys in place of a person", () => {
  assertEquals(driver({}), undefined);
  assertEquals(driver({ TMUX: "/tmp/tmux-1000/default,1,0", TERM_PROGRAM: "tmux" }), "tmux");
  assertEquals(driver({ NVIM: "/run/user/1000/nvim.1.0" }), "Neovim");
  assertEquals(driver({ INSIDE_EMACS: "29.1,comint" }), "Emacs");
  assertEquals(driver({ TERM_PROGRAM: "vscode" }), "VS Code and its extensions");
  assertEquals(
    driver({ TERMINAL_EMULATOR: "JetBrains-JediTerm" }),
    "the JetBrains IDE and its plugins",
  );
  assertEquals(driver({ DISPLAY: ":0" }), "any program on this X11 display");
});

Deno.test("drivenBy() says nothing of terminals in which nobody else types", () => {
  assertEquals(driver({ TERM_PROGRAM: "ghostty", TERMINAL_EMULATOR: "x" }), undefined);
  assertEquals(driver({ TMUX: "", DISPLAY: ":0", WAYLAND_DISPLAY: "wayland-0" }), undefined);
});

Deno.test("drivenBy() reads no variable that is not granted", () => {
  const read = new Set<string>();
  drivenBy({ uid: 1000, get: (name) => void read.add(name) });
  assertEquals([...read].filter((name) => !DRIVEN_VARIABLES.includes(name)), []);
});
