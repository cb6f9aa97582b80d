import JobCatalog
import Testing

/// What a person sees for each mistake, exactly.
@Suite struct DiagnosticTextTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let source: String
        let rendered: [String]
        var testDescription: String { source }

        init(_ source: String, _ rendered: String...) {
            self.source = source
            self.rendered = rendered
        }
    }

    @Test("each mistake says where it is, what it is and what to do", arguments: lines)
    func line(_ mistake: Mistake) {
        let file = read(mistake.source)
        #expect(file.diagnostics.map(\.rendered) == mistake.rendered)
        #expect(file.jobs.isEmpty)
    }

    @Test("each wrong value of an option says what a value looks like", arguments: values)
    func value(_ mistake: Mistake) {
        let file = read("10 0 * * * a: GET /b " + mistake.source)
        #expect(file.diagnostics.map(\.message) + file.diagnostics.compactMap(\.hint) == mistake.rendered)
        #expect(file.diagnostics.map(\.code) == ["option-value"])
    }
}

extension DiagnosticTextTests {
    static let lines: [Mistake] = [
        Mistake(
            "10 24 * * * a: POST /b",
            "a.cron:1:4: error: hour 24 is outside 0–23\n  10 24 * * * a: POST /b\n     ^~\nhint: midnight is hour 0"
        ),
        Mistake(
            "\t10 24 * * *\ta: POST /b",
            "a.cron:1:5: error: hour 24 is outside 0–23\n   10 24 * * * a: POST /b\n      ^~\nhint: midnight is hour 0"
        ),
        Mistake(
            "10 0 * * * purge POST /b",
            """
            a.cron:1:1: error: no job: a name that ends with a colon is missing after the schedule
              10 0 * * * purge POST /b
              ^~~~~~~~~~~~~~~~~~~~~~~~
            hint: write it like: 10 0 * * *  purge:  POST /api/cron/purge_old  as=admin
            """),
        Mistake(
            "purge: POST /b",
            """
            a.cron:1:1: error: the schedule before the job's name is missing
              purge: POST /b
              ^~~~~~
            hint: write when it is due first, like 10 0 * * *
            """),
        Mistake(
            "10 0 * * * Purge: POST /b",
            """
            a.cron:1:12: error: “Purge” is no name for a job
              10 0 * * * Purge: POST /b
                         ^~~~~~
            hint: use lower-case letters, digits, “.”, “_” and “-”, at most 63, like purge-daily
            """),
        Mistake(
            "10 0 * * * a:",
            """
            a.cron:1:12: error: the job has no action
              10 0 * * * a:
                         ^~
            hint: write a method and a path, like POST /api/cron/purge_old
            """),
        Mistake(
            "10 0 * * * a: post /b",
            """
            a.cron:1:15: error: “post” is no HTTP method
              10 0 * * * a: post /b
                            ^~~~
            hint: did you mean POST?
            """),
        Mistake(
            "10 0 * * * a: FETCH /b",
            """
            a.cron:1:15: error: “FETCH” is no HTTP method
              10 0 * * * a: FETCH /b
                            ^~~~~
            hint: write one of GET, HEAD, POST, PUT, PATCH, DELETE
            """),
        Mistake(
            "10 0 * * * a: RUN /usr/bin/true",
            """
            a.cron:1:15: error: RUN is reserved: Almanac starts no commands yet
              10 0 * * * a: RUN /usr/bin/true
                            ^~~
            hint: write a method and a path, like POST /api/cron/purge_old
            """),
        Mistake(
            "10 0 * * * a: POST api/cron",
            """
            a.cron:1:20: error: the URL must begin with https:// (or http:// to this machine)
              10 0 * * * a: POST api/cron
                                 ^~~~~~~~
            hint: write a path like /api/cron/purge_old, or a whole URL
            """),
        Mistake(
            "10 0 * * * a: POST http://example.org/b",
            """
            a.cron:1:20: error: http:// would send the job token in clear text to “example.org”
              10 0 * * * a: POST http://example.org/b
                                 ^~~~~~~~~~~~~~~~~~~~
            hint: use https://; http:// is accepted for 127.0.0.1, [::1] and localhost only
            """),
        Mistake(
            "10 0 * * * a: POST https://me:secret@example.org/b",
            """
            a.cron:1:20: error: a URL must not hold a user name or a password
              10 0 * * * a: POST https://me:secret@example.org/b
                                 ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
            hint: send credentials in a header
            """),
        Mistake(
            "10 0 * * * a: POST /b?token=${JOB_TOKEN}",
            """
            a.cron:1:20: error: the URL holds JOB_TOKEN, and URLs end up in logs
              10 0 * * * a: POST /b?token=${JOB_TOKEN}
                                 ^~~~~~~~~~~~~~~~~~~~~
            hint: send it in a header: header="Name: ${JOB_TOKEN}"
            """),
        Mistake(
            "10 0 * * * a: POST /b/${X",
            """
            a.cron:1:20: error: a ${ in the URL does not end with a name and }
              10 0 * * * a: POST /b/${X
                                 ^~~~~~
            hint: write ${NAME}
            """),
        Mistake(
            "10 0 * * * a: POST /käse",
            """
            a.cron:1:20: error: the URL holds a blank or an unprintable or non-ASCII character
              10 0 * * * a: POST /käse
                                 ^~~~~
            hint: percent-encode it
            """),
        Mistake(
            "10 0 * * * a: POST /b acept=200",
            """
            a.cron:1:23: error: no option is called “acept”
              10 0 * * * a: POST /b acept=200
                                    ^~~~~
            hint: did you mean accept=?
            """),
        Mistake(
            "10 0 * * * a: POST /b retry=1 retry=2",
            """
            a.cron:1:31: error: the option retry is repeated
              10 0 * * * a: POST /b retry=1 retry=2
                                            ^~~~~
            hint: keep one
            """),
        Mistake(
            "10 0 * * * a: POST /b now",
            """
            a.cron:1:23: error: “now” is no option
              10 0 * * * a: POST /b now
                                    ^~~
            hint: write name=value
            """),
        Mistake(
            "10 0 * * * a: POST /b accept=200-204 decline=204,503",
            """
            a.cron:1:23: error: a status is both accepted and declined
              10 0 * * * a: POST /b accept=200-204 decline=204,503
                                    ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
            hint: take it out of accept= or decline=; accept is 200-204
            """),
        Mistake(
            "10 0 * * * a: POST /b as=admin header='X-User-ID: x'",
            """
            a.cron:1:23: error: as= and the header X-User-ID both say who the request acts as
              10 0 * * * a: POST /b as=admin header='X-User-ID: x'
                                    ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
            hint: keep one of them
            """),
        Mistake(
            "10 0 * * * a: POST /b header='X-Job-Token: abc'",
            """
            a.cron:1:30: error: the job token must not stand in a file
              10 0 * * * a: POST /b header=******************
                                           ^~~~~~~~~~~~~~~~~~
            hint: write header="X-Job-Token: ${JOB_TOKEN}"
            """),
        Mistake(
            "10 0 * * * a: POST /b header=\"X: y",
            """
            a.cron:1:30: error: the quote does not end
              10 0 * * * a: POST /b header="X: y
                                           ^
            hint: end it, or write the other kind of quote round it
            """),
        Mistake(
            "0 */15 2 8 3 ? 2026 a: POST /b tz=America/New_York",
            """
            a.cron:1:1: error: the schedule is never due: clocks in America/New_York skip its only times
              0 */15 2 8 3 ? 2026 a: POST /b tz=America/New_York
              ^~~~~~~~~~~~~~~~~~~
            hint: correct the time, or write another zone with tz=
            """),
        Mistake(
            "10 0 * * * a: POST /b tz=Mars/Base",
            """
            a.cron:1:26: error: no time zone is called “Mars/Base”
              10 0 * * * a: POST /b tz=Mars/Base
                                       ^~~~~~~~~
            hint: did you mean UTC?
            """),
        Mistake(
            "CRON_TZ=Mars MAILTO=root retyr=3 body=x",
            """
            a.cron:1:9: error: no time zone is called “Mars”
              CRON_TZ=Mars MAILTO=root retyr=3 body=x
                      ^~~~
            hint: did you mean UTC?
            """,
            """
            a.cron:1:14: error: no setting is called “MAILTO”
              CRON_TZ=Mars MAILTO=root retyr=3 body=x
                           ^~~~~~
            hint: Almanac starts no commands and sends no mail; take the line out
            """,
            """
            a.cron:1:26: error: no setting is called “retyr”
              CRON_TZ=Mars MAILTO=root retyr=3 body=x
                                       ^~~~~
            hint: did you mean retry?
            """,
            """
            a.cron:1:34: error: body is for one job alone
              CRON_TZ=Mars MAILTO=root retyr=3 body=x
                                               ^~~~
            hint: write it among the job's options
            """),
        Mistake(
            "10 25 * * * A: post b tz=X acept=1",
            """
            a.cron:1:13: error: “A” is no name for a job
              10 25 * * * A: post b tz=X acept=1
                          ^~
            hint: use lower-case letters, digits, “.”, “_” and “-”, at most 63, like purge-daily
            """,
            """
            a.cron:1:4: error: hour 25 is outside 0–23
              10 25 * * * A: post b tz=X acept=1
                 ^~
            """,
            """
            a.cron:1:16: error: “post” is no HTTP method
              10 25 * * * A: post b tz=X acept=1
                             ^~~~
            hint: did you mean POST?
            """,
            """
            a.cron:1:26: error: no time zone is called “X”
              10 25 * * * A: post b tz=X acept=1
                                       ^
            hint: did you mean UTC?
            """,
            """
            a.cron:1:28: error: no option is called “acept”
              10 25 * * * A: post b tz=X acept=1
                                         ^~~~~
            hint: did you mean accept=?
            """),
        Mistake(
            "# ä\u{7} b",
            "a.cron:1:5: error: a control character (0x07)\n  # ä? b\n     ^\nhint: take it out"),
    ]

    static let values: [Mistake] = [
        Mistake("as=root", "“root” is no value for as", "write as=admin, as=superadmin, as=none or as=UUID"),
        Mistake(
            "accept=", "“” is no value for accept", "write accept=200,204 or accept=2xx or accept=200-299"),
        Mistake(
            "accept=20", "“20” is no value for accept", "write accept=200,204 or accept=2xx or accept=200-299"
        ),
        Mistake(
            "decline=600", "“600” is no value for decline",
            "write decline=200,204 or decline=2xx or decline=200-299"),
        Mistake("retry=101", "“101” is no value for retry", "write retry=3 (0 to 100)"),
        Mistake("retry=-1", "“-1” is no value for retry", "write retry=3 (0 to 100)"),
        Mistake("retry=", "“” is no value for retry", "write retry=3 (0 to 100)"),
        Mistake(
            "backoff=10m..30s", "“10m..30s” is no value for backoff: the first is longer than the last",
            "write backoff=30s..10m"),
        Mistake(
            "timeout=0s", "“0s” is no value for timeout: it must be more than nothing",
            "write timeout=90s, 10m, 2h, 1d or PT10M"),
        Mistake(
            "timeout=10", "“10” is no value for timeout: the duration has a number without a unit",
            "the units are s, m, h, d and w, as in 90s, 10m or 1h30m"),
        Mistake(
            "deadline=400d", "“400d” is no value for deadline: it is longer than 366 days",
            "write deadline=90s, 10m, 2h, 1d or PT10M"),
        Mistake(
            "overlap=Skip", "“Skip” is no value for overlap", "write overlap=skip, queue, replace or allow"),
        Mistake("catch-up=yes", "“yes” is no value for catch-up", "write catch-up=none, latest or all"),
        Mistake(
            "catch-up-window=P1M",
            "“P1M” is no value for catch-up-window: years and months have no fixed length",
            "write it in days, as P30D"),
        Mistake("enabled=off", "“off” is no value for enabled", "write enabled=yes or enabled=no"),
        Mistake(
            "header=x", "“x” is no value for header: it has no header name before a colon",
            "write header=\"Name: value\""),
        Mistake(
            "header=\"X: a\\nb\"",
            "“X: a␊b” is no value for header: its value has a line break, a control character or an unended ${",
            "write header=\"Name: value\""),
        Mistake(
            "header='Host: x'", "“Host” is no value for header: Almanac sets this header itself",
            "write header=\"Name: value\""),
        Mistake("body='${'", "“${” is no value for body", "write body='{\"key\":\"value\"}'"),
    ]
}
