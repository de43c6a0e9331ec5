import config from "../../deno.json" with { type: "json" };

/** The version of this program, sent in every request and every response. */
export const VERSION: string = config.version;
