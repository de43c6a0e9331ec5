/**
 * What is asked of the model of the SSH channel: 18 queries, in 10 variants and 9 controls. A
 * control takes one thing away, and must break what rests on it.
 *
 * @module
 */

/** The queries, in the order of `ssh-channel.pv`. R1 and R2 are false where an answer can come. */
export const QUERIES: readonly string[] = "S1 S2 S3 S4 C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 C11 C12 R1 R2"
  .split(" ");

/** One run of ProVerif. */
export interface Variant {
  readonly name: string;
  /** Host keys, login, agent, hostile hosts, local end, memory: which library of each kind. */
  readonly libraries: string;
  /** The queries that are false; all others are true. */
  readonly falseOnes: string;
  /** The queries that ProVerif can't decide. */
  readonly undecided?: string;
  /** What a control changes in the model. */
  readonly edits?: readonly (readonly [from: string, to: string])[];
}

/** All runs. */
export const VARIANTS: readonly Variant[] = [
  {
    name: "default: known keys, login by key, no agent",
    libraries: "strict key off none private on",
    falseOnes: "R1",
  },
  {
    name: "agent lent to honest hosts",
    libraries: "strict key on none private on",
    falseOnes: "R1",
  },
  {
    name: "a tunnel to a hostile root, no agent",
    libraries: "strict key off root private on",
    falseOnes: "R1",
  },
  {
    name: "a tunnel to a hostile root, agent lent",
    libraries: "strict key on root private on",
    falseOnes: "S2 S4 C1 C2 C3 C4 C10 C11 C12 R1",
  },
  {
    name: "a name whose key the attacker gave, no agent",
    libraries: "strict key off name private on",
    falseOnes: "C1 C2 C11 R1",
  },
  {
    name: "--accept-new-host-key, login by key, no agent",
    libraries: "new key off none private on",
    falseOnes: "S3 C1 C2 C6 C8 C11 R1 R2",
  },
  {
    name: "--accept-new-host-key, agent lent",
    libraries: "new key on none private on",
    falseOnes: "S2 S3 S4 C1 C2 C3 C4 C6 C8 C10 C11 C12 R1 R2",
  },
  {
    name: "--accept-new-host-key, login by password",
    libraries: "new password off none private on",
    falseOnes: "S2 S3 S4 C1 C2 C3 C4 C6 C8 C10 C11 R1 R2",
  },
  {
    name: "known keys, login by password",
    libraries: "strict password off none private on",
    falseOnes: "R1",
  },
  {
    name: "every program of the account at the local end",
    libraries: "strict key off none open on",
    falseOnes: "S1 S3 C1 C5 C7 R1",
  },
  {
    name: "CONTROL no memory of ids, local end open",
    libraries: "strict key off none open off",
    falseOnes: "S1 S3 C1 C5 C7 C9 R1",
  },
  {
    name: "CONTROL the host's signature is not checked",
    libraries: "strict key off none private on",
    falseOnes: "S1 C5 C7 R1",
    edits: [["if signedBy(signature, (HOST, exchange), offered) then", ""]],
  },
  {
    name: "CONTROL the host does not check the user",
    libraries: "strict key off none private on",
    falseOnes: "S2 S4 C1 C2 C3 C4 C10 C11 R1",
    edits: [["if proves(token, exchange, user, password) then", ""]],
  },
  {
    name: "CONTROL the login is not bound to the exchange",
    libraries: "new key off none private on",
    falseOnes: "S2 S3 S4 C1 C2 C3 C4 C6 C8 C10 C11 R1 R2",
    edits: [
      ["prove(exchange, agent, password)", "prove(USER, agent, password)"],
      ["proves(token, exchange, user, password)", "proves(token, USER, user, password)"],
    ],
  },
  {
    name: "CONTROL other programs press keys in the window",
    libraries: "strict key off none private on",
    falseOnes: "C1 C3 R1",
    edits: [[
      "  ( !Person",
      "  ( !Person | !(in(screen, (k: kind, w: host, h: host, n: nonce, c: bitstring)); out(keyboard, (w, n)))",
    ]],
  },
  {
    name: "CONTROL a key is not bound to a drawing",
    libraries: "strict key off none private on",
    falseOnes: "C1 C3 R1",
    edits: [["let (=KEY, =n) = open(press, s) in", "let (=KEY, other: nonce) = open(press, s) in"]],
  },
  {
    name: "CONTROL the daemon runs other words than it showed",
    libraries: "strict key off none private on",
    falseOnes: "C1 C3 C5 R1",
    edits: [[
      "out(net, seal((SHOW, n, h, c), s));",
      "in(net, d: bitstring); out(net, seal((SHOW, n, h, d), s));",
    ]],
  },
  {
    name: "CONTROL any known key does for any host",
    libraries: "strict key off none private on",
    falseOnes: "C1 C7 C11 R1",
    edits: [
      [
        "          Ssh(known, h, spk(hostKey), local",
        "          get keys(any) in Ssh(known, h, any, local",
      ],
      [
        "      ( !Host(known, h, hostKey",
        "      ( (insert keys(spk(hostKey))) | !Host(known, h, hostKey",
      ],
      ["(* The person: every", "table keys(spkey).\n(* The person: every"],
    ],
  },
  {
    name: "CONTROL an ssh stream whose records can be read again",
    libraries: "strict key off none private off",
    falseOnes: "R1",
    undecided: "C1 C9",
    edits: [["event Read(s, i, n);", ""]],
  },
];

/** The libraries of a variant, as files. */
export function librariesOf({ libraries }: Variant): readonly string[] {
  const kinds = ["hostkeys", "login", "agent", "evil", "local", "memory"];
  const names = libraries.split(" ");
  return ["base.pvl", ...kinds.map((kind, index) => `${kind}-${names[index]}.pvl`)];
}

/** The model of a variant. */
export function modelOf({ name, edits = [] }: Variant, model: string): string {
  return edits.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${name}: the model has no "${from}"`);
    return text.replaceAll(from, to);
  }, model);
}

/** A model as ProVerif takes it: without comments, which may be nested, and with single spaces. */
export function withoutComments(model: string): string {
  let [bare, before] = [model, ""];
  while (bare !== before) {
    before = bare;
    bare = bare.replaceAll(/\(\*(?:(?!\(\*|\*\))[^])*\*\)/g, " ");
  }
  return bare.replaceAll(/\s+/g, " ").trim();
}

/** Which queries are false, and which are not decided, by what ProVerif printed. */
export function verdict(output: string): { falseOnes: string; undecided: string } {
  const results = output.split("\n").filter((line) => /^RESULT [^(]/.test(line));
  const those = (is: (line: string | undefined) => boolean) =>
    QUERIES.filter((_, index) => is(results[index])).join(" ");
  const isFalse = (line: string | undefined) => line?.endsWith(" is false.") === true;
  const isTrue = (line: string | undefined) => line?.endsWith(" is true.") === true;
  return {
    falseOnes: those(isFalse),
    undecided: those((line) => !isFalse(line) && !isTrue(line)),
  };
}
