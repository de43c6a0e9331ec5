import tab from "@bomb.sh/tab/commander";
import type { Command as TypedCommand } from "@commander-js/extra-typings";
import type { Command } from "commander";
import { fail } from "./fail.ts";

/**
 * The scripts are our own: those of the library hand the typed words to `eval`, so that pressing TAB
 * behind `$(…)` would run what is in it.
 */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_sudo_proxy() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line == :* ]] || COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(sudo-proxy complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _sudo_proxy sudo-proxy`,
  zsh: `_sudo_proxy() {
  local line
  local -a found
  while IFS= read -r line; do
    [[ $line == :* ]] && continue
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <(sudo-proxy complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe sudo-proxy found || _files
}
compdef _sudo_proxy sudo-proxy`,
  fish: `function __sudo_proxy_words
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    sudo-proxy complete -- $before[2..] "$current" 2>/dev/null | string match -v -- ':*'
end
complete -c sudo-proxy -a '(__sudo_proxy_words)'`,
};

/** The shells that there is a script for. */
export const SHELLS: readonly string[] = Object.keys(SCRIPTS);

/** The script for a shell; `undefined` if there is none. */
export function scriptOf(shell: string): string | undefined {
  return SCRIPTS[shell];
}

/**
 * @internal `sudo-proxy complete`: prints the script of a shell, or, as that script calls it with
 * `--`, the words that could come next.
 */
export function completeCommand(shell: string, makeCommands: () => TypedCommand): void {
  const at = Deno.args.indexOf("complete") + 1;
  if (Deno.args[at] === "--") {
    // The library knows commander's own types, of which ours are the same at run time.
    tab(makeCommands() as unknown as Command).parse(Deno.args.slice(at + 1));
  } else {
    const script = SCRIPTS[shell];
    if (script === undefined) {
      fail(`Cannot complete words for "${shell}": it must be one of ${SHELLS.join(", ")}`);
    }
    console.log(script);
  }
}
