/**
 * The protocol client, for programs that ask for commands themselves. A person still presses a key
 * for each request: this module has no way around the prompt.
 *
 * Grant the program the socket alone, which is
 * `--allow-read=PATH --allow-write=PATH --allow-net=unix:PATH`, and `--allow-env=XDG_RUNTIME_DIR,TMPDIR
 * --allow-sys=uid` to find it.
 *
 * @example Ask for one command, and print its output
 * ```ts
 * import { sendRequest, socketOf } from "@tarides/sudo-proxy/client";
 *
 * const { status, stdout, message } = await sendRequest(
 *   { pipeline: [["id", "-u"]], reason: "to show how a program asks" },
 *   { socketPath: socketOf() },
 * );
 * if (status === "ok") Deno.stdout.writeSync(stdout ?? new Uint8Array());
 * else console.error(message ?? status);
 * ```
 *
 * @module
 */
import { hostEnvironment, socketPath } from "./lib/platform/paths.ts";

export { ping, sendRequest, UnreachableError } from "./lib/protocol/client.ts";
export type { Endpoint, Pong, SendOptions } from "./lib/protocol/client.ts";
export { ConnectionLostError, ProtocolError } from "./lib/protocol/errors.ts";
export type { ErrorCode } from "./lib/protocol/codes.ts";
export type { RequestInput } from "./lib/protocol/request.ts";
export type { ProgressEvent, Response } from "./lib/protocol/response.ts";
export { PathError } from "./lib/platform/paths.ts";

/**
 * The socket of this user's daemon.
 *
 * @param host The name of a remote host, for the local end of the tunnel to its daemon.
 * @returns An absolute path. Nothing need listen there.
 * @throws {PathError} If `XDG_RUNTIME_DIR` is no absolute path, or others can write to the folder.
 */
export function socketOf(host?: string): string {
  return socketPath(hostEnvironment(), host);
}
