/**
 * Asks Deno's debugger to evaluate code, again and again, until its standard input ends: complete
 * HTTP requests, then complete messages over a WebSocket. Prints as JSON in which processes that
 * worked, and which processes had the port open.
 *
 * @module
 */
const opened = new Set<number>();
const evaluated = new Set<number>();
let tries = 0;
let isDone = false;

async function hammer(): Promise<void> {
  while (!isDone) {
    tries++;
    try {
      const response = await fetch("http://127.0.0.1:9229/json");
      const pages: { webSocketDebuggerUrl: string }[] = await response.json();
      for (const [, pid] of JSON.stringify(pages).matchAll(/pid: (\d+)/g)) opened.add(Number(pid));
      for (const { webSocketDebuggerUrl } of pages) await evaluate(webSocketDebuggerUrl);
    } catch {
      // Nobody listens, or no longer.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

function evaluate(url: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    const timer = setTimeout(() => socket.close(), 2000);
    socket.onopen = () =>
      socket.send(
        JSON.stringify({ id: 1, method: "Runtime.evaluate", params: { expression: "Deno.pid" } }),
      );
    socket.onmessage = ({ data }) => {
      const pid = JSON.parse(data).result?.result?.value;
      if (typeof pid === "number") {
        evaluated.add(pid);
        socket.close();
      }
    };
    socket.onerror = () => {};
    socket.onclose = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

if (import.meta.main) {
  const workers = [hammer(), hammer(), hammer(), hammer()];
  console.log("started");
  for await (const _ of Deno.stdin.readable);
  isDone = true;
  await Promise.all(workers);
  console.log(JSON.stringify({ tries, opened: [...opened], evaluated: [...evaluated] }));
}
