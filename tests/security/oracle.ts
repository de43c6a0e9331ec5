import { defined } from "../rig/assert.ts";
/**
 * A second account of docs/reference/wire.md: may this line be shown to a person, or answered? It shares
 * no code with the daemon, so that a mistake there is not a mistake here.
 *
 * @module
 */

/** What a line is. */
export type Verdict =
  | { readonly kind: "invalid" }
  | {
    readonly kind: "valid";
    /** What it asks for. */
    readonly action: string;
    /** Whether events were asked for. */
    readonly stream: boolean;
  };

const INVALID: Verdict = { kind: "invalid" };
const LINE_BYTES = 1_048_576;
const ENV_NAMES = new Set(["LANG", "TZ", "HOME", "DEBIAN_FRONTEND", "TERM"]);

/** Ranges of code points that no text may have, both ends included. */
const FORBIDDEN: readonly (readonly [number, number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x61c, 0x61c],
  [0x180e, 0x180e],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x2064],
  [0x2066, 0x2069],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xe0000, 0xe007f],
];

/**
 * Judges what was sent on a connection.
 *
 * @param bytes Everything up to the moment at which the client falls silent.
 * @param wallNow The time, in milliseconds of the epoch; a `time` close to a limit is not judged
 * well.
 * @returns The verdict.
 */
export function judge(bytes: Uint8Array, wallNow: number): Verdict {
  const end = bytes.indexOf(0x0a);
  if (end < 0 || end + 1 > LINE_BYTES) return INVALID;
  let value: unknown;
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    value = JSON.parse(decoder.decode(bytes.subarray(0, end)));
  } catch {
    return INVALID;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return INVALID;
  const fields = value as Record<string, unknown>;
  const has = (name: string) => Object.hasOwn(fields, name);
  const action = has("action") ? fields["action"] : "exec";
  const isValid = ["exec", "ping", "stop", "cancel"].includes(action as string) &&
    (!has("id") ||
      isText(fields["id"]) && fields["id"].length >= 1 && fields["id"].length <= 128) &&
    ["reason", "host", "session", "version"].every((name) => !has(name) || isText(fields[name])) &&
    (!has("cwd") || isText(fields["cwd"]) && fields["cwd"].charAt(0) === "/") &&
    (has("target") ? isText(fields["target"]) : action !== "cancel") &&
    (action !== "cancel" || fields["target"] !== "") &&
    ["privileged", "forward_agent", "stream"].every((name) =>
      !has(name) || fields[name] === true || fields[name] === false
    ) &&
    !(fields["forward_agent"] === true && (!has("privileged") || fields["privileged"] === true)) &&
    (!has("timeout_ms") || isRunLimit(fields["timeout_ms"])) &&
    (!has("stdin") || isInput(fields["stdin"])) &&
    (!has("env") || isEnvironment(fields["env"])) &&
    isPipeline(has("pipeline") ? fields["pipeline"] : [], action === "exec") &&
    has("time") && isFresh(fields["time"], wallNow);
  return isValid
    ? { kind: "valid", action: action as string, stream: fields["stream"] === true }
    : INVALID;
}

function isText(value: unknown, isScript = false): value is string {
  if (typeof value !== "string") return false;
  for (const character of value) {
    const code = defined(character.codePointAt(0));
    if (isScript && (code === 0x09 || code === 0x0a)) continue;
    if (FORBIDDEN.some(([first, last]) => code >= first && code <= last)) return false;
  }
  return true;
}

function isPipeline(value: unknown, isNeeded: boolean): boolean {
  if (!Array.isArray(value)) return false;
  if (!isNeeded) return value.length === 0;
  return value.length >= 1 && value.length <= 16 &&
    value.every((stage) =>
      Array.isArray(stage) && stage.length >= 1 && stage.length <= 4096 && stage[0] !== "" &&
      stage.every((word, index) => isText(word, index > 0) && new Blob([word]).size < 131_072)
    );
}

function isEnvironment(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const names = Reflect.ownKeys(value) as string[];
  return names.length <= 64 &&
    names.every((name) =>
      (ENV_NAMES.has(name) || /^LC_[A-Z]+$/.test(name)) &&
      isText((value as Record<string, unknown>)[name]) &&
      new Blob([name, "=", (value as Record<string, string>)[name] ?? ""]).size < 131_072
    );
}

function isRunLimit(value: unknown): boolean {
  return typeof value === "number" && Math.trunc(value) === value && value >= 1000 &&
    value <= 2_147_483_647;
}

function isInput(value: unknown): boolean {
  if (typeof value !== "string") return false;
  const digits = value.replace(/[\t\n\f\r ]/g, "");
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(digits)) {
    return false;
  }
  const binary = atob(digits);
  if (btoa(binary) !== digits) return false;
  try {
    const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
    return isText(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), true);
  } catch {
    return false;
  }
}

function isFresh(value: unknown, wallNow: number): boolean {
  if (typeof value !== "string") return false;
  const form = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]00:00)$/.exec(value);
  if (!form) return false;
  const time = Date.parse(`${form[1]}Z`);
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 19) !== form[1]) return false;
  return time - wallNow < 30_000 && wallNow - time < 60_000;
}
