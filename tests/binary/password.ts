const IS_STANDIN = Deno.env.get("SUDO_PROXY_STANDIN") === "1";

/** The keys of a password. The stand-in's runtime loses the first line at the question. */
export async function* passwordKeys(password: string): AsyncGenerator<readonly string[]> {
  if (IS_STANDIN) {
    yield ["Enter"];
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  // One letter is one key.
  yield [...password, "Enter"];
}
