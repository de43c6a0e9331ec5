/**
 * Notes on what is worth a second look before a key is pressed: words, not scores. A note never
 * approves, denies or hides anything.
 *
 * @module
 */
import type { ResolvedStage, ShownRequest } from "../admit/request.ts";

/** Letters of short options; every pattern here takes time in proportion to the text. */
const SHORT_OPTIONS = /^-[a-zA-Z]+$/;
/** Long options of bash that may begin with one dash, and have a `c` (bash(1)). */
const LONG_OPTIONS: ReadonlySet<string> = new Set(["-norc", "-rcfile", "-restricted"]);

/**
 * Programs that run code from their arguments, the options that pass the code, and the options
 * whose value is the next argument (from the manual pages).
 */
const INTERPRETERS: readonly {
  readonly name: RegExp;
  readonly isCode: (arg: string) => boolean;
  readonly takesValue?: RegExp;
}[] = [
  {
    name: /^(?:ba|da|a|k|mk|z|fi|c|tc)?sh$/,
    isCode: (arg) => SHORT_OPTIONS.test(arg) && arg.includes("c") && !LONG_OPTIONS.has(arg),
    takesValue: /^(?:[-+][a-zA-Z]*[oO]|--?rcfile|--?init-file)$/,
  },
  {
    name: /^python[0-9.]*$/,
    isCode: (arg) => SHORT_OPTIONS.test(arg) && arg.endsWith("c"),
    takesValue: /^-[WX]$/,
  },
  { name: /^(?:perl|ruby)[0-9.]*$/, isCode: (arg) => SHORT_OPTIONS.test(arg) && /[eE]$/.test(arg) },
  {
    name: /^(?:node|nodejs)$/,
    isCode: (arg) => ["-e", "-p", "-pe", "--eval", "--print"].includes(arg),
    takesValue: /^(?:-r|--require|--import)$/,
  },
  { name: /^php[0-9.]*$/, isCode: (arg) => arg === "-r", takesValue: /^-[cd]$/ },
  { name: /^(?:lua|luajit|Rscript|osascript)[0-9.]*$/, isCode: (arg) => arg === "-e" },
];

/** Files that decide who may become root, or what the machine is made of. */
const SENSITIVE_TARGETS: readonly { readonly pattern: RegExp; readonly text: string }[] = [
  {
    pattern: /\/dev\/(?:sd|hd|vd|xvd|nvme|mmcblk|md|dm-|loop|mapper\/|disk\/)/,
    text: "a disk (block device): what is written there replaces what is on it",
  },
  { pattern: /\/etc\/sudoers(?:\.d)?(?:\/|$)/, text: "a file that decides who may become root" },
  { pattern: /\/etc\/g?shadow-?$/, text: "the file with the passwords of this machine" },
  { pattern: /(?:^|\/)authorized_keys2?$/, text: "a file that decides who may log in over SSH" },
];

/** Folders with fewer names in their path than this are close to the root. */
const CLOSE_TO_ROOT = 3;
/**
 * How many notes of a stage are shown; the rest is counted. Thousands would bury the one that
 * matters.
 */
const MAX_NOTES = 8;
/** How many arguments that can't be looked at have a note; the rest is counted. */
const MAX_UNSEEN_NOTES = 2;

/** A note: our own words, and separately what they are about. */
export interface RiskNote {
  /** What stands before the text, quoted; a text that the request may have chosen. */
  readonly about?: string;
  /** The text. */
  readonly text: string;
}

/** The notes of a stage of a request, in a fixed order. */
export function stageNotes(stage: ResolvedStage, request: ShownRequest): RiskNote[] {
  const { changeable } = stage;
  const notes: RiskNote[] = [];
  if (request.asRoot && changeable !== undefined) {
    notes.push({
      about: changeable.path,
      text: `${changeable.who}: root would run a program that others can change`,
    });
  }
  // Notes that a request can have by the thousand come last.
  notes.push(
    ...codeNotes(stage),
    ...unseenNotes(stage),
    ...(request.asRoot ? changeableNotes(stage) : []),
    ...targetNotes(stage),
    ...deletionNotes(stage),
    ...contentNotes(stage),
  );
  if (notes.length <= MAX_NOTES) return notes;
  const more = notes.length - MAX_NOTES;
  return [...notes.slice(0, MAX_NOTES), { text: `${more} more notes, perhaps of other kinds` }];
}

/** The notes of the request as a whole. */
export function requestNotes(request: ShownRequest): RiskNote[] {
  if (!request.asRoot) return [];
  const notes: RiskNote[] = [];
  if (request.cwdChangeable !== undefined) {
    const { path, who } = request.cwdChangeable;
    notes.push({ about: path, text: `${who}: others can change what is in the folder` });
  }
  if (request.env.some(([name]) => name === "HOME")) {
    notes.push({ text: "HOME is set: programs that root runs read their configuration there" });
  }
  return notes;
}

function codeNotes({ program, args }: ResolvedStage): RiskNote[] {
  const name = baseName(program);
  const interpreter = INTERPRETERS.find((interpreter) => interpreter.name.test(name));
  if (interpreter === undefined) return [];
  let isValue = false;
  for (const [index, arg] of args.entries()) {
    if (interpreter.isCode(arg) && !isValue) {
      return index + 1 < args.length
        ? [{ text: `runs a script given as argument ${index + 2}` }]
        : [];
    }
    // Options count only before the first operand.
    if (!isValue && !interpreter.takesValue?.test(arg) && (!/^[-+]./.test(arg) || arg === "--")) {
      return [];
    }
    isValue = !isValue && interpreter.takesValue?.test(arg) === true;
  }
  return [];
}

function unseenNotes({ unseen, unlooked }: ResolvedStage): RiskNote[] {
  const notes = unseen.slice(0, MAX_UNSEEN_NOTES).map((argument) => ({
    text:
      `argument ${argument} leads where sudo-proxy can't look: a change before it runs goes unnoticed`,
  }));
  const more = unseen.length - notes.length;
  if (more > 0) notes.push({ text: `the same holds for ${more} more of the arguments` });
  if (unlooked > 0) {
    notes.push({
      text:
        `${unlooked} more arguments were not looked at: a change of files that they name goes unnoticed`,
    });
  }
  return notes;
}

function changeableNotes({ named }: ResolvedStage): RiskNote[] {
  // Files in one folder have one note about that folder.
  const folders = new Map(
    named.flatMap(({ isFile, changeable }) =>
      isFile && changeable !== undefined ? [[changeable.path, changeable.who] as const] : []
    ),
  );
  return [...folders].map(([about, who]) => ({
    about,
    text: `${who}: others can change a file that an argument names`,
  }));
}

function contentNotes({ named }: ResolvedStage): RiskNote[] {
  return named.filter(({ isFile }) => isFile)
    .map(({ at }) => ({ about: at, text: "is a file whose content is not shown" }));
}

function targetNotes({ args }: ResolvedStage): RiskNote[] {
  return args.flatMap((arg, index) =>
    SENSITIVE_TARGETS.filter(({ pattern }) => pattern.test(arg))
      .map(({ text }) => ({ text: `argument ${index + 1} names ${text}` })).slice(0, 1)
  );
}

function deletionNotes({ program, args, named }: ResolvedStage): RiskNote[] {
  if (baseName(program) !== "rm") return [];
  const recursive = args.some((arg) =>
    (SHORT_OPTIONS.test(arg) && /[rR]/.test(arg)) || arg.startsWith("--rec")
  );
  if (!recursive) return [];
  return named.filter(({ at }) => at.split("/").filter(Boolean).length < CLOSE_TO_ROOT)
    .map(({ at, identity }) => ({
      about: at,
      text: at === identity.realPath
        ? "is deleted, and everything below it"
        : "is a link, and is deleted",
    }));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
