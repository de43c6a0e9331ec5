/**
 * Writes what the documents have from the code, and from the data of the assurance case, the threat
 * model, the security audit and the proofs. With `CI` set it only compares.
 *
 * @module
 */
import { assumptionRows, outline, picture } from "./assurance/draw.ts";
import { adviceTable } from "./generate/advice.ts";
import {
  attackTable,
  boundaryTable,
  findingTable,
  rungTable,
  threatTable,
} from "./generate/attacks.ts";
import { put, replace, table } from "./generate/blocks.ts";
import { clientTable } from "./generate/clients.ts";
import { commandSections } from "./generate/commands.ts";
import { entryTable } from "./generate/entries.ts";
import { eventTable } from "./generate/events.ts";
import { featureTable } from "./generate/features.ts";
import { hostTable } from "./generate/hosts.ts";
import { keyTable } from "./generate/keys.ts";
import { limitTable, timeTable } from "./generate/limits.ts";
import { lineTable } from "./generate/lines.ts";
import { effectTable, machineEventTable, phaseTable } from "./generate/machine.ts";
import { errorTable, historyTable } from "./generate/messages.ts";
import { packageTable } from "./generate/packages.ts";
import { promiseTable } from "./generate/promises.ts";
import { mutantTable, otherMutantTable, statementTable } from "./generate/proofs.ts";
import { rowTable } from "./generate/rows.ts";
import { toolSections } from "./generate/tools.ts";
import { variableTable } from "./generate/variables.ts";

const CASE = "docs/assurance/assurance-case";
const changed = [
  put("docs/architecture.md", "lines", lineTable()),
  put("docs/architecture.md", "phases", phaseTable()),
  put("docs/architecture.md", "events", machineEventTable()),
  put("docs/architecture.md", "effects", effectTable()),
  put("docs/dependencies.md", "used", packageTable(true)),
  put("docs/dependencies.md", "others", packageTable(false)),
  put("docs/remote.md", "fields", hostTable()),
  put("docs/performance.md", "rows", rowTable()),
  put("docs/install.md", "clients", clientTable()),
  put("docs/reference/keys.md", "keys", keyTable()),
  put("docs/reference/files.md", "variables", variableTable()),
  put("docs/reference/messages.md", "history", historyTable()),
  put("docs/reference/messages.md", "errors", errorTable()),
  ...(["starting", "running", "answers", "remote", "setup"] as const).map((part) =>
    put("docs/reference/messages.md", part, adviceTable(part))
  ),
  put("docs/reference/wire.md", "features", featureTable()),
  put("docs/reference/wire.md", "limits", limitTable()),
  put("docs/reference/wire.md", "times", timeTable()),
  put("docs/reference/wire.md", "errors", errorTable()),
  put("docs/reference/command-line.md", "commands", commandSections()),
  put("docs/reference/mcp.md", "tools", toolSections()),
  put("docs/security/tests.md", "promises", promiseTable()),
  put("docs/assurance/threat-model.md", "boundaries", boundaryTable()),
  put("docs/assurance/threat-model.md", "attacks", attackTable()),
  put("docs/assurance/threat-model.md", "threats", threatTable()),
  put("docs/assurance/security-audit.md", "findings", findingTable()),
  put("docs/assurance/roadmap.md", "rungs", rungTable()),
  put("docs/audit.md", "events", eventTable()),
  put("docs/security/compiled.md", "entries", entryTable()),
  put("proofs/README.md", "statements", statementTable()),
  put("proofs/README.md", "mutants", mutantTable()),
  put("proofs/README.md", "other mutants", otherMutantTable()),
  put(`${CASE}.md`, "goals", outline()),
  put(
    `${CASE}.md`,
    "assumptions",
    table(["id", "assumption", "goals", "more"], ...assumptionRows()),
  ),
  replace(`${CASE}.svg`, picture()),
];
if (changed.includes(true) && Deno.env.get("CI")) Deno.exit(1);
