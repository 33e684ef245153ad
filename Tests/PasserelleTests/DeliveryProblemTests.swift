import LTI
import Testing
import Wire

@testable import Passerelle

/// Why a grade was not delivered, by whichever service.
@Suite struct DeliveryProblemTests {
  @Test("A grade that arrived is no problem")
  func delivered() {
    #expect(DeliveryProblem(ScoreOutcome.delivered) == nil)
    #expect(DeliveryProblem(ResultOutcome.delivered, isSigned: true) == nil)
  }

  @Test("What both services answer alike is the same problem")
  func alike() throws {
    let pairs: [(ScoreOutcome, ResultOutcome)] = [
      (.unauthorized, .unauthorized),
      (.retryLater(afterSeconds: 9, status: 503), .retryLater(afterSeconds: 9, status: 503)),
      (.retryLater(afterSeconds: nil, status: 500), .retryLater(afterSeconds: nil, status: 500)),
      (.retryLater(afterSeconds: nil, status: 429), .retryLater(afterSeconds: nil, status: 429)),
      (.uncertain(status: 200), .uncertain(status: 200)), (.transport(.tooLarge), .transport(.tooLarge)),
      (.refused(.rejected(status: 418)), .refused(.rejected(status: 418))),
    ]
    for (score, result) in pairs {
      let (a, b) = (try #require(DeliveryProblem(score)), try #require(DeliveryProblem(result)))
      #expect(a.code == b.code && a.words == b.words && a.remedy == b.remedy && a.logLine == b.logLine)
      #expect(a.leavesDoubt == b.leavesDoubt && a.platformIsAway == b.platformIsAway && a.retryAfter == b.retryAfter)
      #expect(RefusalCodes.all.contains(a.code), "\(a.code)")
    }
  }

  @Test("A signature that is not taken is not called a token")
  func signature() throws {
    let signed = try #require(DeliveryProblem(ResultOutcome.unauthorized, isSigned: true))
    let token = try #require(DeliveryProblem(ResultOutcome.unauthorized))
    #expect(signed.code == token.code && signed.words != token.words)
  }

  @Test("A gradebook that did not store the grade is given a day, and a locked grade then wants a person")
  func locked() throws {
    let notStored = try #require(DeliveryProblem(ResultOutcome.retryLater(afterSeconds: nil, status: 200)))
    #expect(notStored.remedy == .timeForADay && !notStored.leavesDoubt && !notStored.platformIsAway)
    let error500 = try #require(DeliveryProblem(ScoreOutcome.retryLater(afterSeconds: nil, status: 500)))
    #expect(error500.remedy == .timeForADay && error500.leavesDoubt && !error500.platformIsAway)
    let given = DeliveryProblem.erredForADay(leavesDoubt: true, logLine: error500.logLine)
    #expect(given.remedy == .change && given.code == "grade_locked")
  }
}
