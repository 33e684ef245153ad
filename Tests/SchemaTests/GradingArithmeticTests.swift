import Foundation
import Postgres
import TestSupport
import Testing

/// The grade to its last decimal: the database against whole-number arithmetic, which rounds nothing on the way.
@Suite(.needsPostgres) struct GradingArithmeticTests {
  /// `PASSERELLE_TEST_SEED` repeats numbers that failed.
  private static let seed =
    ProcessInfo.processInfo.environment["PASSERELLE_TEST_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)

  /// Weights and maxima in hundred-thousandths, scores in ten-thousand-millionths: the decimals that the columns keep.
  private struct Numbers {
    var weights: [Int128] = []
    var isActive: [Bool] = []
    /// By learner and grain; nil where a grain is not completed.
    var scores: [[Int128?]] = []
    var maximum: Int128 = 10_000_000

    static let whole: Int128 = 10_000_000_000

    /// The grade in hundred-thousandths, half rounded away from zero; nil when nothing is owed.
    func grade(_ learner: Int) -> Int128? {
      let active = weights.indices.filter { isActive[$0] }
      let earned = active.reduce(Int128(0)) { $0 + weights[$1] * (scores[learner][$1] ?? 0) }
      let (product, divisor) = (earned * maximum, active.reduce(0) { $0 + weights[$1] } * Self.whole)
      guard divisor > 0, active.contains(where: { scores[learner][$0] != nil }) else { return nil }
      return (2 * product + divisor) / (2 * divisor)
    }
  }

  /// A whole number of units of `10^-decimals`, as PostgreSQL reads it.
  private static func decimal(_ value: Int128, _ decimals: Int) -> String {
    let digits = String(repeating: "0", count: max(0, decimals + 1 - String(value).count)) + String(value)
    return "\(digits.dropLast(decimals)).\(digits.suffix(decimals))"
  }

  /// How the numbers of a course are chosen.
  enum Kind: String, CaseIterable, CustomTestStringConvertible {
    case plain = "whole weights and hundredths"
    case fine = "weights and scores with all their decimals"
    case thirds = "thirds, sevenths and elevenths"
    case tiny = "the lightest and the heaviest weights together"
    var testDescription: String { rawValue }

    fileprivate func weight(_ generator: inout SeededGenerator) -> Int128 {
      switch self {
      case .plain, .thirds: Int128(Int.random(in: 1...12, using: &generator)) * 100_000
      case .fine: Int128(Int.random(in: 1...50_000_000, using: &generator))
      case .tiny: Bool.random(using: &generator) ? 1 : 99_999_999_999
      }
    }

    fileprivate func score(_ generator: inout SeededGenerator) -> Int128 {
      switch self {
      case .plain: Int128(Int.random(in: 0...100, using: &generator)) * 100_000_000
      case .fine, .tiny: Int128(Int.random(in: 0...10_000_000_000, using: &generator))
      case .thirds:
        Numbers.whole * Int128(Int.random(in: 0...6, using: &generator))
          / Int128([6, 7, 11].randomElement(using: &generator) ?? 6)
      }
    }
  }

  @Test(
    "Weights, scores, maxima and removed grains give the exact grade, rounded once, to five decimals",
    arguments: Kind.allCases)
  func exact(kind: Kind) throws {
    var generator = SeededGenerator(seed: Self.seed)
    let database = try ScratchDatabase()
    let count = Int.random(in: 5...25, using: &generator)
    let course = try Course(database, grains: count, learners: 25)
    var numbers = Numbers()
    numbers.weights = (0..<count).map { _ in kind.weight(&generator) }
    numbers.isActive = Array(repeating: true, count: count)
    numbers.scores = course.learners.map { _ in
      (0..<count).map { _ in Int.random(in: 0..<4, using: &generator) == 0 ? nil : kind.score(&generator) }
    }
    for (learner, scores) in numbers.scores.enumerated() {
      let completed = scores.indices.filter { scores[$0] != nil }
      try database.connection.execute(
        """
        insert into public.progress (learner, grain, status, score)
        select \(course.learners[learner])::uuid, x.grain, 'completed', x.score
        from unnest(\(completed.map { course.grains[$0] })::text[]::uuid[],
                    \(completed.map { Self.decimal(scores[$0] ?? 0, 10) })::text[]::numeric[]) x (grain, score)
        """)
    }
    let maxima: [Int128] = [100, 20, 10, 60, 33, 7, 1, 1000].map { $0 * 100_000 } + [3_333_333, 10]
    for maximum in maxima {
      numbers.maximum = maximum
      let removed = Int.random(in: 0..<count, using: &generator)
      numbers.isActive[removed].toggle()
      numbers.weights[Int.random(in: 0..<count, using: &generator)] = kind.weight(&generator)
      try database.connection.execute(
        "update passerelle.activities set line_item_maximum = \(Self.decimal(maximum, 5))::numeric")
      for (index, grain) in course.grains.enumerated() {
        try database.connection.execute(
          """
          update public.grains set weight = \(Self.decimal(numbers.weights[index], 5))::numeric,
            status = \(numbers.isActive[index] ? "active" : "archived") where id = \(grain)::uuid
          """)
      }
      for (learner, person) in course.learners.enumerated() {
        try database.connection.execute("select passerelle.owe(\(person)::uuid, \(course.module)::uuid)")
        let stored: String? = try database.connection.value(
          "select max(score)::numeric(12, 5)::text from public.grades where learner = \(person)::uuid", as: String?.self
        )
        let exact = numbers.grade(learner).map { Self.decimal($0, 5) }
        #expect(stored == exact, "seed \(Self.seed), maximum \(maximum), learner \(learner)")
      }
    }
  }
}
