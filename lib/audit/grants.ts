import { type Grants, type Site, STATE_VARIABLES } from "../platform/grants.ts";
import { auditFolder, stateFolder } from "../platform/paths.ts";

/** What the daemon keeps: the audit trail is below that folder. */
export function auditWriterGrants({ env }: Site): Partial<Grants> {
  const state = stateFolder(env);
  return { write: state === undefined ? [] : [state], env: STATE_VARIABLES };
}

/** `sudo-proxy audit` reads the trail, and writes nothing. */
export function auditReaderGrants({ env }: Site): Partial<Grants> {
  const state = stateFolder(env);
  return { read: state === undefined ? [] : [auditFolder(state)], env: STATE_VARIABLES };
}
