/**
 * One request at a time of every shape, in every set-up, with every burst.
 *
 * @module
 */
import { one, walkWithin } from "./bounds.ts";

// L is P, and V is U, with a run limit that may or may not be over.
walkWithin({
  "every shape and burst, sudo's own memory, a": {
    setup: "sudo, cached, a",
    scope: one("LQVA"),
    states: 39516,
    transitions: 1962012,
  },
  "every shape and burst, sudo's own memory": {
    setup: "sudo, cached",
    scope: one("LQVA"),
    states: 20036,
    transitions: 994821,
  },
  "every shape and burst, sudo asks each time": {
    setup: "sudo, each",
    scope: one("LQVA"),
    states: 16368,
    transitions: 812763,
  },
  "every shape and burst, polkit": {
    setup: "polkit",
    scope: one("LQVA"),
    states: 6103,
    transitions: 303070,
  },
  "every shape and burst, the daemon is root": {
    setup: "root",
    scope: one("LRVA"),
    states: 8939,
    transitions: 443857,
  },
});
