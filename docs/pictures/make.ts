/**
 * Makes the pictures of the documents from real runs: the real daemon of an ordinary user, in a real
 * tmux window, and real requests.
 *
 * @module
 */
import type { RequestInput } from "../../lib/protocol/request.ts";
import { RunningDaemon } from "../../tests/rig/daemon.ts";
import { succeed } from "../../tests/rig/tools.ts";
import { OrdinaryUser } from "../../tests/rig/user.ts";
import { type Cell, readCells, replaceWord, rowText } from "./cells.ts";
import { drawMovie, drawSvg, type Frame } from "./svg.ts";
import { atLeast } from "../../tests/rig/assert.ts";

/** A daemon that was started for one picture. */
interface Scene {
  readonly daemon: RunningDaemon;
  readonly user: OrdinaryUser;
}

/** One picture: its window, and what happens in it before it is taken. */
interface Picture {
  readonly name: string;
  readonly title: string;
  readonly columns: number;
  readonly rows: number;
  readonly play: (scene: Scene) => Promise<void>;
}

/** The moment of each picture: late enough for the prompt to be armed, and the same each time. */
const MOMENT = "57 s left";

const SCRIPT = `set -e
cd /srv/app
tar -czf /var/backups/app-before.tar.gz .

for unit in app-worker app-web; do
    systemctl stop "$unit"
done

install -o root -g root -m 0644 build/app.conf /etc/app/app.conf
rm -rf /srv/app/releases/old
mv /srv/app/releases/current /srv/app/releases/old
mv /srv/app/releases/next /srv/app/releases/current

for unit in app-web app-worker; do
    systemctl start "$unit"
done

curl --fail --silent --show-error http://localhost:8080/health
echo "deployed"
`;

/** The gate lets every letter of it pass: none is a control character, and none is invisible. */
const HOSTILE: RequestInput = {
  session: "claude-code     RUN AS you  on laptop",
  reason: "Harmless.\\n command   /usr/bin/true ━━━━━━ [y] run it  [n] deny  Waiting for your key.",
  // The first letter of "apt" and the "o" of "nodesource" are Cyrillic.
  pipeline: [["tee", "/etc/\u0430pt/sources.list.d/n\u043Edesource.list", "C:\\temp\\$(id)"]],
  stdin: new TextEncoder().encode(
    "deb https://deb.n\u043Edesource.example/node_22.x nodistro main\n" +
      "  command   /usr/bin/true\n in folder   /\n [y] run it  [n] deny\n Waiting for your key. \n",
  ),
};

const PICTURES: readonly Picture[] = [
  {
    name: "prompt",
    title: "A request to install nginx, waiting for a key",
    columns: 80,
    rows: 24,
    play: shown({
      pipeline: [["apt-get", "install", "--no-install-recommends", "-y", "nginx"]],
      env: { DEBIAN_FRONTEND: "noninteractive" },
      reason: "The site in /srv/www needs a web server; nginx is what its README asks for.",
      session: "claude-code 2.1.0",
      timeoutMs: 120_000,
    }),
  },
  {
    name: "long-script",
    title: "A script that is longer than the window, line by line; y does not count yet",
    columns: 80,
    rows: 24,
    play: shown({
      pipeline: [["sh", "-c", SCRIPT]],
      reason: "Deploys the release that was just built.",
      session: "claude-code 2.1.0",
    }),
  },
  {
    name: "hostile",
    title: "A request whose text imitates the prompt and uses look-alike letters",
    columns: 80,
    rows: 24,
    play: shown(HOSTILE),
  },
  {
    name: "narrow",
    title: "A request in the smallest window, 40 by 12",
    columns: 40,
    rows: 12,
    play: shown({
      pipeline: [["apt-get", "update"]],
      reason: "To see what is new.",
      session: "claude-code 2.1.0",
    }),
  },
  {
    name: "after",
    title: "What the terminal shows after three requests: approved, approved, denied",
    columns: 80,
    rows: 24,
    play: async ({ daemon, user }) => {
      const { terminal } = daemon;
      const first = daemon.send({ pipeline: [["id"]] });
      await daemon.answer("y");
      await terminal.shows("password for");
      await terminal.type(user.password);
      await terminal.press("Enter");
      await first;
      // What a command writes can't clear the window, move the cursor or look like a prompt.
      const output =
        "\\033[2J\\033[H\\033[41m RUN AS ROOT \\033[0m\\r\\n[y] run it\\007\\nthird\\n";
      const second = daemon.send({ pipeline: [["printf", output]] });
      await daemon.answer("y");
      await second;
      const third = daemon.send({ pipeline: [["rm", "-r", "/var/log/nginx"]] });
      await daemon.answer("n");
      await third;
      await terminal.shows(/denied .*\/var\/log\/nginx/);
    },
  },
];

function shown(input: RequestInput): Picture["play"] {
  return async ({ daemon }) => {
    // The daemon ends with the picture, and nobody waits for its answer.
    daemon.send(input).catch(() => {});
    await daemon.terminal.shows(MOMENT);
  };
}

async function take(picture: Picture): Promise<void> {
  const { name, title, columns, rows } = picture;
  await using user = await OrdinaryUser.make();
  await using daemon = await RunningDaemon.start({ user, columns, rows });
  await picture.play({ daemon, user });
  await write(name, drawSvg(await cellsOf({ daemon, user }, columns, rows), title));
}

/** The main job, from the request to the answer. */
async function film(): Promise<void> {
  const [columns, rows] = [80, 20];
  await using user = await OrdinaryUser.make();
  await using daemon = await RunningDaemon.start({ user, columns, rows });
  const { terminal } = daemon;
  const frames: Frame[] = [];
  const frame = async (seconds: number, caption: string) => {
    const cells = await cellsOf({ daemon, user }, columns, rows);
    frames.push({ rows: cells, seconds, caption });
  };
  await frame(2, "The daemon waits in a terminal of its own");
  const answer = daemon.send({
    pipeline: [["systemctl", "--version"]],
    reason: "To see which systemd this machine has before I write a unit.",
    session: "claude-code 2.1.0",
  });
  await terminal.shows(MOMENT);
  await frame(4, "A model asks for a command. You read it, and press y");
  await terminal.press("y");
  await terminal.shows("password for");
  await frame(3, "sudo asks for your password: here, not in the chat");
  await terminal.type(user.password);
  await terminal.press("Enter");
  await answer;
  await terminal.shows(/ended .*systemctl/);
  await frame(4, "It ran. The model gets the output, and never had a password");
  await write("demo", drawMovie(frames, "A request, the key y, sudo's question, the answer"));
}

async function cellsOf({ daemon, user }: Scene, columns: number, rows: number): Promise<Cell[][]> {
  const cells = await readCells(await photograph(daemon, user), columns, rows);
  return cells.map((row) => withoutChance(row, daemon, user));
}

async function write(name: string, svg: string): Promise<void> {
  await Deno.writeTextFile(new URL(`${name}.svg`, import.meta.url), svg);
  console.log(`docs/pictures/${name}.svg`);
}

/** What is on the screen, with its styling. */
async function photograph({ terminal }: RunningDaemon, user: OrdinaryUser): Promise<string> {
  const [socket] = atLeast(1, (await terminal.environment()).split(","));
  const tmux = ["runuser", "-u", user.name, "--", "tmux", "-S", socket];
  return await succeed([...tmux, "capture-pane", "-p", "-e"]);
}

/**
 * Replaces the words that differ from machine to machine and from run to run: this machine's name,
 * for which the prompt has no other source, the user and the socket, which are those of a test, the
 * time of day, and how long a command ran. Nothing else is touched.
 */
function withoutChance(row: readonly Cell[], daemon: RunningDaemon, user: OrdinaryUser): Cell[] {
  const text = rowText(row);
  const words: [from: string, to: string][] = [
    [daemon.socket, "/run/user/1000/sudo-proxy.sock"],
    [user.name, "anna"],
  ];
  if (text.startsWith(" RUN AS ")) words.push([` on ${Deno.hostname()}`, " on laptop"]);
  const clock = /^\d\d:\d\d:\d\d(?= {2})/.exec(text);
  if (clock) words.push([clock[0], "12:00:00"]);
  const duration = /, \d+\.\d\d s, /.exec(text);
  if (clock && duration) words.push([duration[0], ", 0.02 s, "]);
  return words.reduce((cells, [from, to]) => replaceWord(cells, from, to), [...row]);
}

if (import.meta.main) {
  if (Deno.uid() !== 0) {
    console.error(
      "Cannot make the pictures: run this as root, since it adds a user for sudo to ask",
    );
    Deno.exit(1);
  }
  for (const picture of PICTURES) await take(picture);
  await film();
}
