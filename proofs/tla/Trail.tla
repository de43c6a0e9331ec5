-------------------------------- MODULE Trail --------------------------------
(* Daemons that write one audit trail: lib/audit/write/. A record is a line, joined to the one before
   it. A daemon may be killed at any moment, the disk may be full, and the machine may lose its
   power. *)
EXTENDS Integers, Sequences, FiniteSets, TLC

CONSTANTS
  Writers, Kinds, \* "start": its command runs only once it is on disk; "note": on disk some day
  Fulls,          \* whether the disk may be full
  Powers,         \* whether the power may fail
  Most,           \* how many records are begun, and daemons opened
  Tell            \* whether each history is printed

VARIABLES
  lines,   \* the records in the file: of what kind, after how many others, and of which number
  torn,    \* whether half a record stands at the end
  spoilt,  \* whether anything was written behind it
  safe,    \* how many lines are on the disk for sure
  head,    \* the record that the file head names
  heads,   \* which records it may name once the power has failed
  lock,    \* who has the lock
  does,    \* where each daemon is
  knows,   \* after how many records each daemon would write
  pending, \* what each daemon has still to write
  kind,    \* what it writes now
  ran,     \* the numbers of the starts whose commands ran
  moves, past
vars == <<lines, torn, spoilt, safe, head, heads, lock, does, knows, pending, kind, ran, moves,
          past>>

Nobody == 0
Letters == [start |-> "s", note |-> "n", torn |-> "t"]
RECURSIVE Text(_)
Text(list) == IF list = <<>> THEN "" ELSE Letters[Head(list).kind] \o Text(Tail(list))

\* What a person could see of a move and of the files.
Said(w, move, answer) ==
  /\ past' = IF Tell
             THEN past \o " > " \o move \o " " \o ToString(w) \o " " \o answer \o " " \o Text(lines')
                  \o (IF torn' THEN "~" ELSE "") \o " " \o ToString(head')
             ELSE past
  /\ IF Tell THEN PrintT(past') ELSE TRUE
Quiet == UNCHANGED past

\* Another daemon in the place of a dead one looks at the end of the trail first.
Open(w) ==
  /\ does[w] = "dead" /\ lock = Nobody
  /\ does' = [does EXCEPT ![w] = "idle"]
  /\ knows' = [knows EXCEPT ![w] = Len(lines)]
  /\ pending' = [pending EXCEPT ![w] = IF torn THEN <<"torn">> ELSE <<>>]
  /\ torn' = FALSE
  /\ moves' = moves + 1
  /\ UNCHANGED <<lines, spoilt, safe, head, heads, lock, kind, ran>>
  /\ Said(w, "open", "done")

Begin(w, k) ==
  /\ does[w] = "idle" /\ lock = Nobody
  /\ does' = [does EXCEPT ![w] = "locked"]
  /\ lock' = w
  /\ kind' = [kind EXCEPT ![w] = k]
  /\ moves' = moves + 1
  /\ UNCHANGED <<lines, torn, spoilt, safe, head, heads, knows, pending, ran>>
  /\ Quiet

\* What others wrote is looked at, and half a record set aside.
Check(w) ==
  /\ does[w] = "locked"
  /\ does' = [does EXCEPT ![w] = "checked"]
  /\ knows' = [knows EXCEPT ![w] = Len(lines)]
  /\ pending' = [pending EXCEPT ![w] = IF torn THEN <<"torn">> \o @ ELSE @]
  /\ torn' = FALSE
  /\ UNCHANGED <<lines, spoilt, safe, head, heads, lock, kind, ran, moves>>
  /\ Quiet

New(w) == [i \in 1 .. Len(pending[w]) + 1 |->
  [kind |-> IF i <= Len(pending[w]) THEN pending[w][i] ELSE kind[w],
   after |-> knows[w] + i - 1,
   number |-> moves]]

Write(w) ==
  /\ does[w] = "checked"
  /\ does' = [does EXCEPT ![w] = "written"]
  /\ lines' = lines \o New(w)
  /\ spoilt' = (spoilt \/ torn)
  /\ knows' = [knows EXCEPT ![w] = @ + Len(New(w))]
  /\ pending' = [pending EXCEPT ![w] = <<>>]
  /\ UNCHANGED <<torn, safe, head, heads, lock, kind, ran, moves>>
  /\ Quiet

\* The disk is full: what was written is cut off. A note is kept for later, a start is not.
Full(w) ==
  /\ Fulls /\ does[w] = "checked"
  /\ does' = [does EXCEPT ![w] = "idle"]
  /\ lock' = Nobody
  /\ pending' = [pending EXCEPT ![w] = IF kind[w] = "note" THEN Append(@, "note") ELSE @]
  /\ UNCHANGED <<lines, torn, spoilt, safe, head, heads, knows, kind, ran, moves>>
  /\ Said(w, kind[w], "full")

Sync(w) ==
  /\ does[w] = "written" /\ kind[w] = "start"
  /\ does' = [does EXCEPT ![w] = "synced"]
  /\ safe' = Len(lines)
  /\ UNCHANGED <<lines, torn, spoilt, head, heads, lock, knows, pending, kind, ran, moves>>
  /\ Quiet

Store(w) ==
  /\ does[w] = "synced"
  /\ does' = [does EXCEPT ![w] = "stored"]
  /\ head' = Len(lines)
  /\ heads' = heads \union {Len(lines)}
  /\ UNCHANGED <<lines, torn, spoilt, safe, lock, knows, pending, kind, ran, moves>>
  /\ Quiet

\* The command of a start runs from here on.
Finish(w) ==
  /\ does[w] = (IF kind[w] = "start" THEN "stored" ELSE "written")
  /\ does' = [does EXCEPT ![w] = "idle"]
  /\ lock' = Nobody
  /\ ran' = IF kind[w] = "start" THEN ran \union {lines[Len(lines)].number} ELSE ran
  /\ UNCHANGED <<lines, torn, spoilt, safe, head, heads, knows, pending, kind, moves>>
  /\ Said(w, kind[w], "done")

\* It is killed; the kernel drops its lock.
Dead(w) ==
  /\ does' = [does EXCEPT ![w] = "dead"]
  /\ lock' = IF lock = w THEN Nobody ELSE lock
  /\ pending' = [pending EXCEPT ![w] = <<>>]
  /\ UNCHANGED <<spoilt, safe, head, heads, knows, kind, ran, moves>>
Die(w) ==
  /\ does[w] \notin {"dead", "locked"}
  /\ does[w] = "idle" => lock = Nobody
  /\ Dead(w)
  /\ UNCHANGED <<lines, torn>>
  /\ IF does[w] = "idle" THEN Said(w, "die", "idle") ELSE Said(w, kind[w], "died " \o does[w])

\* It is killed while it writes: some records are whole, and the next is not.
Tear(w) ==
  /\ does[w] = "checked"
  /\ Dead(w)
  /\ torn' = TRUE
  /\ \E count \in 0 .. Len(New(w)) - 1 :
       /\ lines' = lines \o SubSeq(New(w), 1, count)
       /\ Said(w, kind[w], "torn " \o ToString(count))

\* The power fails: what is not surely on the disk may be lost, also the newest of the head.
Power ==
  /\ Powers
  /\ \E count \in safe .. Len(lines), half \in BOOLEAN, named \in heads :
       /\ lines' = SubSeq(lines, 1, count)
       /\ torn' = half
       /\ head' = named
  /\ safe' = Len(lines')
  /\ heads' = {head'}
  /\ does' = [w \in Writers |-> "dead"]
  /\ lock' = Nobody
  /\ pending' = [w \in Writers |-> <<>>]
  /\ UNCHANGED <<spoilt, knows, kind, ran, moves>>
  /\ Quiet

Init ==
  /\ lines = <<>> /\ torn = FALSE /\ spoilt = FALSE /\ safe = 0 /\ head = 0 /\ heads = {0}
  /\ lock = Nobody /\ ran = {} /\ moves = 0 /\ past = ""
  /\ does = [w \in Writers |-> "idle"] /\ knows = [w \in Writers |-> 0]
  /\ pending = [w \in Writers |-> <<>>] /\ kind = [w \in Writers |-> "note"]
\* Daemons are alike, so the first is the first to begin anything.
Turns == IF moves = 0 THEN {1} ELSE Writers
Next ==
  \/ /\ moves < Most
     /\ \E w \in Turns : Open(w) \/ \E k \in Kinds : Begin(w, k)
  \/ \E w \in Turns :
       \/ Check(w) \/ Write(w) \/ Full(w) \/ Sync(w) \/ Store(w) \/ Finish(w)
       \/ Die(w) \/ Tear(w)
  \/ Power
Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------
\* Each record is joined to the one before it, and there is no other chain.
Chain == \A i \in DOMAIN lines : lines[i].after = i - 1
\* No command ran whose start is not in the trail, whatever happened since.
RanIsRecorded == \A number \in ran :
  \E i \in DOMAIN lines : lines[i].kind = "start" /\ lines[i].number = number
\* The file head names a record that is there: so a trail is never taken for a broken one.
HeadIsThere == head <= Len(lines)
\* Nothing is written behind half a record.
Whole == ~spoilt
OneWriter == Cardinality({w \in Writers : does[w] \notin {"idle", "dead"}}) <= 1
=============================================================================
