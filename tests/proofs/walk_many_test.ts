/**
 * What the walk of one request in every set-up leaves: the screen, and several requests.
 *
 * @module
 */
import { few, many, one, walkWithin } from "./bounds.ts";
import { ALL_BURSTS } from "./moves.ts";

walkWithin({
  "every shape and burst, sudo asks each time, a": {
    setup: "sudo, each, a",
    scope: one("LQVA"),
    states: 32180,
    transitions: 1597896,
  },
  "the screen, its size, old drawings, job control": {
    setup: "sudo, cached",
    scope: few("P", { screen: true, causes: true, views: ["whole", "begin"] }),
    states: 10196,
    transitions: 495714,
  },
  "two requests, sudo asks each time": {
    setup: "sudo, each",
    scope: many(2, "P", ["y"]),
    symmetric: true,
    states: 66318,
    transitions: 2508068,
  },
  "what is seen of the screen, sizes, old drawings, job control": {
    setup: "sudo, cached, a",
    scope: few("PU", { screen: true, views: ["whole", "begin", "end", "nothing"] }),
    soak: true,
    states: 37220,
    transitions: 1661100,
  },
  "two requests, the daemon is root": {
    setup: "root",
    scope: many(2, "P", ["y"]),
    symmetric: true,
    soak: true,
    states: 42869,
    transitions: 1620656,
  },
  "two requests, a grant": {
    setup: "sudo, cached, a",
    scope: many(2, "U", ["a", "y"]),
    symmetric: true,
    soak: true,
    states: 84682,
    transitions: 3285874,
  },
  "two requests, every burst": {
    setup: "sudo, cached",
    scope: many(2, "P", ALL_BURSTS),
    symmetric: true,
    soak: true,
    states: 525839,
    transitions: 32023555,
  },
  "three requests, the daemon is root": {
    setup: "root",
    scope: many(3, "P", ["y"]),
    symmetric: true,
    soak: true,
    states: 3438345,
    transitions: 178924830,
  },
  "what sudo remembers counts elsewhere": {
    setup: "sudo, cached, a",
    scope: one("PU", { bursts: [..."yanx"], sharing: true }),
    soak: true,
    states: 11411,
    transitions: 428894,
  },
});
