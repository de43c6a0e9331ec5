/**
 * What is worth a second look before a key is pressed: words, not scores. A note never approves,
 * denies or hides anything.
 *
 * @module
 */
import type { ResolvedRequest, ResolvedStage } from "./request.ts";

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
    words: "is a disk (block device): what is written there replaces what is on it",
  },
  { pattern: /\/etc\/sudoers(?:\.d)?(?:\/|$)/, words: "decides who may become root" },
  { pattern: /\/etc\/g?shadow-?$/, words: "holds the passwords of this machine" },
  { pattern: /(?:^|\/)authorized_keys2?$/, words: "decides who may log in over SSH" },
];

/** Folders with fewer names in their path than this are close to the root. */
const CLOSE_TO_ROOT = 3;

/**
 * The notes of a stage.
 *
 * @param stage The stage.
 * @param request The request that it belongs to.
 * @returns One sentence a note, in a fixed order; request text in them is not escaped yet.
 */
export function stageNotes(stage: ResolvedStage, request: ResolvedRequest): string[] {
  return [
    ...(request.privileged && stage.changeable !== undefined
      ? [`root would run what others can change: ${stage.changeable}`]
      : []),
    ...(request.privileged && stage.script?.changeable !== undefined
      ? [
        `the script ${stage.script.path} is not shown, and others can change it: ${stage.script.changeable}`,
      ]
      : []),
    ...codeNotes(stage),
    ...targetNotes(stage),
    ...deletionNotes(stage, request.cwd),
  ];
}

/**
 * The notes of the request as a whole.
 *
 * @param request The request.
 * @returns One sentence a note.
 */
export function requestNotes(request: ResolvedRequest): string[] {
  const setsHome = request.env.some(([name]) => name === "HOME");
  return request.privileged && setsHome
    ? ["HOME is set: programs that root runs read their configuration there"]
    : [];
}

/**
 * The script file that an interpreter is given.
 *
 * @param program The program's path.
 * @param args Its arguments.
 * @returns The first argument that is no option, or `undefined` where the program is no interpreter
 * or is given code.
 */
export function scriptArgument(program: string, args: readonly string[]): string | undefined {
  const interpreter = interpreterOf(program);
  if (!interpreter || args.some((arg) => interpreter.isCode(arg))) return undefined;
  const first = args.find((arg) => !arg.startsWith("-"));
  return first === "" ? undefined : first;
}

function interpreterOf(program: string): (typeof INTERPRETERS)[number] | undefined {
  const name = baseName(program);
  return INTERPRETERS.find((interpreter) => interpreter.name.test(name));
}

function codeNotes({ program, args }: ResolvedStage): string[] {
  const interpreter = interpreterOf(program);
  const at = interpreter ? args.findIndex((arg) => interpreter.isCode(arg)) : -1;
  if (at < 0 || at + 1 >= args.length) return [];
  return [`${baseName(program)} is given code to run: its argument ${at + 2}`];
}

function targetNotes({ args }: ResolvedStage): string[] {
  return args.flatMap((arg) =>
    SENSITIVE_TARGETS.filter(({ pattern }) => pattern.test(arg)).map(({ words }) => {
      const path = arg.slice(arg.indexOf("/"));
      return `${path.length > 200 ? "an argument" : path} ${words}`;
    }).slice(0, 1)
  );
}

function deletionNotes({ program, args }: ResolvedStage, cwd: string): string[] {
  if (baseName(program) !== "rm") return [];
  const recursive = args.some((arg) =>
    (SHORT_OPTIONS.test(arg) && /[rR]/.test(arg)) || /^--rec/.test(arg)
  );
  if (!recursive) return [];
  return args.filter((arg) => !arg.startsWith("-")).flatMap((arg) => {
    const names = pathNames(arg.startsWith("/") ? arg : `${cwd}/${arg}`);
    if (names.length >= CLOSE_TO_ROOT) return [];
    return [`everything below /${names.join("/")} is deleted`];
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
