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
    states: 40244,
    transitions: 1998048,
  },
  "every shape and burst, sudo's own memory": {
    setup: "sudo, cached",
    scope: one("LQVA"),
    states: 20452,
    transitions: 1015413,
  },
  "every shape and burst, sudo asks each time": {
    setup: "sudo, each",
    scope: one("LQVA"),
    states: 16784,
    transitions: 833355,
  },
  "every shape and burst, polkit": {
    setup: "polkit",
    scope: one("LQVA"),
    states: 6311,
    transitions: 313366,
  },
  "every shape and burst, the daemon is root": {
    setup: "root",
    scope: one("LRVA"),
    states: 9147,
    transitions: 454153,
  },
});
