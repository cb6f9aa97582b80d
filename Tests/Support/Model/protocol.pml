/*
 * The protocol by which hosts share a store: claims, leases and takeovers, outages with a journal on each host, and a standby
 * that becomes the store without the last writes. `make model` has spin look at every order of steps.
 *
 * The hosts go through the states of Sources/RunEngine/OutageMachine.swift, and ON(event, host) marks where they take the events
 * of OutageEvent.swift. Tests/HouseTests/ModelTests.swift compares both lists with the source:
 *
 *   state direct starting bridging probing delivering
 *   event asked answered failed journalled began woke renewed probed delivered removed
 *   without compared: what the store has lost is found and delivered in the steps that are marked as delivered
 *   without marked: a host marks itself in the step that is marked as renewed
 *   without watched: a host looks at the marks of others in the step in which it asks for a claim
 *   without read: entries are delivered one by one, and nobody else changes the journal
 *   without looked: an entry whose run is another host's is set aside in the step in which it is delivered
 *   without divided: a row stands for one occurrence
 *
 * Promised, as assertions:
 *   no request is made twice, unless its host has crashed since and its row is lost (send);
 *   what has ended stays so, but that an answer may come late for a run that was called unknown (setRow);
 *   in the end each occurrence has a row that has ended, and all hosts are direct (the end of init);
 *   an occurrence that was answered says so in the end, unless its host crashed before it wrote that.
 *
 * Assumed; the switch in brackets does without, and finds a counterexample:
 *   under `auto`, a host that starts, or comes back when it counted as gone, is seen by the others, by one heartbeat of theirs,
 *   before the store or one of them is lost [NOT_SEEN];
 *   a store that is back stays for a probe interval, or closes the connections when it goes again [FLAPS];
 *   an outage in which the store loses rows is noticed by each host that is up before it ends [NOT_NOTICED]; a host of the program
 *   waits for one that is late, until it has seen each again that was there, for OutageLimits.returnMax at most;
 *   no host is frozen or cut off while the store loses rows: nobody else knows what it has made [REWINDS with FREEZES, CUTS];
 *   an entry whose row is this host's under another fence is delivered within a probe interval: its lease cannot be renewed before
 *   [DELIVERED_LATE];
 *   the table of hosts loses no host with those rows.
 *
 * A step of time is a probe interval: within it each host does what it must do once (DUTIES), in any order with all else.
 */

#ifndef HOSTS
#define HOSTS 2
#endif
#ifndef RUNS
#define RUNS 1
#endif

/* How often each fault may happen. */
#ifndef OUTAGES
#define OUTAGES 1       /* the store is away from all */
#endif
#ifndef LOSSES
#define LOSSES 0        /* the store does what it is asked, and the answer is lost */
#endif
#ifndef CRASHES
#define CRASHES 0
#endif
#ifndef CUTS
#define CUTS 0          /* one host is cut off from the store */
#endif
#ifndef FREEZES
#define FREEZES 0       /* a host does nothing, and goes on later */
#endif
#ifndef REWINDS
#define REWINDS 0       /* a standby that was behind becomes the store */
#endif
#ifndef STUCK
#define STUCK 0         /* a delivered entry cannot be taken out of the journal */
#endif
#ifndef LATECOMERS
#define LATECOMERS 0    /* so many hosts, the last ones, were never there before */
#endif

#define HOLD 0
#define RUN 1           /* for one host alone */
#define AUTO 2
#ifndef POLICY
#define POLICY HOLD
#endif

#define PROBE 1
#define LEASE 4
#define HEARTBEAT 1
#ifndef GRACE
#define GRACE (PROBE + LEASE)
#endif
/* A probe interval after the return, and the rest of the step in which that was. */
#ifndef WAIT
#define WAIT (PROBE + 1)
#endif
#define COMPANY (LEASE + HEARTBEAT)
#define CALM (PROBE + LEASE + 4)

/* What hosts did up to version 1.0. */
#ifdef PROTOCOL_BEFORE
#undef GRACE
#define GRACE 0
#undef WAIT
#define WAIT 0
#define NO_MARK
#define ENDED_NOT_RENEWED
#define NO_RENEWAL_IN_DELIVERY
#define CLAIM_WITHOUT_FENCE
#define NO_SECOND_DELIVERY
#define AGED_SIGHTINGS
#endif

mtype:state = { off, direct, starting, bridging, probing, delivering };
/* Of a run on a host. */
mtype:stage = { planned, claiming, requesting, recordingFinish, finished, dropped };
/* Of a run in the store. */
mtype:row = { none, running, answered, unknown };

/* A run is claimed in the journal alone: no fence of the store. */
#define LOCAL 15
#define X(h, r) ((h) * RUNS + (r))
#define SAY(text, h, r) printf(text, h, r)
#define TELL(text, h) printf(text, h)
#define ON(event, h) printf("host %d: ", h); printf(#event); printf("\n")

/* The store. */
bit up = 1;
mtype:row row[RUNS] = none;
byte fence[RUNS];
byte owner[RUNS];
byte lease[RUNS];
bit listed[HOSTS];        /* in the table of hosts, without a goodbye */
byte seen[HOSTS];         /* how long its last heartbeat counts; under `auto` alone */
byte mark[HOSTS];         /* how long its mark `delivering` counts */

/* The standby, once it stops following. */
bit isBehind;
mtype:row oldRow[RUNS] = none;
byte oldFence[RUNS];
byte oldOwner[RUNS];
byte oldLease[RUNS];

/* The hosts. */
mtype:state mode[HOSTS] = direct;
bit holds[HOSTS];         /* in an outage nothing begins */
bit reconnects[HOSTS];    /* its next question goes over a new connection */
bit renewed[HOSTS];       /* in this step of time: renewed, or probed */
byte grace[HOSTS];        /* before it takes over runs of others */
bit cautious[HOSTS];      /* claims nothing, */
byte wait[HOSTS];         /* at least for so long */
bit company[HOSTS];       /* others were there when the store was seen last */
mtype:stage stage[HOSTS * RUNS] = planned;
mtype:row end_[HOSTS * RUNS] = none;    /* how the run has ended, until that is written */
byte proof[HOSTS * RUNS];               /* the fence that the host knows */

/* Their disks. */
byte claims[HOSTS * RUNS];              /* the claim in the journal: 0 none, 1 waits, 2 delivered and still there */
mtype:row ends[HOSTS * RUNS] = none;    /* the end in the journal */
byte kept[HOSTS * RUNS];                /* what was written and may be lost: 0 nothing, 1 claim, 2 answered, 3 unknown */

/* The world. */
bit cut[HOSTS];
bit frozen[HOSTS];
bit slept[HOSTS];
bit broken;               /* this outage has closed the connections */
bit due[RUNS];
bit calm;                 /* no more faults */
byte age;                 /* of the calm */
byte outages = OUTAGES, losses = LOSSES, crashes = CRASHES, cuts = CUTS, freezes = FREEZES, rewinds = REWINDS, stuck = STUCK;
byte latecomers = LATECOMERS;

/* What nobody in the model knows, for the assertions. */
byte sentBy[RUNS];        /* the host, and 1 */
bit died[RUNS];           /* that host has crashed since */
bit wasAnswered[RUNS];
bit excused[RUNS];        /* the end may be lost: its host has crashed */

hidden byte i, j;

#define SEES(h) (up && !cut[h])
#define AWAKE(h) (mode[h] != off && !frozen[h])
#define LIVE(h, r) (stage[X(h, r)] == requesting || stage[X(h, r)] == recordingFinish)
/* An answer that the run's owner before knows; the next one can only call it unknown. */
#ifdef KNOWN_SET_ASIDE
#define CORRECTS(h, r, end) false
#else
#define CORRECTS(h, r, end) (end == answered && (row[r] == running || row[r] == unknown))
#endif
#define KEEPS (REWINDS > 0)
#define CONNECTED(h) (mode[h] == direct || mode[h] == starting || mode[h] == delivering)
#define DELIVERS(h) (mode[h] == delivering || mode[h] == starting)
#define ANSWERS_HERE(h) (mode[h] == bridging || mode[h] == probing || mode[h] == delivering)

#define WAITS(h, r) (claims[X(h, r)] == 1 || ends[X(h, r)] != none)
#if RUNS > 1
#define ANY(macro, h) (macro(h, 0) || macro(h, 1))
#else
#define ANY(macro, h) macro(h, 0)
#endif
#define JOURNAL(h) ANY(WAITS, h)

#if HOSTS > 2
#define EACH(macro) (macro(0) && macro(1) && macro(2))
#define OTHERS_NOT(flag, h) ((h == 0 || !flag[0]) && (h == 1 || !flag[1]) && (h == 2 || !flag[2]))
#elif HOSTS > 1
#define EACH(macro) (macro(0) && macro(1))
#define OTHERS_NOT(flag, h) ((h == 0 || !flag[0]) && (h == 1 || !flag[1]))
#else
#define EACH(macro) macro(0)
#define OTHERS_NOT(flag, h) true
#endif

/* Steps of the store */

inline give(h, r) {
    fence[r]++;
    assert(fence[r] < LOCAL);
    owner[r] = h;
    lease[r] = LEASE;
    proof[X(h, r)] = fence[r]
}

inline setRow(r, what) {
    assert(row[r] == running || row[r] == unknown && what == answered);    /* what has ended stays so */
    row[r] = what;
    owner[r] = 0;
    lease[r] = 0
}

/* Steps of a run */

inline send(h, r) {
    SAY("host %d: requests run %d\n", h, r);
    assert(sentBy[r] == 0 || (died[r] && sentBy[r] != h + 1));    /* no request twice */
    sentBy[r] = h + 1;
    died[r] = 0;
    stage[X(h, r)] = requesting
}

inline keep(h, r, what) {
    if :: KEEPS && rewinds > 0 -> kept[X(h, r)] = what :: else fi
}

/* The proof is of no more use: fewer states. */
inline forget(h, r) {
    if :: claims[X(h, r)] == 0 && ends[X(h, r)] == none && kept[X(h, r)] == 0 -> proof[X(h, r)] = 0 :: else fi
}

inline drop(h, r) {
    SAY("host %d: drops run %d\n", h, r);
    stage[X(h, r)] = dropped;
    end_[X(h, r)] = none;
    forget(h, r)
}

inline claim(h, r) {
    if
    :: row[r] == none ->
        row[r] = running;
        give(h, r);
        keep(h, r, 1);
        send(h, r)
    :: row[r] == running && owner[r] == h && stage[X(h, r)] == claiming ->    /* its answer was lost */
        give(h, r);
        keep(h, r, 1);
        send(h, r)
    :: else -> drop(h, r)
    fi
}

inline recordEnd(h, r) {
    SAY("host %d: records the end of run %d\n", h, r);
    if :: end_[X(h, r)] == answered -> keep(h, r, 2) :: else -> keep(h, r, 3) fi;
    setRow(r, end_[X(h, r)])
}

inline finish(h, r) {
    if
    :: row[r] == running && proof[X(h, r)] == fence[r] || CORRECTS(h, r, end_[X(h, r)]) ->
        recordEnd(h, r);
        stage[X(h, r)] = finished; end_[X(h, r)] = none; forget(h, r)
#ifdef FENCE_UNCHECKED
    :: row[r] != none && !(row[r] == running && proof[X(h, r)] == fence[r]) ->
        setRow(r, end_[X(h, r)]);
        stage[X(h, r)] = finished; end_[X(h, r)] = none; forget(h, r)
#endif
    :: row[r] == end_[X(h, r)] && proof[X(h, r)] == fence[r] ->    /* its answer was lost */
        stage[X(h, r)] = finished; end_[X(h, r)] = none; forget(h, r)
    :: else -> drop(h, r)
    fi
}

/* Under `run`, and alone under `auto`, a host goes on to begin runs by itself until it is direct. */
#ifdef MARK_FOR_ENTRIES
#define BEGINS_HERE(h) false
#else
#define BEGINS_HERE(h) (ANSWERS_HERE(h) && !holds[h])
#endif

/* A heartbeat lists the host and marks it when it comes back with something to deliver, or may begin more; it learns who else is
   there. */
inline beat(h) {
    listed[h] = 1;
#ifndef NO_MARK
    mark[h] = (mode[h] != direct && JOURNAL(h) || BEGINS_HERE(h) -> LEASE : 0);
#endif
#if POLICY == AUTO
    seen[h] = COMPANY;
    company[h] = 0;
    for (j : 0 .. HOSTS - 1) {
        if
#ifdef AGED_SIGHTINGS
        :: j != h && listed[j] && seen[j] > 0 -> company[h] = 1
#else
        :: j != h && listed[j] && (seen[j] > 0 || grace[h] > 0) -> company[h] = 1
#endif
        :: else
        fi
    }
#endif
}

/* The leases of what the store knows as this host's. */
inline renew(h) {
    for (i : 0 .. RUNS - 1) {
        if
        :: row[i] == running && proof[X(h, i)] == fence[i] && (LIVE(h, i)
#ifndef ENDED_NOT_RENEWED
            || ends[X(h, i)] != none
#endif
            ) ->
            lease[i] = LEASE
        :: else ->
            if
            :: LIVE(h, i) && proof[X(h, i)] != LOCAL && claims[X(h, i)] != 1 && row[i] != end_[X(h, i)] &&
                !(row[i] == running && proof[X(h, i)] == fence[i]) && !CORRECTS(h, i, end_[X(h, i)]) -> drop(h, i)
            :: else
            fi
        fi
    }
}

/* It is another host's, or one that this host does not know. */
#define TAKES_OVER(h, r) (row[r] == running && lease[r] == 0 && (owner[r] == h || grace[h] == 0) && \
    !LIVE(h, r) && stage[X(h, r)] != claiming)

inline takeOver(h, r) {
    SAY("host %d: takes over run %d\n", h, r);
    give(h, r);
    keep(h, r, 1);
    stage[X(h, r)] = recordingFinish;
    end_[X(h, r)] = unknown
}

/* Steps of an outage */

inline decide(h) {
#if POLICY == HOLD
    holds[h] = 1;
#elif POLICY == RUN
    holds[h] = 0;
#else
    holds[h] = company[h];
#endif
}

inline lose(h) {
    TELL("host %d: bridging\n", h);
    mode[h] = bridging;
    renewed[h] = 1;
    grace[h] = 0;
    cautious[h] = 0;
    wait[h] = 0
}

/* Over a new connection, before anything is renewed or claimed: what this host wrote and the store has not is to be delivered
   again. The entry `claim` takes back a row under a new fence. */
inline compare(h) {
#ifndef NO_SECOND_DELIVERY
    if
    :: KEEPS && reconnects[h] ->
        for (i : 0 .. RUNS - 1) {
            if
            :: kept[X(h, i)] == 1 && claims[X(h, i)] != 1 &&
                (row[i] == none || row[i] == running && owner[i] == h && fence[i] != proof[X(h, i)]) ->
                claims[X(h, i)] = 1
            :: kept[X(h, i)] == 2 && (row[i] == none || row[i] == running && owner[i] == h) ->
                claims[X(h, i)] = 1; ends[X(h, i)] = answered
            :: kept[X(h, i)] == 2 && CORRECTS(h, i, answered) && !(row[i] == running && owner[i] == h) ->
                ends[X(h, i)] = answered
#ifdef KEPT_WITHOUT_ROW
            :: kept[X(h, i)] == 3 && row[i] == running && owner[i] == h ->
#else
            :: kept[X(h, i)] == 3 && (row[i] == none || row[i] == running && owner[i] == h) ->
#endif
                claims[X(h, i)] = 1; ends[X(h, i)] = unknown
            :: else
            fi
        }
    :: else
    fi;
    if
    :: KEEPS && rewinds == 0 && !JOURNAL(h) ->    /* nothing can be lost any more: fewer states */
        for (i : 0 .. RUNS - 1) { kept[X(h, i)] = 0; if :: !LIVE(h, i) -> forget(h, i) :: else fi }
    :: else
    fi;
#endif
    reconnects[h] = 0
}

/* The store answers again: the first step, in which the host compares, renews its leases and marks itself. */
inline comeBack(h) {
    compare(h);
    grace[h] = GRACE;
    renew(h);
    beat(h);
    cautious[h] = WAIT > 0 && !OTHERS_NOT(listed, h);
    wait[h] = (cautious[h] -> WAIT : 0);
    renewed[h] = 1
}

inline deliverClaim(h, r) {
    SAY("host %d: delivers the claim of run %d\n", h, r);
    if
    :: row[r] == none ->
        row[r] = running;
        give(h, r);
        keep(h, r, 1)
    :: row[r] == running && owner[r] == h ->
#ifndef CLAIM_WITHOUT_FENCE
        give(h, r);
#endif
        keep(h, r, 1)
    :: else ->    /* set aside */
        proof[X(h, r)] = 0;
        if :: LIVE(h, r) -> drop(h, r) :: else fi
    fi;
    claims[X(h, r)] = 0
}

inline deliverEnd(h, r) {
    SAY("host %d: delivers the end of run %d\n", h, r);
    if
    :: row[r] == running && proof[X(h, r)] == fence[r] || CORRECTS(h, r, ends[X(h, r)]) ->
        if :: ends[X(h, r)] == answered -> keep(h, r, 2) :: else -> keep(h, r, 3) fi;
        setRow(r, ends[X(h, r)])
    :: else    /* set aside, or known */
    fi;
    ends[X(h, r)] = none;
    forget(h, r)
}

/* Nothing waits in the journal. */
inline settle(h) {
    TELL("host %d: direct\n", h);
    for (i : 0 .. RUNS - 1) {
        if :: claims[X(h, i)] == 2 -> claims[X(h, i)] = 0 :: else fi;
        if
        :: mode[h] == starting && row[i] == running && owner[i] == h && !LIVE(h, i) ->
            takeOver(h, i)
        :: mode[h] == starting && row[i] != none && stage[X(h, i)] == planned -> stage[X(h, i)] = dropped
        :: else
        fi
    };
    mode[h] = direct;
    mark[h] = 0;
    holds[h] = 0
}

/* It begins again from what is on its disk. */
inline crash(h) {
    for (i : 0 .. RUNS - 1) {
        if :: sentBy[i] == h + 1 -> died[i] = 1 :: else fi;
        if :: stage[X(h, i)] == recordingFinish && end_[X(h, i)] == answered -> excused[i] = 1 :: else fi;
        stage[X(h, i)] = planned;
        end_[X(h, i)] = none;
        if
        :: claims[X(h, i)] != 0 -> claims[X(h, i)] = 1; if :: kept[X(h, i)] == 0 -> proof[X(h, i)] = LOCAL :: else fi
        :: else -> forget(h, i)
        fi
    }
    mode[h] = off; holds[h] = 0; reconnects[h] = 0; renewed[h] = 0;
    grace[h] = 0; cautious[h] = 0; wait[h] = 0; company[h] = 0
}

#define WANTED(h, r) (due[r] && (stage[X(h, r)] == planned || stage[X(h, r)] == claiming) && claims[X(h, r)] == 0)
/* The read of the table of hosts that ends its caution. */
#define LOOKS_ROUND(h) (cautious[h] && wait[h] == 0 && OTHERS_NOT(mark, h))
#define CLAIMS(h, r) (mode[h] == direct && !cautious[h] && WANTED(h, r))
#ifdef CLAIM_BEFORE_DELIVERY
#define CLAIMS_EARLY(h, r) (mode[h] == delivering && due[r] && stage[X(h, r)] == planned)
#else
#define CLAIMS_EARLY(h, r) false
#endif

#define OF_RUN(r) \
:: atomic { AWAKE(h) && SEES(h) && !reconnects[h] && (CLAIMS(h, r) || CLAIMS_EARLY(h, r)) -> \
    d_step { ON(asked, h); ON(answered, h); claim(h, r) } } \
:: atomic { losses > 0 && AWAKE(h) && SEES(h) && !reconnects[h] && CLAIMS(h, r) && row[r] == none -> \
    d_step { ON(asked, h); losses--; row[r] = running; give(h, r); proof[X(h, r)] = 0; keep(h, r, 1); \
        stage[X(h, r)] = claiming } } \
:: atomic { AWAKE(h) && !SEES(h) && (CLAIMS(h, r) || mode[h] == direct && stage[X(h, r)] == recordingFinish) -> \
    d_step { ON(asked, h); ON(failed, h); decide(h); lose(h) } } \
:: atomic { AWAKE(h) && ANSWERS_HERE(h) && !holds[h] && WANTED(h, r) -> \
    d_step { ON(asked, h); ON(journalled, h); claims[X(h, r)] = 1; proof[X(h, r)] = LOCAL; send(h, r) } } \
:: atomic { AWAKE(h) && stage[X(h, r)] == requesting -> \
    d_step { SAY("host %d: run %d is answered\n", h, r); stage[X(h, r)] = recordingFinish; end_[X(h, r)] = answered; \
        wasAnswered[r] = 1 } } \
:: atomic { AWAKE(h) && mode[h] == direct && SEES(h) && !reconnects[h] && stage[X(h, r)] == recordingFinish -> \
    if \
    :: true -> d_step { ON(asked, h); ON(answered, h); finish(h, r) } \
    :: losses > 0 && row[r] == running && proof[X(h, r)] == fence[r] -> d_step { ON(asked, h); losses--; recordEnd(h, r) } \
    fi } \
:: atomic { AWAKE(h) && ANSWERS_HERE(h) && stage[X(h, r)] == recordingFinish -> \
    d_step { ON(asked, h); ON(journalled, h); SAY("host %d: journals the end of run %d\n", h, r); \
        ends[X(h, r)] = end_[X(h, r)]; end_[X(h, r)] = none; stage[X(h, r)] = finished } } \
:: atomic { AWAKE(h) && DELIVERS(h) && SEES(h) && !reconnects[h] && claims[X(h, r)] == 1 -> \
    if \
    :: true -> d_step { ON(delivered, h); ON(removed, h); deliverClaim(h, r) } \
    :: stuck > 0 -> d_step { ON(delivered, h); stuck--; deliverClaim(h, r); claims[X(h, r)] = 2 } \
    :: losses > 0 && row[r] == none && mode[h] == delivering -> \
        d_step { ON(delivered, h); losses--; row[r] = running; give(h, r); proof[X(h, r)] = LOCAL; lose(h) } \
    fi } \
:: atomic { AWAKE(h) && DELIVERS(h) && SEES(h) && !reconnects[h] && claims[X(h, r)] != 1 && ends[X(h, r)] != none -> \
    d_step { ON(delivered, h); ON(removed, h); deliverEnd(h, r) } } \
:: atomic { AWAKE(h) && mode[h] == direct && SEES(h) && !reconnects[h] && TAKES_OVER(h, r) -> \
    d_step { ON(asked, h); ON(answered, h); takeOver(h, r) } }

/* What is assumed. */
#if POLICY != AUTO || LATECOMERS + CRASHES + CUTS + FREEZES == 0 || defined(NOT_SEEN)
#define ALL_SEEN true
#else
#define SEEN(h) (mode[h] != direct || company[h] || OTHERS_NOT(listed, h))
#define ALL_SEEN EACH(SEEN)
#endif
#ifdef FLAPS
#define MAY_BE_MISSED true
#else
#define SETTLED(h) (wait[h] == 0)
#define MAY_BE_MISSED EACH(SETTLED)
#endif
#if REWINDS == 0 || defined(NOT_NOTICED)
#define ALL_NOTICED true
#else
#define NOTICED(h) (!AWAKE(h) || mode[h] == bridging)
#define ALL_NOTICED EACH(NOTICED)
#endif

proctype Host(byte h) {
end:
    do
    OF_RUN(0)
#if RUNS > 1
    OF_RUN(1)
#endif
    /* direct: renewals, heartbeats and looks for runs to take over */
    :: atomic { AWAKE(h) && mode[h] == direct && !SEES(h) && !renewed[h] ->
        d_step { ON(asked, h); ON(failed, h); decide(h); lose(h) } }
    :: atomic { AWAKE(h) && mode[h] == direct && SEES(h) && reconnects[h] ->
        d_step {
            ON(asked, h); ON(answered, h);
            compare(h);
            if :: JOURNAL(h) -> TELL("host %d: delivering\n", h); decide(h); mode[h] = delivering :: else fi;
            comeBack(h)
        } }
    :: atomic { AWAKE(h) && mode[h] == direct && SEES(h) && !reconnects[h] && !renewed[h] ->
        if
        :: true -> d_step { ON(asked, h); ON(answered, h); renew(h); beat(h); renewed[h] = 1 }
#ifdef NOT_SEEN
        :: true -> d_step { ON(asked, h); ON(answered, h); renew(h); renewed[h] = 1 }
#endif
        fi }
    :: atomic { AWAKE(h) && mode[h] == direct && SEES(h) && !reconnects[h] && LOOKS_ROUND(h) ->
        d_step { ON(asked, h); ON(answered, h); cautious[h] = 0 } }
    /* bridging, probing */
    :: atomic { AWAKE(h) && mode[h] == bridging && !SEES(h) && !renewed[h] ->
        d_step { ON(woke, h); ON(renewed, h); renewed[h] = 1 } }
    :: atomic { AWAKE(h) && mode[h] == bridging && SEES(h) && !renewed[h] ->
        d_step { ON(woke, h); ON(renewed, h); TELL("host %d: probing\n", h); mode[h] = probing; comeBack(h) } }
    :: atomic { AWAKE(h) && mode[h] == probing && SEES(h) && !reconnects[h] ->
        d_step { ON(probed, h); TELL("host %d: delivering\n", h); mode[h] = delivering } }
    :: atomic { AWAKE(h) && mode[h] == probing && (!SEES(h) || reconnects[h]) -> d_step { ON(probed, h); lose(h) } }
    /* delivering, starting */
    :: atomic { AWAKE(h) && mode[h] == delivering && (!SEES(h) || reconnects[h]) -> d_step { ON(delivered, h); lose(h) } }
    :: atomic { AWAKE(h) && mode[h] == starting && (!SEES(h) || reconnects[h]) -> d_step { ON(delivered, h); crash(h) } }
    :: atomic { AWAKE(h) && DELIVERS(h) && SEES(h) && !reconnects[h] && !renewed[h] ->
#ifdef NO_RENEWAL_IN_DELIVERY
        renewed[h] = 1
#else
        d_step { ON(renewed, h); renew(h); beat(h); renewed[h] = 1 }
#endif
        }
    :: atomic { AWAKE(h) && DELIVERS(h) && SEES(h) && !reconnects[h] && !JOURNAL(h) -> d_step { ON(removed, h); settle(h) } }
    /* A host does not start without the store. */
    :: atomic { mode[h] == off && SEES(h) && !frozen[h] && (!calm || h < HOSTS - LATECOMERS || !latecomers) ->
        d_step {
            ON(began, h);
            mode[h] = starting;
            reconnects[h] = 1;
            comeBack(h);
            if :: h >= HOSTS - LATECOMERS -> latecomers = 0 :: else fi
        } }
    /* Faults */
    :: atomic { crashes > 0 && mode[h] != off && !frozen[h] -> d_step { TELL("host %d: crashes\n", h); crashes--; crash(h) } }
    :: atomic { cuts > 0 && mode[h] != off && !cut[h] && ALL_SEEN ->
        d_step { TELL("host %d: is cut off\n", h); cuts--; cut[h] = 1; reconnects[h] = 1 } }
    :: d_step { cut[h] -> cut[h] = 0; TELL("host %d: is not cut off any more\n", h) }
    :: atomic { freezes > 0 && mode[h] != off && !frozen[h] ->
        d_step { TELL("host %d: freezes\n", h); freezes--; frozen[h] = 1 } }
    :: d_step { frozen[h] -> frozen[h] = 0;
        if :: slept[h] && CONNECTED(h) -> grace[h] = GRACE :: else fi;
        slept[h] = 0; TELL("host %d: goes on\n", h) }
    od
}

/* What each host does in a step of time. */
#define AT_WORK(h) ANY(LIVE, h)
#define STAYS_OFF(h) (mode[h] == off && (!calm || h >= HOSTS - LATECOMERS && latecomers))
/* An entry whose row is this host's under another fence, which it cannot renew before. */
#ifdef DELIVERED_LATE
#define DELIVERS_AGAIN(h, r) false
#else
#define DELIVERS_AGAIN(h, r) (claims[X(h, r)] == 1 && row[r] == running && owner[r] == h)
#endif
#ifdef NOT_NOTICED
#define IDLES(h) (mode[h] == direct && !calm && !AT_WORK(h) && !ANY(CLAIMS, h))
#else
#define IDLES(h) false
#endif
#define BEATEN(h) (renewed[h] && ( \
    mode[h] == direct && !ANY(CLAIMS, h) && (!SEES(h) || !reconnects[h] && !ANY(TAKES_OVER, h) && \
        !LOOKS_ROUND(h)) || \
    mode[h] == bridging || \
    DELIVERS(h) && SEES(h) && !reconnects[h] && !calm && JOURNAL(h) && !ANY(DELIVERS_AGAIN, h)))
#define DUTIES(h) (frozen[h] || IDLES(h) || STAYS_OFF(h) || BEATEN(h) && (!calm || !AT_WORK(h)))
#define WELL(h) (!cut[h] && !frozen[h])
#if RUNS > 1
#define ALL_DUE (due[0] && due[1])
#else
#define ALL_DUE due[0]
#endif

inline forgetStandby() {
    isBehind = 0;
    for (i : 0 .. RUNS - 1) { oldRow[i] = none; oldFence[i] = 0; oldOwner[i] = 0; oldLease[i] = 0 }
}

inline tick() {
    for (i : 0 .. RUNS - 1) {
        if :: lease[i] > 0 -> lease[i]-- :: else fi;
        if :: oldLease[i] > 0 -> oldLease[i]-- :: else fi
    };
    for (i : 0 .. HOSTS - 1) {
        if :: !frozen[i] && mode[i] != off -> renewed[i] = 0 :: else fi;
        if :: frozen[i] -> slept[i] = 1 :: else fi;
        if :: grace[i] > 0 && CONNECTED(i) -> grace[i]-- :: else fi;
        if :: wait[i] > 0 -> wait[i]-- :: else fi;
        if :: seen[i] > 0 -> seen[i]-- :: else fi;
        if :: mark[i] > 0 -> mark[i]-- :: else fi
    };
    age = (calm -> age + 1 : 0)
}

init {
    atomic {
        d_step {
            for (i : 0 .. HOSTS - 1) {
                if
                :: i >= HOSTS - LATECOMERS -> mode[i] = off
                :: else ->
                    listed[i] = 1; renewed[i] = 1;
#if POLICY == AUTO
                    seen[i] = COMPANY; company[i] = HOSTS - LATECOMERS > 1
#endif
                fi
            };
            i = 0
        }
        run Host(0);
#if HOSTS > 1
        run Host(1);
#endif
#if HOSTS > 2
        run Host(2);
#endif
    }
    do
    :: d_step { !due[0] -> due[0] = 1; TELL("run %d is due\n", 0) }
#if RUNS > 1
    :: d_step { due[0] && !due[1] -> due[1] = 1; TELL("run %d is due\n", 1) }
#endif
    :: atomic { up && outages > 0 && ALL_SEEN ->
        if
        :: broken = 1
        :: REWINDS == 0 && MAY_BE_MISSED -> broken = 0
        fi;
        d_step {
            outages--; up = 0; TELL("store: away, connections closed: %d\n", broken);
            for (i : 0 .. HOSTS - 1) { reconnects[i] = (broken && mode[i] != off || reconnects[i]) };
            broken = 0;
                    i = 0
        } }
    :: atomic { !up && ALL_NOTICED -> up = 1; printf("store: back\n") }
#if REWINDS > 0
    :: d_step { rewinds > 0 && !isBehind && up ->
        printf("standby: stops following\n"); isBehind = 1;
        for (i : 0 .. RUNS - 1) { oldRow[i] = row[i]; oldFence[i] = fence[i]; oldOwner[i] = owner[i]; oldLease[i] = lease[i] };
        i = 0 }
    :: d_step { isBehind && !up ->
        printf("standby: is the store\n"); rewinds--;
        for (i : 0 .. RUNS - 1) { row[i] = oldRow[i]; fence[i] = oldFence[i]; owner[i] = oldOwner[i]; lease[i] = oldLease[i] };
        forgetStandby(); i = 0 }
#endif
    :: d_step { !calm && up && EACH(WELL) && ALL_DUE ->
        calm = 1; printf("no more faults\n");
        outages = 0; losses = 0; crashes = 0; cuts = 0; freezes = 0; stuck = 0; rewinds = 0; forgetStandby(); i = 0 }
    :: d_step { EACH(DUTIES) && age < CALM -> printf("time passes\n"); tick(); i = 0 }
    :: age == CALM -> break
    od;
    skip;
    d_step {
        for (i : 0 .. RUNS - 1) {
            assert(row[i] == answered || row[i] == unknown);              /* each occurrence has a row that has ended */
            assert(!(wasAnswered[i] && row[i] == unknown) || excused[i])    /* and one that was answered says so */
        };
        for (i : 0 .. HOSTS - 1) { assert(mode[i] == direct && !cautious[i] || LATECOMERS && mode[i] == off) };
        i = 0
    }
}
