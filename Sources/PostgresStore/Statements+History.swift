import CivilTime
import Records
import RunModel

extension Statements {
    /// The statement that answers `query`: each form asks for an order that one index alone has.
    ///
    /// Left to choose, the planner trusts that the runs of a job, or with an outcome, are spread evenly: it would look
    /// for those of a job that was taken out long ago, or for an outcome that never was, among all. A comparison with
    /// an array of one keeps the column in the order; the opposite order of `job` tells two indexes apart.
    static func history(_ query: HistoryQuery) -> Statement {
        var conditions: [String] = []
        var parameters: [String?] = []
        func add(_ condition: (String) -> String, _ parameter: String?) {
            guard let parameter else { return }
            parameters.append(parameter)
            conditions.append(condition("$\(parameters.count)"))
        }
        var order = "created_at desc, runs.run_id desc"
        add({ "job = any (array[\($0)::text])" }, query.job?.description)
        if query.job != nil { order = (query.outcome == nil ? "job, " : "job desc, ") + order }
        if query.job == nil, let outcome = query.outcome, outcome != .succeeded {
            conditions.append("outcome <> 'succeeded'")
            add({ "outcome = any (array[\($0)::text])" }, outcome.rawValue)
            order = "outcome, " + order
        } else {
            add({ "outcome = \($0)" }, query.outcome?.rawValue)
        }
        add({ "created_at >= \($0)::timestamptz" }, query.since?.timestamptz)
        add({ "created_at < \($0)::timestamptz" }, query.until?.timestamptz)
        if let before = query.before {
            parameters += [before.createdAt.timestamptz, before.id.description]
            conditions.append(
                "(created_at, run_id) < ($\(parameters.count - 1)::timestamptz, $\(parameters.count)::uuid)")
        }
        let condition = conditions.isEmpty ? "" : " where " + conditions.joined(separator: " and ")
        parameters.append(String(query.limit))
        return Statement(
            sql: "select \(runColumns(reading: true)) from almanac.runs\(condition) order by \(order)"
                + " limit $\(parameters.count)",
            parameters: parameters)
    }
}
