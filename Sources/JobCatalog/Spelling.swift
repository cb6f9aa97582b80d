/// Guesses what was meant.
package enum Spelling {
    /// The word of `known` that differs least from `word` (edit distance, at most a third of its length), if any.
    package static func nearest(to word: String, in known: [String]) -> String? {
        let distances = known.map { (word: $0, distance: distance(Array(word.utf8), Array($0.utf8))) }
        guard let best = distances.min(by: { $0.distance < $1.distance }),
            best.distance <= max(1, word.utf8.count / 3)
        else { return nil }
        return best.word
    }

    /// The fewest letters to insert, remove, replace or exchange with their neighbour.
    package static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var above2: [Int] = []
        var above = Array(0...right.count)
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                var best = min(above[j] + (left[i] == right[j] ? 0 : 1), above[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    best = min(best, above2[j - 1] + 1)
                }
                row.append(best)
            }
            (above2, above) = (above, row)
        }
        return above[right.count]
    }
}
