/** Prints what the tests of real clients may do, as flags: the model stands on loopback. */
import { testFlags } from "../rig/grants.ts";

if (import.meta.main) console.log(testFlags(["127.0.0.1"]));
