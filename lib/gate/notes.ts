/**
 * What is worth a second look before a key is pressed: words, not scores. A note never approves,
 * denies or hides anything.
 *
 * @module
 */
import type { ResolvedStage, ShownRequest } from "./request.ts";

/** Letters of short options; every pattern here takes time in proportion to the text. */
const SHORT_OPTIONS = /^-[a-zA-Z]+$/;

/**
 * Programs that run what they are given, and the options that give it to them (their manual pages).
 */
const INTERPRETERS: readonly {
  readonly name: RegExp;
  readonly isCode: (arg: string) => boolean;
}[] = [
  {
    name: /^(?:ba|da|a|k|mk|z|fi|c|tc)?sh$/,
    isCode: (arg) => SHORT_OPTIONS.test(arg) && arg.includes("c"),
  },
  { name: /^python[0-9.]*$/, isCode: (arg) => SHORT_OPTIONS.test(arg) && arg.endsWith("c") },
  { name: /^(?:perl|ruby)[0-9.]*$/, isCode: (arg) => SHORT_OPTIONS.test(arg) && /[eE]$/.test(arg) },
  {
    name: /^(?:node|nodejs)$/,
    isCode: (arg) => ["-e", "-p", "-pe", "--eval", "--print"].includes(arg),
  },
  { name: /^php[0-9.]*$/, isCode: (arg) => arg === "-r" },
  { name: /^(?:lua|luajit|Rscript|osascript)[0-9.]*$/, isCode: (arg) => arg === "-e" },
];

/** Files whose change changes who may become root, or what the machine is made of. */
const SENSITIVE_TARGETS: readonly { readonly pattern: RegExp; readonly words: string }[] = [
  {
    pattern: /\/dev\/(?:sd|hd|vd|xvd|nvme|mmcblk|md|dm-|loop|mapper\/|disk\/)/,
    words: "a disk (block device): what is written there replaces what is on it",
  },
  { pattern: /\/etc\/sudoers(?:\.d)?(?:\/|$)/, words: "a file that decides who may become root" },
  { pattern: /\/etc\/g?shadow-?$/, words: "the file with the passwords of this machine" },
  { pattern: /(?:^|\/)authorized_keys2?$/, words: "a file that decides who may log in over SSH" },
];

/** Folders with fewer names in their path than this are close to the root. */
const CLOSE_TO_ROOT = 3;
/** More arguments are looked at for no note: thousands of notes would bury the one that matters. */
const MAX_NOTES = 8;
/** More arguments are not looked at as scripts. */
const MAX_SCRIPT_ARGUMENTS = 8;

/**
 * A note: our own words, and apart from them what they are about, which the request may have
 * chosen.
 */
export interface RiskNote {
  /** What stands before the words, quoted; request text or a path. */
  readonly about?: string;
  /** The words. */
  readonly words: string;
}

/**
 * The notes of a stage.
 *
 * @param stage The stage.
 * @param request The request that it belongs to.
 * @returns One entry a note, in a fixed order.
 */
export function stageNotes(stage: ResolvedStage, request: ShownRequest): RiskNote[] {
  const { changeable, script } = stage;
  const notes: RiskNote[] = [];
  if (request.asRoot && changeable !== undefined) {
    notes.push({
      about: changeable.place,
      words: `${changeable.who}: root would run what others can change`,
    });
  }
  if (request.asRoot && script !== undefined) {
    notes.push({ about: script.path, words: "is a script whose content is not shown" });
    if (script.changeable !== undefined) {
      notes.push({
        about: script.changeable.place,
        words: `${script.changeable.who}: others can change that script`,
      });
    }
  }
  notes.push(...codeNotes(stage), ...targetNotes(stage), ...deletionNotes(stage, request.cwd));
  if (notes.length <= MAX_NOTES) return notes;
  const more = notes.length - MAX_NOTES;
  return [...notes.slice(0, MAX_NOTES), { words: `${more} more notes like these` }];
}

/**
 * The notes of the request as a whole.
 *
 * @param request The request.
 * @returns One entry a note.
 */
export function requestNotes(request: ShownRequest): RiskNote[] {
  if (!request.asRoot) return [];
  const notes: RiskNote[] = [];
  if (request.cwdChangeable !== undefined) {
    const { place, who } = request.cwdChangeable;
    notes.push({ about: place, words: `${who}: others can change what is in the folder` });
  }
  if (request.env.some(([name]) => name === "HOME")) {
    notes.push({ words: "HOME is set: programs that root runs read their configuration there" });
  }
  return notes;
}

/**
 * What may be the script file that an interpreter is given.
 *
 * @param program The program's path.
 * @param args Its arguments.
 * @returns The first arguments that are no options; none where the program is no interpreter, or is
 * given code.
 */
export function scriptArguments(program: string, args: readonly string[]): string[] {
  const interpreter = interpreterOf(program);
  if (!interpreter || args.some((arg) => interpreter.isCode(arg))) return [];
  return args.filter((arg) => arg !== "" && !arg.startsWith("-")).slice(0, MAX_SCRIPT_ARGUMENTS);
}

function interpreterOf(program: string): (typeof INTERPRETERS)[number] | undefined {
  const name = baseName(program);
  return INTERPRETERS.find((interpreter) => interpreter.name.test(name));
}

function codeNotes({ program, args }: ResolvedStage): RiskNote[] {
  const interpreter = interpreterOf(program);
  const at = interpreter ? args.findIndex((arg) => interpreter.isCode(arg)) : -1;
  if (at < 0 || at + 1 >= args.length) return [];
  return [{ words: `${baseName(program)} is given code to run: its argument ${at + 2}` }];
}

function targetNotes({ args }: ResolvedStage): RiskNote[] {
  return args.flatMap((arg, index) =>
    SENSITIVE_TARGETS.filter(({ pattern }) => pattern.test(arg))
      .map(({ words }) => ({ words: `argument ${index + 1} names ${words}` })).slice(0, 1)
  );
}

function deletionNotes({ program, args }: ResolvedStage, cwd: string): RiskNote[] {
  if (baseName(program) !== "rm") return [];
  const recursive = args.some((arg) =>
    (SHORT_OPTIONS.test(arg) && /[rR]/.test(arg)) || arg.startsWith("--rec")
  );
  if (!recursive) return [];
  return args.filter((arg) => !arg.startsWith("-")).flatMap((arg) => {
    const names = pathNames(arg.startsWith("/") ? arg : `${cwd}/${arg}`);
    if (names.length >= CLOSE_TO_ROOT) return [];
    return [{ about: `/${names.join("/")}`, words: "is deleted, and everything below it" }];
  });
}

/** The names of a path, with `.` and `..` worked out as they stand. */
function pathNames(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return names;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
