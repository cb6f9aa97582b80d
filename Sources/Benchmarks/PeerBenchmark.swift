/// Other schedulers on the same machine and the same mix, as far as they are installed.
///
/// `pip install croniter cronsim`; `apt install golang-go golang-github-robfig-cron-dev`; systemd's
/// `systemd-analyze`.
enum PeerBenchmark {
    /// What a peer needs for one step of each expression; nil where it cannot say the expression.
    private struct Result {
        let name: String
        let nanoseconds: [Double?]
    }

    /// Prints each peer's mean over the expressions it can say, and how many times as long as ours that is.
    static func run(ours: [Double]) {
        var rows = [["peer", "expressions", "ns a step", "ours", "ratio"]]
        var missing: [String] = []
        for (name, command) in [
            ("croniter (Python)", python("croniter")), ("cronsim (Python)", python("cronsim")),
            ("robfig/cron (Go)", robfig()), ("systemd-analyze calendar, with its printing", nil),
        ] {
            let times = command.map(steps) ?? systemd()
            let pairs = zip(times, ours).compactMap { time, own in time.map { ($0, own) } }
            guard !pairs.isEmpty else {
                missing.append(name)
                continue
            }
            let theirs = pairs.map(\.0).reduce(0, +) / Double(pairs.count)
            let own = pairs.map(\.1).reduce(0, +) / Double(pairs.count)
            rows.append([
                name, String(pairs.count), Terminal.decimal(theirs), Terminal.decimal(own, 1),
                Terminal.decimal(theirs / own),
            ])
        }
        if rows.count > 1 { Terminal.table("peers: mean of one step, the same expressions", rows) }
        for name in missing { print("  \(name): not installed, left out") }
    }

    // MARK: Programs

    /// A Python program that prints nanoseconds per step, one line for each expression, `-` where it fails.
    private static func python(_ module: String) -> String {
        let lines = NextBenchmark.mix.map { "('\($0.text)','\($0.zone)')" }.joined(separator: ",")
        let make =
            module == "croniter"
            ? "croniter.croniter(text, start, ret_type=datetime).get_next"
            : "cronsim.CronSim(text, start).__next__"
        let program = """
            import time, \(module)
            from datetime import datetime
            from zoneinfo import ZoneInfo
            for text, zone in [\(lines)]:
                try:
                    start = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone))
                    step = \(make)
                    begun = time.perf_counter_ns()
                    for _ in range(\(NextBenchmark.steps)): step()
                    print((time.perf_counter_ns() - begun) / \(NextBenchmark.steps))
                except Exception:
                    print('-')
            """
        return "python3 -c \"\(program)\" 2>/dev/null"
    }

    /// A Go program over Debian's package of the library, which needs no network.
    private static func robfig() -> String {
        let lines = NextBenchmark.mix.map { "{`\($0.text)`,`\($0.zone)`}" }.joined(separator: ",")
        let program = """
            package main
            import ("fmt"; "time"; "github.com/robfig/cron")
            func main() {
              for _, line := range [][2]string{\(lines)} {
                zone, _ := time.LoadLocation(line[1])
                schedule, err := cron.ParseStandard(line[0])
                if err != nil { fmt.Println("-"); continue }
                begun := time.Now()
                for round := 0; round < 50; round++ {
                  at := time.Date(2026, 1, 1, 0, 0, 0, 0, zone)
                  for step := 0; step < \(NextBenchmark.steps); step++ {
                    next := schedule.Next(at)
                    if !next.IsZero() { at = next }
                  }
                }
                fmt.Println(float64(time.Since(begun).Nanoseconds()) / 50 / \(NextBenchmark.steps))
              }
            }
            """
        return """
            folder=$(mktemp -d) && cat > $folder/main.go <<'END'
            \(program)
            END
            GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$folder go run $folder/main.go 2>/dev/null
            rm -rf $folder
            """
    }

    private static func steps(_ command: String) -> [Double?] {
        Shell.output(of: command).split(separator: "\n").map { Double($0) }
    }

    /// systemd computes and prints; what printing costs is in its figure, what starting costs is not.
    private static func systemd() -> [Double?] {
        NextBenchmark.mix.map { line in
            guard let calendar = line.calendar else { return nil }
            func time(_ iterations: Int) -> Double? {
                let command =
                    "systemd-analyze calendar --base-time='2026-01-01 00:00:00 UTC'"
                    + " --iterations=\(iterations) '\(calendar)' 2>/dev/null"
                var lines = 0
                let duration = Measurement.nanoseconds(steps: 1) { lines = Shell.output(of: command).count }
                return lines > 0 ? duration : nil
            }
            guard let one = time(1), let many = time(NextBenchmark.steps + 1) else { return nil }
            return max(many - one, 0) / Double(NextBenchmark.steps)
        }
    }
}
