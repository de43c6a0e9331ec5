------------------------------ MODULE Approval ------------------------------
(* The machine of lib/session/ and lib/decide/: what waits, what is shown, which key counts, what
   runs, and the end. Nothing is proven of this module alone: Compared.tla prints each of its
   transitions, and tests/proofs/ holds them to those of the real update(), in both directions.

   One step is one event, as in update.ts: first what is over by then, then the event, then the
   terminal goes to whoever is next. Time is not counted: each wait runs ("r") or is over ("o"), and
   may be over at any moment (Pass). So what holds here holds for any lengths of the waits.

   Left out: words and lines on the screen, places in the queue, a mark of a paste that is cut in
   two, and the second after sudo's end in which a Ctrl+C is still sudo's. *)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
  Ids,            \* names of requests; a name may come again once it is over
  Shapes,         \* what requests may be, see below
  Keys,           \* what is read from the terminal: a key, "yy", or a paste
  Views,          \* what is visible of a request: "whole", "begin", "end", "nothing"
  Authentication, \* "sudo", "polkit", or "none" (the daemon is root)
  Each,           \* whether the password is asked for each command
  MayTrust,       \* whether the key `a` exists
  Screen,         \* whether the window changes, old drawings come late, and job control acts
  Sharing,        \* whether sudo says if what it remembers counts elsewhere
  Faults,         \* whether a signal may fail that ends a command
  Again,          \* whether an id that is in use may be sent again
  Tell(_, _, _, _) \* what is said of a transition: state, event, next state, what is done

\* P privileged, L the same with a run limit, Q a privileged pipeline; U not privileged, V with a
\* limit and a client that wants news; A may use the ssh agent; R not privileged, but root runs it.
Privileged(r) == r.shape \in {"P", "L", "Q"}
AsRoot(r)     == r.shape \in {"P", "L", "Q", "R"}
Limited(r)    == r.shape \in {"L", "V"}
Streams(r)    == r.shape = "V"
Coverable(r)  == ~AsRoot(r) /\ r.shape # "A"

VARIABLES
  m,              \* where the machine stands
  seen            \* what a watcher knows, who sees events and what is done
-----------------------------------------------------------------------------
\* A step in the making: where it stands, and what is done so far.
Idle          == [kind |-> "idle"]
Do(x, words)  == [x EXCEPT !.out = @ \o words]
Reply(x, i, s) == Do(x, <<<<"reply", i, s>>>>)
Note(x, w, i) == Do(x, <<<<"record", w, i>>>>)
News(x, w, r) == IF Streams(r) THEN Do(x, <<<<"tell", w, r.id>>>>) ELSE x
Lend(x, p)    == [x EXCEPT !.m.phase = p]

Lendings   == {"start", "withdrawn", "command", "ending"}
Lent(p)    == p.kind \in Lendings
Asks(p)    == p.kind \in Lendings \ {"command"}
Approved(p) == p.kind \in {"checking", "beginning", "start"}
CanPrint(p) == p.kind \in {"idle", "quit", "end", "prompt"}
Of(p)      == IF p.kind = "prompt" \/ Approved(p) THEN {p.req.id} ELSE {}
About(p)   == IF p.kind \in {"withdrawn", "command", "ending", "end"} THEN {p.id} ELSE Of(p)

JobsOf(x, i)     == {j \in DOMAIN x.m.jobs : x.m.jobs[j].req.id = i}
First(S)         == CHOOSE j \in S : \A l \in S : j <= l
SetJob(x, j, b)  == [x EXCEPT !.m.jobs[j] = b]
Begins(x)        == \E j \in DOMAIN x.m.jobs : x.m.jobs[j].needs = "s"
Queued(x, i)     == \E j \in DOMAIN x.m.queue : x.m.queue[j].id = i
Without(q, i)    == SelectSeq(q, LAMBDA r : r.id # i)
HasGrantKey(x)   == MayTrust /\ x.m.shared # "s"

\* Nobody has the terminal; a key may be on its way to whoever had it.
Free(x) ==
  [x EXCEPT !.m.phase = Idle, !.m.disturbed = TRUE, !.m.paste = @ /\ ~Lent(x.m.phase)]

\* What is on the screen has to be drawn and read anew.
ReadAnew(x, known) ==
  IF x.m.phase.kind # "prompt" THEN x
  ELSE [x EXCEPT !.m.phase.still = "-", !.m.phase.seen = "none", !.m.phase.again = FALSE,
                 !.m.phase.known = known]
Redraw(x) == IF x.m.phase.kind = "prompt" THEN ReadAnew(x, x.m.phase.known) ELSE x
Reset(x)  == ReadAnew(x, FALSE)
-----------------------------------------------------------------------------
\* Commands: jobs.ts
Start(x, r, basis, terminal, asked) ==
  Do([x EXCEPT !.m.jobs = Append(@,
        [req |-> r, limit |-> "-", kill |-> "-", failed |-> FALSE, password |-> FALSE,
         terminal |-> terminal, needs |-> IF asked THEN "s" ELSE "-"])],
     <<<<"start", r.id, basis, terminal, asked>>>>)

MayBeEnded(b) == b.kill = "-" \/ b.failed
Terminate(x, j) ==
  LET b == x.m.jobs[j]
  IN IF ~MayBeEnded(b) THEN x
     ELSE Do(SetJob(x, j, [b EXCEPT !.kill = "r", !.failed = FALSE]),
             <<<<"record", "ending", b.req.id>>, <<"signal", b.req.id, "SIGTERM">>>>)
RECURSIVE TerminateAll(_, _)
TerminateAll(x, j) ==
  IF j > Len(x.m.jobs) THEN x ELSE TerminateAll(Terminate(x, j), j + 1)

\* Ends what ran too long, and what did not end when it was asked to.
RECURSIVE PassJobs(_, _)
PassJobs(x, j) ==
  IF j > Len(x.m.jobs) THEN x
  ELSE LET b == x.m.jobs[j]
           waits == b.password \/ x.m.phase = [kind |-> "ending", id |-> b.req.id]
       IN PassJobs(
            IF b.kill = "o" /\ ~b.terminal /\ ~waits
            THEN Do(SetJob(x, j, [b EXCEPT !.kill = "x"]), <<<<"signal", b.req.id, "SIGKILL">>>>)
            ELSE IF b.kill = "-" /\ b.limit = "o" THEN Terminate(x, j) ELSE x,
            j + 1)

Started(x, j) ==
  LET b == x.m.jobs[j]
      y == IF b.limit # "-" THEN x
           ELSE News(Note(SetJob(x, j, [b EXCEPT !.limit = "r"]), "started", b.req.id),
                     "started", b.req)
  IN IF Authentication = "polkit" /\ y.m.phase = [kind |-> "command", id |-> b.req.id]
     THEN Free([y EXCEPT !.m.jobs[j].terminal = FALSE]) ELSE y

Ended(x, j) ==
  LET b == x.m.jobs[j]
      i == b.req.id
      y == [x EXCEPT !.m.jobs = SelectSeq(@, LAMBDA o : o.req.id # i)]
      z == IF y.m.phase = [kind |-> "command", id |-> i] THEN Free(y) ELSE Reset(y)
  IN Reply(Note(z, "ended", i), i, IF b.kill = "-" THEN "ok" ELSE "error")

SignalFailed(x, j, asks) ==
  LET b == x.m.jobs[j]
  IN Note(SetJob(x, j, [b EXCEPT !.failed = IF b.kill = "-" THEN @ ELSE ~asks,
                                 !.password = @ \/ asks]), "endingFailed", b.req.id)

\* The password that ends a command was asked for.
EndWithPassword(x, i, result) ==
  LET y == Free(x)
      mine == {j \in JobsOf(y, i) : y.m.jobs[j].kill # "-"}
      j == First(mine)
      b == y.m.jobs[j]
  IN CASE mine = {} -> y
       [] result \in {"failed", "notKept"} ->
            Note(SetJob(y, j, [b EXCEPT !.kill = IF @ = "x" THEN "x" ELSE "f", !.failed = TRUE]),
                 "endingFailed", i)
       [] result = "sent" ->
            SetJob(y, j, [b EXCEPT !.kill = IF @ = "x" THEN "x" ELSE "r", !.failed = FALSE])
       [] result = "kept" ->
            Do(SetJob(y, j, [b EXCEPT !.kill = "r", !.failed = FALSE, !.needs = "e"]),
               <<<<"signal", i, "SIGTERM">>>>)
-----------------------------------------------------------------------------
\* Between an approval and the start: authentication.ts
Look(x) == x.m.shared = "u"
TakeOver(x, r) ==
  IF r.shape = "Q" THEN Reply(Note(Free(x), "ended", r.id), r.id, "error")
  ELSE Start(Lend(x, [kind |-> "command", id |-> r.id]), r, "key", TRUE, FALSE)
LendForStart(x, r) ==
  IF ~x.m.keeps THEN TakeOver(x, r)
  ELSE Do(Lend(x, [kind |-> "start", req |-> r]), <<<<"ask", r.id, "undefined", Look(x)>>>>)
Authenticate(x, r) ==
  IF ~Privileged(r) \/ Authentication = "none" THEN Start(x, r, "key", FALSE, FALSE)
  ELSE IF Authentication = "sudo" /\ ~Each
  THEN Do(Lend(x, [kind |-> "checking", req |-> r]), <<<<"check", r.id, Look(x)>>>>)
  ELSE IF Begins(x) THEN Lend(x, [kind |-> "beginning", req |-> r])
  ELSE LendForStart(x, r)
AskIfBegun(x) ==
  IF x.m.phase.kind = "beginning" /\ ~Begins(x) THEN LendForStart(x, x.m.phase.req) ELSE x

Credentials(x, i, present) ==
  LET p == x.m.phase
  IN IF p.kind # "checking" \/ i \notin Of(p) THEN x
     ELSE IF present THEN Start(Free(x), p.req, "key", FALSE, FALSE) ELSE LendForStart(x, p.req)

Authenticated(x, i, result) ==
  LET p == x.m.phase
      y == [x EXCEPT !.m.remembered = @ \/ (result = "kept" /\ Each)]
  IN IF ~Asks(p) \/ i \notin About(p) THEN x
     ELSE CASE p.kind = "withdrawn" -> Free(y)
            [] p.kind = "ending" -> EndWithPassword(y, i, result)
            [] p.kind = "start" /\ result = "notKept" -> TakeOver([y EXCEPT !.m.keeps = FALSE], p.req)
            [] p.kind = "start" /\ result = "kept" -> Start(Free(y), p.req, "key", FALSE, TRUE)
            [] p.kind = "start" /\ result \in {"failed", "sent"} ->
                 Reply(Note(Free(y), "notAuthenticated", i), i, "error")

LendForEnding(x, j) ==
  LET b == x.m.jobs[j]
      signal == IF Authentication # "polkit" THEN "undefined"
                ELSE IF b.kill = "x" THEN "SIGKILL" ELSE "SIGTERM"
  IN Do(Lend(SetJob(x, j, [b EXCEPT !.password = FALSE]), [kind |-> "ending", id |-> b.req.id]),
        <<<<"ask", b.req.id, signal, Look(x)>>>>)

Learn(x, shared) ==
  IF shared = "-" \/ x.m.shared # "u" THEN x
  ELSE IF shared = "p" THEN [x EXCEPT !.m.shared = "p"]
  ELSE Do([x EXCEPT !.m.shared = "s", !.m.grant = FALSE], <<<<"record", "policy", FALSE>>>>)

ForgetUnneeded(x) ==
  IF ~x.m.remembered \/ Asks(x.m.phase) \/ \E j \in DOMAIN x.m.jobs : x.m.jobs[j].needs # "-"
  THEN x ELSE Do([x EXCEPT !.m.remembered = FALSE], <<<<"forget">>>>)
-----------------------------------------------------------------------------
\* Going away: withdraw.ts, stopping.ts
CanWithdraw(x, i) == Queued(x, i) \/ i \in Of(x.m.phase)
Withdraw(x, i) ==
  Note(IF Queued(x, i) THEN [x EXCEPT !.m.queue = Without(@, i)]
       \* What asks runs as root and can't be stopped: its end only gives the terminal back.
       ELSE IF Lent(x.m.phase) THEN Lend(x, [kind |-> "withdrawn", id |-> i])
       ELSE Free(x), "withdrawn", i)
Refuse(x, i) == Reply(Note(x, "withdrawn", i), i, "error")
RECURSIVE RefuseAll(_, _), DenyAll(_, _)
RefuseAll(x, q) == IF q = <<>> THEN x ELSE RefuseAll(Refuse(x, Head(q).id), Tail(q))
Deny(x, i) == Reply(Note(x, "denied", i), i, "denied")
DenyAll(x, q) == IF q = <<>> THEN x ELSE DenyAll(Deny(x, Head(q).id), Tail(q))

Stop(x, soon) ==
  LET p == x.m.phase
      stop == IF soon THEN (IF x.m.stop = "o" THEN "o" ELSE "h")
              ELSE IF x.m.stop = "-" THEN "p" ELSE x.m.stop
      x1 == [x EXCEPT !.m.stop = stop, !.m.queue = <<>>]
      x2 == IF x.m.stop = "-" THEN Do(x1, <<<<"record", "stopping">>>>) ELSE x1
      x3 == RefuseAll(x2, x.m.queue)
      x4 == CASE p.kind = "prompt" -> Refuse(Free(x3), p.req.id)
              [] Approved(p) -> Reply(Withdraw(x3, p.req.id), p.req.id, "error")
              [] OTHER -> x3
  IN IF stop = "p" THEN x4 ELSE TerminateAll(x4, 1)

FinishStop(x) ==
  IF x.m.stop # "-" /\ ~Asks(x.m.phase) /\ (x.m.jobs = <<>> \/ x.m.stop = "o")
  THEN Do(x, <<<<"exit">>>>) ELSE x

Cancel(x, i) ==
  IF JobsOf(x, i) # {} THEN Reply(Terminate(x, First(JobsOf(x, i))), "z", "ok")
  ELSE IF CanWithdraw(x, i) THEN Reply(Reply(Withdraw(x, i), i, "error"), "z", "ok")
  ELSE Reply(x, "z", "error")
-----------------------------------------------------------------------------
\* The queue: queue.ts
\* The answer to a question about a command that has ended must not end another.
Known(x, i) == \/ Queued(x, i) \/ JobsOf(x, i) # {} \/ i \in Of(x.m.phase)
               \/ x.m.phase.kind \in {"withdrawn", "end"} /\ x.m.phase.id = i
Submitted(x, r) ==
  IF Known(x, r.id) THEN x
  ELSE IF x.m.stop # "-" THEN Refuse(x, r.id)
  ELSE IF x.m.denies THEN Deny(x, r.id)
  ELSE [x EXCEPT !.m.queue = Append(@, r)]

RECURSIVE StartAll(_, _)
StartAll(x, q) ==
  IF q = <<>> THEN x
  ELSE LET i == Head(q).id
       IN StartAll(Start(Note([x EXCEPT !.m.queue = Without(@, i)], "trusted", i),
                         Head(q), "trust", FALSE, FALSE), Tail(q))

Show(x) ==
  LET y == IF x.m.phase.kind = "idle" THEN x ELSE Free(x)
      r == Head(x.m.queue)
      prompt == [kind |-> "prompt", req |-> r, over |-> FALSE, still |-> "-",
                 long |-> y.m.disturbed, typed |-> "-", help |-> FALSE, known |-> FALSE,
                 again |-> FALSE, seen |-> "none"]
  IN News(Note([y EXCEPT !.m.queue = Tail(@), !.m.phase = prompt], "shown", r.id), "shown", r)

FillTerminal(x) ==
  LET y == IF x.m.grant /\ CanPrint(x.m.phase)
           THEN StartAll(x, SelectSeq(x.m.queue, Coverable)) ELSE x
      blocked == {j \in DOMAIN y.m.jobs : y.m.jobs[j].kill # "-" /\ y.m.jobs[j].password}
  IN CASE x.m.suspended -> x
       [] ~x.m.suspended /\ y.m.phase.kind \notin {"idle", "quit", "end"} -> y
       [] ~x.m.suspended /\ y.m.phase.kind \in {"idle", "quit", "end"} ->
            IF blocked # {} /\ y.m.stop \in {"-", "p"}
            THEN IF Each /\ Begins(y) THEN y ELSE LendForEnding(y, First(blocked))
            ELSE IF y.m.queue = <<>> THEN y ELSE Show(y)
-----------------------------------------------------------------------------
\* Keys: answer.ts, prompting.ts, questions.ts
Reading  == {"?", "space"}
Denying  == {"n", "ctrlc", "enter", "esc"}
Pastes   == {"open", "close", "both"}
Still(p) == [p EXCEPT !.still = IF @ = "-" THEN "-" ELSE "r"]
Moved(p, again) == [p EXCEPT !.still = "-", !.again = again]
Armed(p) == p.still = "o" /\ p.seen = "whole" /\ p.typed = "-" /\ ~p.help

Approve(x, r, grants) ==
  LET y == Authenticate(News(Note(Free(x), "approved", r.id), "approved", r), r)
  IN IF grants THEN Do([y EXCEPT !.m.grant = TRUE], <<<<"record", "policy", TRUE>>>>) ELSE y

TypeKey(x, p, k, pasted) ==
  CASE k = "enter" /\ ~pasted -> Deny(Free(x), p.req.id)
    [] k \in {"esc", "ctrlc"} ->
         Lend(x, [Moved(p, TRUE) EXCEPT !.typed = "-", !.over = FALSE])
    [] k \in {"open", "close"} \/ (k = "enter" /\ pasted) -> Lend(x, p)
    [] OTHER -> Lend(x, [p EXCEPT !.typed = "m"])

PromptKey(x, k, pasted) ==
  LET p == x.m.phase
      r == p.req
      after == IF k \in Reading THEN p ELSE [p EXCEPT !.long = TRUE]
      still == Still(after)
      lone == ~pasted /\ Armed(p)
  IN CASE lone /\ k = "y" -> Approve(x, r, FALSE)
       [] lone /\ k = "a" /\ HasGrantKey(x) /\ ~AsRoot(r) -> Approve(x, r, TRUE)
       [] p.typed # "-" -> TypeKey(x, after, k, pasted)
       [] p.typed = "-" /\ (k \in {"n", "ctrlc"} \/ (k \in Denying /\ ~p.help)) ->
            Deny(Free(x), r.id)
       [] p.typed = "-" /\ p.help /\ k \notin {"n", "ctrlc"} ->
            Lend(x, IF k = "space" /\ ~pasted THEN Moved(still, TRUE)
                    ELSE [Moved(still, FALSE) EXCEPT !.help = FALSE])
       [] p.typed = "-" /\ ~p.help /\ ~pasted /\ k = "r" /\ p.still = "o" ->
            Lend(x, [still EXCEPT !.typed = "e", !.over = FALSE])
       [] p.typed = "-" /\ ~p.help /\ ~pasted /\ k = "d" ->
            DenyAll([Free(x) EXCEPT !.m.queue = <<>>, !.m.denies = TRUE], <<r>> \o x.m.queue)
       [] p.typed = "-" /\ ~p.help /\ ~pasted /\ k = "?" ->
            Lend(x, [Moved(still, FALSE) EXCEPT !.help = TRUE])
       [] p.typed = "-" /\ ~p.help /\ ~pasted /\ k = "space" -> Lend(x, Moved(still, TRUE))
       [] OTHER -> Lend(x, still)

IdleKey(x, k, pasted) ==
  LET endable == {j \in DOMAIN x.m.jobs : MayBeEnded(x.m.jobs[j])}
  IN IF k \in {"q", "ctrlc"} /\ ~pasted THEN Lend(x, [kind |-> "quit"])
     ELSE IF k = "k" /\ ~pasted /\ endable # {}
     THEN Lend(x, [kind |-> "end", id |-> x.m.jobs[First(endable)].req.id]) ELSE x

AnswerKey(x, k, pasted) ==
  LET p == x.m.phase
      y == Free(x)
  IN IF p.kind = "quit" /\ k \in {"q", "ctrlc"} /\ ~pasted THEN Stop(y, TRUE)
     ELSE IF p.kind = "end" /\ k = "k" /\ ~pasted /\ JobsOf(y, p.id) # {}
     THEN Terminate(y, First(JobsOf(y, p.id))) ELSE y

Press(x, k) ==
  LET pasted == x.m.paste \/ k \in Pastes
      y == [x EXCEPT !.m.paste = IF k \in Pastes THEN k = "open" ELSE @,
                     !.m.disturbed = @ \/ k \notin Reading]
  IN CASE x.m.suspended -> x
       [] ~x.m.suspended /\ x.m.phase.kind = "idle" -> IdleKey(y, k, pasted)
       [] ~x.m.suspended /\ x.m.phase.kind \in {"quit", "end"} -> AnswerKey(y, k, pasted)
       [] ~x.m.suspended /\ x.m.phase.kind = "prompt" -> PromptKey(y, k, pasted)
       [] OTHER -> y
-----------------------------------------------------------------------------
\* The prompt: prompt.ts, prompting.ts
Join(lines, view) ==
  IF view = "nothing" THEN lines
  ELSE IF "whole" \in {lines, view} \/ {lines, view} = {"begin", "end"} THEN "whole" ELSE view
Drawn(x, view, last) ==
  LET p == x.m.phase
  IN IF p.kind # "prompt" THEN x
     ELSE IF ~p.known \/ ~(last \/ p.again) THEN x
     ELSE Lend(x, [p EXCEPT !.still = IF last THEN "r" ELSE @,
                            !.seen = IF p.help THEN @ ELSE Join(@, view)])
Undrawable(x) ==
  IF x.m.phase.kind # "prompt" THEN x
  ELSE Reply(Withdraw(x, x.m.phase.req.id), x.m.phase.req.id, "error")
PassPrompt(x) ==
  LET p == x.m.phase
  IN IF p.kind # "prompt" THEN x
     ELSE IF ~p.over THEN x
     \* Who began to type has decided.
     ELSE IF p.typed # "-" THEN Deny(Free(x), p.req.id)
     ELSE Reply(Note(Free(x), "timeout", p.req.id), p.req.id, "timeout")
-----------------------------------------------------------------------------
\* The whole of a step: update.ts
OfJob(x, j, e) ==
  CASE e.kind = "started" -> Started(x, j)
    [] e.kind = "begun" ->
         IF x.m.jobs[j].needs = "s" THEN [x EXCEPT !.m.jobs[j].needs = "-"] ELSE x
    [] e.kind = "ended" -> Ended(x, j)
    [] e.kind = "signalFailed" -> SignalFailed(x, j, e.asks)
Take(x, e) ==
  CASE e.kind = "submitted"     -> Submitted(x, e.req)
    [] e.kind = "clientGone"    -> IF CanWithdraw(x, e.id) THEN Withdraw(x, e.id) ELSE x
    [] e.kind = "cancel"        -> Cancel(x, e.id)
    [] e.kind = "stop"          -> Stop(x, FALSE)
    [] e.kind = "signal"        -> IF e.signal = "SIGINT" /\ Lent(x.m.phase) THEN x ELSE Stop(x, TRUE)
    [] e.kind = "keys"          -> Press(x, e.key)
    [] e.kind = "drawn"         -> Drawn(x, e.view, e.last)
    [] e.kind = "undrawable"    -> Undrawable(x)
    [] e.kind = "probed"        -> ReadAnew(x, TRUE)
    [] e.kind = "resized"       -> Redraw(x)
    [] e.kind = "suspend"       -> IF x.m.suspended THEN x
                                   ELSE Do([x EXCEPT !.m.suspended = TRUE], <<<<"suspend">>>>)
    [] e.kind = "continued"     -> Reset([x EXCEPT !.m.suspended = FALSE])
    [] e.kind = "credentials"   -> Credentials(Learn(x, e.shared), e.id, e.present)
    [] e.kind = "authenticated" -> Authenticated(Learn(x, e.shared), e.id, e.result)
    [] e.kind \in {"started", "begun", "ended", "signalFailed"} ->
         IF JobsOf(x, e.id) = {} THEN x ELSE OfJob(x, First(JobsOf(x, e.id)), e)
    [] e.kind = "stall"         ->
         IF x.m.phase.kind = "prompt" THEN Lend(x, Still(x.m.phase)) ELSE x
    [] e.kind = "clock"         -> x

\* What has no effect any more is left out, so that it makes no states of its own.
Canonical(x) ==
  LET p == x.m.phase
  IN [x EXCEPT !.m.disturbed = @ /\ p.kind = "idle" /\ x.m.stop = "-",
               !.m.denies = @ /\ x.m.stop = "-",
               !.m.paste = @ /\ ~Lent(p),
               !.m.phase = IF p.kind = "prompt"
                           THEN [p EXCEPT !.still = IF p.typed # "-" THEN "-" ELSE @] ELSE p,
               !.m.jobs = [j \in DOMAIN @ |->
                 [@[j] EXCEPT !.limit = IF @ = "o" /\ x.m.jobs[j].kill # "-" THEN "r" ELSE @]]]

Step(n, e) ==
  Canonical(FinishStop(ForgetUnneeded(FillTerminal(AskIfBegun(
    Take(PassJobs(PassPrompt([m |-> n, out |-> <<>>]), 1), e))))))

Init ==
  /\ m = [phase |-> Idle, queue |-> <<>>, jobs |-> <<>>, grant |-> FALSE,
          keeps |-> Authentication # "polkit", remembered |-> FALSE, disturbed |-> FALSE,
          denies |-> FALSE, stop |-> "-", shared |-> "u", suspended |-> FALSE, paste |-> FALSE]
  /\ seen = [approved |-> {}, owed |-> {}, runs |-> {}, granted |-> FALSE, lent |-> {}, bad |-> ""]
-----------------------------------------------------------------------------
(* The watcher. He knows what a person saw, which events came and what was done about them. He trusts
   none of the machine's own marks about approvals, answers, grants, and who has the terminal. *)
Ready == /\ m.phase.kind = "prompt"
         /\ ~m.phase.over /\ m.phase.still = "o" /\ m.phase.seen = "whole" /\ m.phase.known
         /\ m.phase.typed = "-" /\ ~m.phase.help
Approves(e) == /\ e.kind = "keys"
               /\ e.key \in {"y", "a"} /\ ~m.paste /\ ~m.suspended /\ Ready
               /\ e.key = "a" => MayTrust /\ m.shared # "s" /\ ~AsRoot(m.phase.req)
Over == m.phase.kind = "prompt" /\ m.phase.over

Watch(e, x) ==
  LET All(w)   == {x.out[j] : j \in {l \in DOMAIN x.out : x.out[l][1] = w}}
      Count(i) == Cardinality({l \in DOMAIN x.out : x.out[l][1] = "reply" /\ x.out[l][2] = i})
      starts   == All("start")
      started  == {w[2] : w \in starts}
      req(i)   == x.m.jobs[CHOOSE j \in DOMAIN x.m.jobs : x.m.jobs[j].req.id = i].req
      over     == IF Over THEN {m.phase.req.id} ELSE {}
      taken    == IF m.phase.kind \in {"withdrawn", "end"} THEN {m.phase.id} ELSE {}
      new      == IF e.kind = "submitted" THEN {e.req.id} \ ((seen.owed \ over) \cup taken) ELSE {}
      \* A client that left gets no answer, unless its command runs.
      left     == IF e.kind = "clientGone" THEN {e.id} \ seen.runs ELSE {}
      May(i)   == (IF i \in seen.owed THEN 1 ELSE 0) + (IF i \in new THEN 1 ELSE 0)
      answered == {i \in Ids : Count(i) > 0}
      owed     == {i \in Ids : May(i) > Count(i)} \ left
      key      == IF Approves(e) THEN {m.phase.req.id} ELSE {}
      yes      == seen.approved \cup key
      lost     == e.kind \in {"credentials", "authenticated"} /\ m.shared = "u" /\ x.m.shared = "s"
      granted  == (seen.granted \/ (key # {} /\ e.key = "a")) /\ ~lost
      back     == IF e.kind = "authenticated" THEN {<<"asks", e.id>>}
                  ELSE IF e.kind = "ended" \/ (e.kind = "started" /\ Authentication = "polkit")
                  THEN {<<"has", e.id>>} ELSE {}
      lent     == (seen.lent \ back) \cup {<<"asks", w[2]>> : w \in All("ask")}
                  \cup {<<"has", w[2]>> : w \in {s \in starts : s[4]}}
      Own(w)   == w[2] \in yes \ (answered \cup left)
      Freely(w) == /\ granted /\ w[2] \in (seen.owed \ over) \cup new
                   /\ req(w[2]).shape \in {"U", "V"}
      bad ==
        CASE \E w \in starts : w[3] = "key" /\ ~Own(w) -> "started without a key of its own"
          [] \E w \in starts : w[3] = "trust" /\ ~Freely(w) -> "started without a grant"
          [] started \cap seen.runs # {} \/ Cardinality(starts) # Cardinality(started) ->
               "started twice"
          [] starts # {} /\ (m.stop # "-" \/ x.m.stop # "-") -> "started while the daemon stops"
          [] \E w \in starts : /\ e.kind = "authenticated"
                               /\ e.result \notin {"kept", "notKept"} /\ w[3] = "key" ->
               "started without sudo's yes"
          [] \E w \in starts : /\ Authentication = "sudo" /\ Each /\ Privileged(req(w[2]))
                               /\ ~w[4] /\ ~w[5] -> "started although nobody was asked"
          [] {w[3] : w \in {n \in All("record") : n[2] = "approved"}} # key -> "approved without a key"
          [] \E w \in All("check") : w[2] \notin yes -> "sudo is asked without a key"
          [] \E w \in All("ask") : w[2] \notin yes \cup seen.runs -> "sudo asks without a key"
          [] x.m.grant /\ ~granted -> "granted without a key"
          [] lent # {} /\ x.m.phase.kind = "prompt" -> "a prompt while the terminal is lent"
          [] Cardinality(lent) > 1 -> "the terminal is lent twice"
          [] \E i \in Ids : Count(i) > May(i) -> "answered twice"
          [] Count("z") # (IF e.kind = "cancel" THEN 1 ELSE 0) -> "a wish to cancel is not answered once"
          [] \E w \in All("signal") : w[3] = "SIGKILL" /\ ~\E j \in DOMAIN m.jobs :
               m.jobs[j].req.id = w[2] /\ m.jobs[j].kill = "o" -> "killed without its time"
          [] OTHER -> ""
  IN [approved |-> yes \ (answered \cup left \cup started),
      owed |-> owed, runs |-> (seen.runs \cup started) \ (IF e.kind = "ended" THEN {e.id} ELSE {}),
      granted |-> granted, lent |-> lent, bad |-> IF seen.bad = "" THEN bad ELSE seen.bad]
-----------------------------------------------------------------------------
\* What may happen. All of it may come at any moment, whether or not the machine waits for it. An
\* event that changes and does nothing is no transition.
Event(e) ==
  \E x \in {Step(m, e)} :
    /\ x.m # m \/ x.out # <<>>
    /\ m' = x.m /\ seen' = Watch(e, x) /\ Tell(m, e, x.m, x.out)
Pass(timer, i, n) == m' = n /\ UNCHANGED seen /\ Tell(m, [kind |-> timer, id |-> i], n, <<>>)

Shares == IF Sharing THEN {"-", "s", "p"} ELSE {"-"}
Requests ==
  \E i \in Ids :
    \/ \E s \in Shapes : /\ Again \/ ~Known([m |-> m], i)
                         /\ Event([kind |-> "submitted", req |-> [id |-> i, shape |-> s]])
    \/ \E k \in {"clientGone", "cancel"} : Event([kind |-> k, id |-> i])
Terminal ==
  \/ \E k \in Keys : Event([kind |-> "keys", key |-> k])
  \/ \E v \in Views, last \in (IF Screen THEN BOOLEAN ELSE {TRUE}) :
       Event([kind |-> "drawn", view |-> v, last |-> last])
  \/ \E k \in {"undrawable", "probed", "stall", "clock"} : Event([kind |-> k])
  \/ Screen /\ \E k \in {"resized", "suspend", "continued"} : Event([kind |-> k])
Sudo ==
  \E i \in Ids, s \in Shares :
    \/ \E b \in BOOLEAN : Event([kind |-> "credentials", id |-> i, present |-> b, shared |-> s])
    \/ \E r \in {"kept", "notKept", "failed"} \cup (IF s = "-" THEN {"sent"} ELSE {}) :
         Event([kind |-> "authenticated", id |-> i, result |-> r, shared |-> s])
Commands ==
  \E i \in Ids :
    \/ \E k \in {"started", "begun", "ended"} : Event([kind |-> k, id |-> i])
    \/ Faults /\ \E b \in BOOLEAN : Event([kind |-> "signalFailed", id |-> i, asks |-> b])
End ==
  \/ Event([kind |-> "stop"])
  \/ \E s \in {"SIGTERM", "SIGINT"} : Event([kind |-> "signal", signal |-> s])

PassPromptTimers ==
  /\ m.phase.kind = "prompt"
  /\ \/ ~m.phase.over /\ Pass("deadline", "", [m EXCEPT !.phase.over = TRUE])
     \/ m.phase.still = "r" /\ Pass("still", "", [m EXCEPT !.phase.still = "o"])
PassJobTimers ==
  \E j \in DOMAIN m.jobs : LET b == m.jobs[j] IN
    \/ /\ b.limit = "r" /\ b.kill = "-" /\ Limited(b.req)
       /\ Pass("limit", b.req.id, [m EXCEPT !.jobs[j].limit = "o"])
    \/ b.kill = "r" /\ Pass("kill", b.req.id, [m EXCEPT !.jobs[j].kill = "o"])
PassOthers ==
  \/ m.disturbed /\ Pass("disturbed", "", [m EXCEPT !.disturbed = FALSE])
  \/ m.denies /\ Pass("denies", "", [m EXCEPT !.denies = FALSE])
  \/ m.stop = "h" /\ Pass("stopWait", "", [m EXCEPT !.stop = "o"])

Next == \/ Requests \/ Terminal \/ Sudo \/ Commands \/ End
        \/ PassPromptTimers \/ PassJobTimers \/ PassOthers
Safe == Init /\ [][Next]_<<m, seen>>
-----------------------------------------------------------------------------
(* What is assumed where something has to come: prompts come to their time, the clock is looked at,
   sudo says what it knows, its questions end, commands begin and end. Each is weak fairness of an
   action, written without ENABLED, which TLC evaluates very slowly here. *)
Due == \/ Over
       \/ \E j \in DOMAIN m.jobs : m.jobs[j].kill = "-" /\ m.jobs[j].limit = "o"
Running == {m.jobs[j].req.id : j \in DOMAIN m.jobs}
Fair == /\ []<>~(m.phase.kind = "prompt" /\ ~m.phase.over)
        /\ []<>~Due
        /\ []<>(m.phase.kind # "checking")
        /\ []<>~Asks(m.phase)
        /\ []<>~(\E j \in DOMAIN m.jobs : m.jobs[j].needs = "s")
        /\ []<>(m.stop # "h")
        /\ \A i \in Ids : []<>(i \notin Running)
Spec == Safe /\ Fair
-----------------------------------------------------------------------------
Placed(i) == Cardinality({j \in DOMAIN m.queue : m.queue[j].id = i})
             + Cardinality({j \in DOMAIN m.jobs : m.jobs[j].req.id = i})
             + Cardinality({i} \cap Of(m.phase))

\* Invariants
\* The watcher saw nothing wrong. Each start had a lone key at a prompt that was read whole and was
\* still, or a grant that such a key gave. None came twice, nor after a withdrawal, a denial or its
\* time, nor while the daemon stops. No prompt was shown while the terminal was lent. Each request
\* had one answer.
Good == seen.bad = ""
\* A request is in one place: in line, shown, waiting for sudo, or running.
OnePlace == \A i \in Ids : Placed(i) <= 1
\* An answer is owed for what waits or runs, and for nothing else.
Owed == seen.owed = {i \in Ids : Placed(i) > 0}
\* The terminal is lent where the watcher saw that it was.
LentAsSeen == Lent(m.phase) <=> seen.lent # {}
\* No command has the terminal but the one that it is lent to.
OneTerminal == \A j \in DOMAIN m.jobs :
  m.jobs[j].terminal => m.phase = [kind |-> "command", id |-> m.jobs[j].req.id]
\* Nobody waits in line while nothing is shown, but behind a password that a command needs.
NobodyIsForgotten ==
  m.phase.kind \in {"idle", "quit", "end"} /\ ~m.suspended =>
    \/ m.queue = <<>>
    \/ Each /\ Begins([m |-> m]) /\ \E j \in DOMAIN m.jobs : m.jobs[j].kill # "-" /\ m.jobs[j].password
\* What a grant covers never waits for a key.
WhatIsGrantedDoesNotWait ==
  m.grant /\ CanPrint(m.phase) /\ ~m.suspended => ~\E j \in DOMAIN m.queue : Coverable(m.queue[j])
\* Nothing waits while the daemon stops.
NothingWaitsAtTheEnd ==
  m.stop # "-" => m.queue = <<>> /\ m.phase.kind # "prompt" /\ ~Approved(m.phase)
\* sudo remembers nothing that no command needs.
SudoForgets ==
  m.remembered => Asks(m.phase) \/ \E j \in DOMAIN m.jobs : m.jobs[j].needs # "-"

\* Liveness
EachIsAnswered == \A i \in Ids : (i \in seen.owed) ~> (i \notin seen.owed)
TheEndComes == (m.stop # "-") ~> (~Asks(m.phase) /\ (m.jobs = <<>> \/ m.stop = "o"))
=============================================================================
