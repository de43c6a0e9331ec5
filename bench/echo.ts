/**
 * The least that a server in Deno can do: it answers each connection's line with the answer to a
 * ping, and closes. `ping` is measured beside it. Its argument is its socket.
 *
 * @module
 */
import { at } from "../tests/rig/assert.ts";

const ANSWER = new TextEncoder().encode(
  `{"id":"00000000-0000-4000-8000-000000000000","status":"ok","message":"pong"}\n`,
);

async function answer(conn: Deno.UnixConn): Promise<void> {
  const buffer = new Uint8Array(4096);
  const length = await conn.read(buffer);
  if (length !== null) await conn.write(ANSWER);
  conn.close();
}

if (import.meta.main) {
  for await (const conn of Deno.listen({ transport: "unix", path: at(Deno.args, 0) })) {
    answer(conn).catch(() => {});
  }
}
