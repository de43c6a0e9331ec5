------------------------------ MODULE Compared ------------------------------
(* Prints each transition of Approval.tla in the words of tests/proofs/: from where, by what event,
   to where, and what is done. *)
EXTENDS Approval, TLC

Flag(letter, b) == IF b THEN letter ELSE "-"
Id(i)  == ToString(i)
Req(r) == Id(r.id) \o r.shape
Lines == [none |-> "", whole |-> "010", begin |-> "06", end |-> "510"]

PhaseText(p) ==
  CASE p.kind = "idle" -> "i"
    [] p.kind = "quit" -> "aq"
    [] p.kind = "end" -> "ae" \o Id(p.id)
    [] p.kind = "prompt" ->
         "p" \o Req(p.req) \o (IF p.over THEN "o" ELSE "r") \o p.still
         \o (IF p.long THEN "l" ELSE "s") \o p.typed \o Flag("h", p.help) \o Flag("A", p.known)
         \o Flag("d", p.again) \o Lines[p.seen]
    [] p.kind = "checking" -> "c" \o Req(p.req) \o "a"
    [] p.kind = "beginning" -> "c" \o Req(p.req) \o "b"
    [] p.kind = "start" -> "ls" \o Req(p.req)
    [] p.kind = "withdrawn" -> "lw" \o Id(p.id)
    [] p.kind = "command" -> "lc" \o Id(p.id)
    [] p.kind = "ending" -> "le" \o Id(p.id)
JobText(b) ==
  Req(b.req) \o b.limit \o b.kill \o Flag("f", b.failed) \o Flag("n", b.password)
  \o Flag("t", b.terminal) \o b.needs

RECURSIVE Joined(_, _)
Joined(Words(_), q) ==
  IF q = <<>> THEN "" ELSE IF Len(q) = 1 THEN Words(Head(q))
  ELSE Words(Head(q)) \o "," \o Joined(Words, Tail(q))
StateText(n) ==
  PhaseText(n.phase) \o "|" \o Joined(Req, n.queue) \o "|" \o Joined(JobText, n.jobs) \o "|"
  \o Flag("T", n.grant) \o Flag("K", n.keeps) \o Flag("M", n.remembered) \o Flag("R", n.disturbed)
  \o Flag("D", n.denies) \o n.stop \o n.shared \o Flag("S", n.suspended) \o "|"
  \o Flag("1", n.paste)

Bool(b) == IF b THEN "true" ELSE "false"
EventText(e) ==
  CASE e.kind = "submitted" -> e.kind \o " " \o Req(e.req)
    [] e.kind = "signal" -> e.kind \o " " \o e.signal
    [] e.kind = "keys" -> e.kind \o " " \o e.key
    [] e.kind = "drawn" -> e.kind \o " " \o e.view \o " " \o Bool(e.last)
    [] e.kind = "credentials" -> e.kind \o " " \o Id(e.id) \o " " \o Bool(e.present) \o " " \o e.shared
    [] e.kind = "authenticated" -> e.kind \o " " \o Id(e.id) \o " " \o e.result \o " " \o e.shared
    [] e.kind = "signalFailed" -> e.kind \o " " \o Id(e.id) \o " " \o Bool(e.asks)
    [] e.kind \in {"clientGone", "cancel", "started", "begun", "ended", "limit", "kill"} ->
         e.kind \o " " \o Id(e.id)
    [] OTHER -> e.kind

\* Which id is which makes no difference.
AnyNames == Permutations(Ids)

\* The substitutes for Tell.
Silent(n, e, next, out) == TRUE
Printed(n, e, next, out) ==
  PrintT(StateText(n) \o " > " \o EventText(e) \o " > " \o StateText(next) \o " > "
         \o ToString(out))
=============================================================================
