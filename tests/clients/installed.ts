/** Where `tests/clients/install.sh` puts the clients. */
const cache = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`;
const FOLDER = `${cache}/sudo-proxy-clients`;

/** The programs of the clients. */
export const CLIENT_PROGRAMS = {
  claude: `${FOLDER}/node_modules/.bin/claude`,
  codex: `${FOLDER}/node_modules/.bin/codex`,
  inspector: `${FOLDER}/node_modules/.bin/mcp-inspector`,
  python: `${FOLDER}/venv/bin/python`,
} as const;

/**
 * Tells whether a test must be left out since its client is not installed, and says what to do.
 *
 * @param name The client.
 * @returns For `Deno.test({ ignore })`.
 * @throws {Error} Where `CI=true`: there nothing may be left out.
 */
export function lacksClient(name: keyof typeof CLIENT_PROGRAMS): boolean {
  try {
    Deno.statSync(CLIENT_PROGRAMS[name]);
    return false;
  } catch {
    const message = `tests left out: ${name} is not installed; tests/clients/install.sh does that`;
    if (Deno.env.get("CI") === "true") throw new Error(message);
    Deno.stderr.writeSync(new TextEncoder().encode(`${message}\n`));
    return true;
  }
}
