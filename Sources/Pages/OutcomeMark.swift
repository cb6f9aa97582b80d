import Markup
import RunModel

/// How an outcome looks everywhere: a shape and a colour, so that either is enough.
enum OutcomeMark: CaseIterable {
    case succeeded, declined, failed, timedOut, unknown, skipped, missed, running

    init(_ outcome: Outcome?) {
        self =
            switch outcome {
            case .succeeded: .succeeded
            case .declined: .declined
            case .failed: .failed
            case .timedOut: .timedOut
            case .unknown: .unknown
            case .skipped: .skipped
            case .missed: .missed
            case nil: .running
            }
    }

    /// The word that readers see.
    var word: String {
        switch self {
        case .succeeded: "succeeded"
        case .declined: "declined"
        case .failed: "failed"
        case .timedOut: "timed out"
        case .unknown: "unknown"
        case .skipped: "skipped"
        case .missed: "missed"
        case .running: "running"
        }
    }

    /// The class of text in its colour.
    var textClass: StaticString {
        switch self {
        case .succeeded: "t-ok"
        case .declined: "t-dec"
        case .failed, .missed: "t-bad"
        case .timedOut: "t-late"
        case .unknown: "t-unk"
        case .skipped: "dim"
        case .running: "t-run"
        }
    }

    /// The sign before a sentence.
    var glyph: HTML {
        switch self {
        case .succeeded: HTML(literal: ##"<svg class="glyph" aria-hidden="true"><use href="#g-ok"/></svg>"##)
        case .declined: HTML(literal: ##"<svg class="glyph" aria-hidden="true"><use href="#g-dec"/></svg>"##)
        case .failed: HTML(literal: ##"<svg class="glyph" aria-hidden="true"><use href="#g-bad"/></svg>"##)
        case .timedOut: HTML(literal: ##"<svg class="glyph" aria-hidden="true"><use href="#g-late"/></svg>"##)
        case .unknown: HTML(literal: ##"<svg class="glyph" aria-hidden="true"><use href="#g-unk"/></svg>"##)
        case .skipped: HTML(literal: ##"<svg class="glyph" aria-hidden="true"><use href="#g-skip"/></svg>"##)
        case .missed: HTML(literal: ##"<svg class="glyph" aria-hidden="true"><use href="#g-miss"/></svg>"##)
        case .running: HTML(literal: ##"<svg class="glyph" aria-hidden="true"><use href="#g-run"/></svg>"##)
        }
    }

    /// The sign of a job that is held back.
    static let paused = HTML(
        literal: ##"<svg class="glyph" aria-hidden="true"><use href="#g-pause"/></svg>"##)
    /// The sign of what somebody should look at.
    static let warning = HTML(
        literal: ##"<svg class="glyph" aria-hidden="true"><use href="#g-warn"/></svg>"##)
    /// The sign of what has not run.
    static let none = HTML(literal: ##"<svg class="glyph" aria-hidden="true"><use href="#g-none"/></svg>"##)

    /// The signs, drawn once for the page, 20 by 20.
    static let signs = HTML(
        literal: """
            <svg class="vh" aria-hidden="true">\
            <g id="gaps"><path class="gaps" d="M0-16h300"/><path class="l-dim" d="M0 1.5h300"/></g>\
            <symbol id="g-ok" viewBox="0 0 20 20"><circle cx="10" cy="10" r="9" class="f-ok"/><path d="m6 10.3 2.7 2.7L14 7.5" class="on"/></symbol>\
            <symbol id="g-dec" viewBox="0 0 20 20"><circle cx="10" cy="10" r="8" class="l-dec"/><path d="M6.5 10h7" class="l-dec"/></symbol>\
            <symbol id="g-bad" viewBox="0 0 20 20"><circle cx="10" cy="10" r="9" class="f-bad"/><path d="m7 7 6 6m0-6-6 6" class="on"/></symbol>\
            <symbol id="g-late" viewBox="0 0 20 20"><circle cx="10" cy="10" r="9" class="f-late"/><path d="M10 5.5V10l3 2" class="on"/></symbol>\
            <symbol id="g-unk" viewBox="0 0 20 20"><circle cx="10" cy="10" r="9" class="f-unk"/>\
            <path d="M7.6 8a2.4 2.4 0 1 1 3.4 2.2c-.7.4-1 .8-1 1.6m0 2.4v.1" class="on"/></symbol>\
            <symbol id="g-skip" viewBox="0 0 20 20"><rect x="3" y="8" width="14" height="4" rx="1" class="f-skip"/></symbol>\
            <symbol id="g-miss" viewBox="0 0 20 20"><circle cx="10" cy="10" r="8" class="l-miss"/></symbol>\
            <symbol id="g-run" viewBox="0 0 20 20"><circle cx="10" cy="10" r="9" class="f-run"/><path d="M8 6.3v7.4l6-3.7z" class="onfill"/></symbol>\
            <symbol id="g-pause" viewBox="0 0 20 20"><circle cx="10" cy="10" r="9" class="f-late"/><path d="M8 6.5v7m4-7v7" class="on"/></symbol>\
            <symbol id="g-warn" viewBox="0 0 20 20"><path d="M10 1.5 19 18H1z" class="f-late"/><path d="M10 7.5v5m0 2.6v.1" class="on"/></symbol>\
            <symbol id="g-none" viewBox="0 0 20 20"><circle cx="10" cy="10" r="8" class="l-dim"/></symbol></svg>
            """)
}
