import { skipLine, writeLine } from "../protocol/framing.ts";
import { MAX_IN_FLIGHT } from "../protocol/limits.ts";
import type { Response } from "../protocol/response.ts";
import { VERSION } from "../protocol/version.ts";
import { type Door, REFUSED_LINE_MS, serveConnection } from "./connection.ts";
import { LongLines } from "./long_lines.ts";
import type { ClaimedSocket } from "./socket.ts";

/** How many connections that are one too many may send their line before they are told. */
const MAX_REFUSED = 64;
/** How long to wait after the machine ran out of descriptors before the next try. */
const RETRY_MS = 100;

/**
 * Accepts connections until the socket is released, at most {@linkcode MAX_IN_FLIGHT} at once; one
 * more is told so and closed.
 *
 * @param socket Where they come from.
 * @param door The daemon that they reach.
 */
export async function acceptConnections(
  socket: Pick<ClaimedSocket, "accept">,
  door: Door,
): Promise<void> {
  let inFlight = 0;
  let refused = 0;
  const longLines = new LongLines();
  while (true) {
    let conn: Deno.UnixConn | null;
    try {
      conn = await socket.accept();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      continue;
    }
    if (conn === null) return;
    if (inFlight >= MAX_IN_FLIGHT) {
      refused++;
      refuse(conn, refused <= MAX_REFUSED).finally(() => refused--);
      continue;
    }
    inFlight++;
    serveConnection(conn, door, longLines).finally(() => inFlight--);
  }
}

/** A client that writes its line before it reads would find a closed connection, not the answer. */
async function refuse(conn: Deno.UnixConn, mayWrite: boolean): Promise<void> {
  const response: Response = {
    id: "",
    status: "error",
    message: `server busy: ${MAX_IN_FLIGHT} requests are in flight; try again later`,
    version: VERSION,
  };
  try {
    if (mayWrite) await skipLine(conn, REFUSED_LINE_MS);
    await writeLine(conn, response);
  } catch {
    // It went away before it was told.
  }
  conn.close();
}
