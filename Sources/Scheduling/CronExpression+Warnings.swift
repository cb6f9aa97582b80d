package import CivilTime

extension CronExpression {
    /// What is probably a mistake in the expression; clock changes of the zone are looked for in the five
    /// years after `instant`.
    package func warnings(in zone: Zone, from instant: Instant) -> [ScheduleWarning] {
        guard case .fields(let fields) = form else { return [] }
        return [fields.dayFieldWarning].compactMap(\.self)
            + CronField.allCases.compactMap(fields.stepWarning)
            + [fields.shortMonthWarning].compactMap(\.self)
            + fields.clockChangeWarnings(in: zone, from: instant)
    }
}

extension CronFields {
    /// Whether a day field leaves days out.
    private func isRestricted(_ field: CronField) -> Bool {
        self[field] != Self.full(field)
    }

    /// Both day fields leave days out, and which days are left surprises many.
    fileprivate var dayFieldWarning: ScheduleWarning? {
        guard isRestricted(.day), isRestricted(.weekday), !isPlus else { return nil }
        if bothDaysMustMatch {
            return ScheduleWarning(
                code: .starDayField,
                message: "both day fields must match, because one of them begins with '*'; "
                    + "write + before the weekday to say so")
        }
        return ScheduleWarning(
            code: .bothDayFields,
            message: "due when either day field matches; write + before the weekday for days on which both do"
        )
    }

    /// A step that leaves a shorter interval at the end of its field, or nothing but its first number.
    fileprivate func stepWarning(_ field: CronField) -> ScheduleWarning? {
        guard hasStar(field), field != .year else { return nil }
        let values = values(of: field)
        guard values.count < field.stored.count, let first = values.first, let last = values.last else {
            return nil
        }
        if values.count == 1 {
            return ScheduleWarning(
                code: .oversizedStep,
                message:
                    "the step of the \(field.name) is beyond its last number, so that only \(first) is left")
        }
        guard let step = NumberList.commonStep(values) else { return nil }
        let rest = field.stored.upperBound - last + 1
        guard field == .day || rest != step else { return nil }
        let end =
            field == .day
            ? "months have 28 to 31 days"
            : "\(field.name) \(first) comes \(rest) after \(field.name) \(last)"
        return ScheduleWarning(
            code: .unevenStep, message: "a step of \(step) does not divide the \(field.name) evenly: \(end)")
    }

    /// Months of the expression in which no day matches.
    fileprivate var shortMonthWarning: ScheduleWarning? {
        guard bothDaysMustMatch || !isRestricted(.weekday), lastDays == 0 else { return nil }
        let target = nearestWeekday == Self.lastWeekday ? 0 : Int(nearestWeekday)
        let day = days == 0 ? target : days.trailingZeroBitCount
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let short = (1...12).filter { months >> UInt16($0) & 1 != 0 && lengths[$0 - 1] < day }
        guard !short.isEmpty else { return nil }
        if months == 1 << 2 {
            return ScheduleWarning(code: .shortMonths, message: "day 29 of February comes in leap years only")
        }
        let names = EnglishList.join(short.map { CronWords.months[$0 - 1] })
        let leap = day == 29 ? " outside leap years" : ""
        return ScheduleWarning(
            code: .shortMonths,
            message:
                "no day in \(names)\(leap), which is too short for day \(day); the last day of a month is L")
    }
}

// MARK: - Clock changes

extension CronFields {
    /// The times of the schedule that clock changes skip or repeat.
    ///
    /// A schedule that follows the clock all day long is not warned about: it keeps its distance in real
    /// time.
    fileprivate func clockChangeWarnings(in zone: Zone, from instant: Instant) -> [ScheduleWarning] {
        guard !followsClock || isRestricted(.hour) else { return [] }
        var skipped: [(date: CivilDate, time: String)] = []
        var repeated: [(date: CivilDate, time: String)] = []
        let end = instant + .seconds(CronLimits.warningYears * 366 * 86_400)
        var from = instant
        while let change = zone.nextTransition(after: from), change.instant <= end {
            from = change.instant
            let before = change.instant.seconds + Int64(change.offsetBefore)
            let after = change.instant.seconds + Int64(change.offsetAfter)
            guard let match = firstMatch(notBefore: min(before, after)), match < max(before, after)
            else {
                continue
            }
            let local = CivilDateTime(secondsSinceEpoch: match)
            let time = CronWords.time(hour: local.hour, minute: local.minute)
            if change.shift > 0 {
                skipped.append((local.date, time))
            } else {
                repeated.append((local.date, time))
            }
        }
        return [
            warning(
                .dstGap, "does not exist", skipped,
                followsClock ? "it is left out" : "it is due right after the gap"),
            warning(
                .dstRepeat, "comes twice", repeated,
                followsClock ? "it is due both times" : "it is due the first time"),
        ].compactMap(\.self)
    }

    private func warning(
        _ code: ScheduleWarning.Code, _ what: String, _ met: [(date: CivilDate, time: String)],
        _ verdict: String
    ) -> ScheduleWarning? {
        guard !met.isEmpty else { return nil }
        let places = EnglishList.join(met.map { "\($0.date) \($0.time)" })
        return ScheduleWarning(
            code: code, message: "local time \(what) at \(places): \(verdict)", dates: met.map(\.date))
    }
}
