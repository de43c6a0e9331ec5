import { sendRequest } from "../../lib/protocol/client.ts";
import { assertEquals } from "../rig/assert.ts";
import { Installation } from "../rig/installation.ts";
import { eventually, lacks, program } from "../rig/tools.ts";

Deno.test({
  name:
    "a key that comes after a command has ended, and before the request is drawn anew, is no key",
  ignore: lacks("socat", "stty"),
  async fn() {
    await using installation = await Installation.make();
    const { socket: socketPath, folder } = installation;
    const words = installation.command("proxy", ["--socket", socketPath])
      .map((word) => `'${word}'`).join(" ");
    await Deno.writeTextFile(`${folder}/start.sh`, `stty rows 24 cols 80\nexec ${words}\n`);
    // A terminal that answers no question: each one takes its full time.
    const terminal = new Deno.Command(program("socat"), {
      args: ["-", `EXEC:sh ${folder}/start.sh,pty,setsid,ctty,stderr`],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const keys = terminal.stdin.getWriter();
    const press = (key: string) => keys.write(new TextEncoder().encode(key));
    let seen = "";
    const reading = (async () => {
      for await (const bytes of terminal.stdout) seen += new TextDecoder().decode(bytes);
    })();
    // What a drawing says last: each of its words may have a style of its own.
    const isArmed = () => seen.lastIndexOf("Waiting") > seen.lastIndexOf("moment");
    try {
      await eventually("the daemon", () => seen.includes("waiting"));
      const script = `until test -e ${folder}/end; do sleep 0.05; done`;
      const first = sendRequest({ pipeline: [["sh", "-c", script]] }, { socketPath });
      await eventually("an armed prompt", isArmed);
      await press("y");
      await eventually("the end of the prompt", () => seen.includes("\x1b[?1049l"));
      seen = "";
      const second = sendRequest({ pipeline: [["id"]] }, { socketPath });
      await eventually("an armed prompt", isArmed);
      await Deno.writeTextFile(`${folder}/end`, "");
      assertEquals((await first).status, "ok");
      // The terminal is reset now, and asked what it draws for a second.
      await press("y");
      const after = seen.length;
      await eventually(
        "the request, drawn anew",
        () => seen.indexOf("moment", after) > 0,
      );
      await press("n");
      assertEquals((await second).status, "denied");
    } finally {
      // Where it is still there, it would put its socket back into the next installation.
      await sendRequest({ pipeline: [], action: "stop" }, { socketPath }).catch(() => {});
      await terminal.status;
      await reading;
      await keys.close().catch(() => {});
    }
  },
});
