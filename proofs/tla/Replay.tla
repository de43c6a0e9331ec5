------------------------------- MODULE Replay -------------------------------
(* Connections that send requests, also the same bytes again, and the memory of ids: lib/admit/, and
   how lib/daemon/connection.ts uses it. The wall clock may show anything at any time; the monotonic
   clock only goes on. A check is one step, since nothing else happens in the daemon meanwhile. To
   look for the programs of a request takes time, so other connections come in between. *)
EXTENDS Integers, Sequences, FiniteSets, TLC

CONSTANTS
  Age, Ahead, \* how far behind and ahead of the wall clock a request may be
  Memory,     \* how long an id is remembered
  Capacity,   \* how many are
  Ids, Times, \* what a request may have
  Walls,      \* what the wall clock may show
  Waits,      \* how the monotonic clock goes on
  Most,       \* how many moves there are
  Tell        \* whether each history is printed

VARIABLES
  now,         \* the monotonic clock
  seen,        \* the ids that are remembered, in order
  floor,       \* the latest time of a request that was forgotten
  connections, \* of the requests that were taken
  moves,       \* how many moves were made
  past         \* each move and its answer, where histories are printed
vars == <<now, seen, floor, connections, moves, past>>

\* The ids that are still remembered, and the floor without the others.
Kept == SelectSeq(seen, LAMBDA one: one.until > now)
Gone == {seen[k].sent : k \in {k \in DOMAIN seen : seen[k].until <= now}}
Highest(set) == CHOOSE t \in set : \A other \in set : other <= t
Floor == Highest(Gone \cup {floor})
IsFresh(sent, wall) == wall - sent <= Age /\ sent - wall <= Ahead
Remembers(ids, id) == \E k \in DOMAIN ids : ids[k].id = id

Answer(id, sent, wall) ==
  IF ~IsFresh(sent, wall) THEN "stale"
  ELSE IF Remembers(Kept, id) THEN "id_used"
  ELSE IF sent <= Floor THEN "stale"
  ELSE IF Len(Kept) >= Capacity THEN "busy"
  ELSE "taken"

Said(move, answer) ==
  /\ moves' = moves + 1
  /\ past' = IF Tell THEN past \o " > " \o move \o " " \o answer ELSE past
  /\ IF Tell THEN PrintT(past') ELSE TRUE

\* A connection sends a request.
Check(id, sent, wall) ==
  LET answer == Answer(id, sent, wall)
      isNew == answer = "taken"
  IN /\ IF IsFresh(sent, wall)
        THEN /\ seen' = IF isNew
                        THEN Append(Kept, [id |-> id, sent |-> sent, until |-> now + Memory])
                        ELSE Kept
             /\ floor' = Floor
        ELSE UNCHANGED <<seen, floor>>
     /\ connections' =
          IF isNew
          THEN Append(connections, [id |-> id, sent |-> sent, at |-> now, does |-> "looks",
                                    asked |-> FALSE])
          ELSE connections
     /\ UNCHANGED now
     /\ Said("check " \o ToString(id) \o " " \o ToString(sent) \o " " \o ToString(wall), answer)

InUse(id) == \E k \in DOMAIN connections : connections[k].id = id /\ connections[k].does = "waits"

\* Its programs were found: the person is asked, unless its id waits already.
Submit(k) ==
  LET c == connections[k]
      answer == IF InUse(c.id) THEN "id_used" ELSE "waits"
  IN /\ c.does = "looks"
     /\ connections' = [connections EXCEPT
          ![k].does = IF answer = "waits" THEN "waits" ELSE "over",
          ![k].asked = answer = "waits"]
     /\ UNCHANGED <<now, seen, floor>>
     /\ Said("submit " \o ToString(k), answer)

\* It is gone: what waits is withdrawn, and what was not asked is never asked.
Leave(k) ==
  /\ connections[k].does \in {"looks", "waits"}
  /\ connections' = [connections EXCEPT ![k].does = "over"]
  /\ UNCHANGED <<now, seen, floor>>
  /\ Said("leave " \o ToString(k), IF connections[k].does = "waits" THEN "withdrawn" ELSE "never")

Wait(time) ==
  /\ now' = now + time
  /\ UNCHANGED <<seen, floor, connections>>
  /\ Said("wait " \o ToString(time), "over")

Init ==
  /\ now = 0 /\ seen = <<>> /\ floor = -1 /\ connections = <<>> /\ moves = 0 /\ past = ""
Next ==
  /\ moves < Most
  /\ \/ \E id \in Ids, sent \in Times, wall \in Walls : Check(id, sent, wall)
     \/ \E k \in DOMAIN connections : Submit(k) \/ Leave(k)
     \/ \E time \in Waits : Wait(time)
Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------
Same(j, k) ==
  connections[j].id = connections[k].id /\ connections[j].sent = connections[k].sent
Pairs == {pair \in (DOMAIN connections) \X (DOMAIN connections) : pair[1] < pair[2]}

\* The same bytes are never taken twice, whatever the clocks say.
TakenOnce == \A pair \in Pairs : ~Same(pair[1], pair[2])
\* The person is never asked about two requests with one id at a time.
OneOfAnId == \A pair \in Pairs :
  connections[pair[1]].does = "waits" /\ connections[pair[2]].does = "waits"
  => connections[pair[1]].id # connections[pair[2]].id
\* No id is forgotten before its time, not for want of room either.
NotForgottenEarly == \A k \in DOMAIN connections :
  now < connections[k].at + Memory => Remembers(seen, connections[k].id)
Bounded == Len(seen) <= Capacity
=============================================================================
