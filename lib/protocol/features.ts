/** A field or action that this project adds to the protocol of sudo-proxy 1.1. */
export type Feature = "stream" | "cwd" | "stdin" | "timeout" | "cancel";

/** What this daemon understands beyond sudo-proxy 1.1; `ping` answers with it. */
export const FEATURES: readonly Feature[] = ["stream", "cwd", "stdin", "timeout", "cancel"];
