/**
 * What the MCP registry is told: server.json, with the SHA-256 of each package that it names.
 *
 * The file in the repository has no hashes: they would change with each change of the program. The
 * packages do not contain server.json, so nothing in them depends on their own hashes.
 *
 * @module
 */
import server from "../server.json" with { type: "json" };
import { sha256 } from "./common.ts";

/** Gives the text of server.json for these packages, by the type that the registry gives each. */
export async function serverJson(files: Readonly<Record<string, string>>): Promise<string> {
  const packages = [];
  for (const entry of server.packages) {
    const file = files[entry.registryType];
    if (file === undefined) throw new Error(`There is no package for ${entry.registryType}`);
    packages.push({ ...entry, fileSha256: await sha256(file) });
  }
  return `${JSON.stringify({ ...server, packages }, undefined, 2)}\n`;
}
