import { removeAtTheEnd } from "./leftovers.ts";
import { succeed } from "./tools.ts";

/** Two network namespaces of this machine with a cable between them, and nothing else. */
export class NetworkLink implements AsyncDisposable {
  /** The namespace of this side. */
  readonly here: string;
  /** The namespace of the other side. */
  readonly there: string;
  /** The address of the other side: for tests of networks (RFC 5737). */
  readonly addressThere = "192.0.2.2";

  #forget: () => Promise<void> = () => Promise.resolve();

  private constructor(name: string) {
    this.here = `${name}-here`;
    this.there = `${name}-there`;
  }

  /**
   * Makes both, with the cable plugged in.
   *
   * @returns The link; disposing of it removes it.
   */
  static async make(): Promise<NetworkLink> {
    const link = new NetworkLink(`sp-${crypto.randomUUID().slice(0, 6)}`);
    const { here, there } = link;
    link.#forget = await removeAtTheEnd(
      "files",
      `ip netns delete ${here}\nip netns delete ${there}`,
    );
    await succeed(["ip", "netns", "add", link.here]);
    await succeed(["ip", "netns", "add", link.there]);
    const [a, b] = ["cable", "cable"];
    const peer = ["peer", "name", b, "netns", link.there];
    await succeed(["ip", "-n", link.here, "link", "add", a, "type", "veth", ...peer]);
    for (
      const [side, address] of [[link.here, "192.0.2.1/24"], [link.there, "192.0.2.2/24"]] as const
    ) {
      await succeed(["ip", "-n", side, "address", "add", address, "dev", "cable"]);
      await succeed(["ip", "-n", side, "link", "set", "cable", "up"]);
      await succeed(["ip", "-n", side, "link", "set", "lo", "up"]);
    }
    return link;
  }

  /** Pulls the cable: nothing arrives any more, and nobody is told. */
  async cut(): Promise<void> {
    await succeed(["ip", "-n", this.there, "link", "set", "cable", "down"]);
  }

  /** Plugs it in again; what was not found meanwhile is looked for anew. */
  async restore(): Promise<void> {
    await succeed(["ip", "-n", this.there, "link", "set", "cable", "up"]);
    for (const side of [this.here, this.there]) {
      await succeed(["ip", "-n", side, "neighbour", "flush", "dev", "cable"]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await succeed(["ip", "netns", "delete", this.here]);
    await succeed(["ip", "netns", "delete", this.there]);
    await this.#forget();
  }
}
