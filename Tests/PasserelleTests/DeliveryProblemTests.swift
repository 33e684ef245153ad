import LTI
import Testing
import Wire

@testable import Passerelle

/// Why a grade was not delivered, by whichever service.
@Suite struct DeliveryProblemTests {
  @Test("A grade that arrived is no problem")
  func delivered() {
    let problems = [
      DeliveryProblem(ScoreOutcome.delivered), DeliveryProblem(ResultOutcome.delivered, isSigned: true),
    ]
    #expect(problems.compactMap { $0?.code } == [])
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

  @Test("A Moodle in maintenance is called that, whichever service says so")
  func maintenance() throws {
    let score = try #require(DeliveryProblem(ScoreOutcome.retryLater(afterSeconds: 300, status: 503)))
    let token = DeliveryProblem(TokenFailure.unavailable(afterSeconds: 300, status: 503))
    let read = DeliveryProblem(ServiceFailure.unavailable(afterSeconds: 300, status: 503))
    #expect(score.words.english == "Moodle is in maintenance (HTTP 503). It will be tried again.")
    for problem in [score, token, read] {
      #expect(problem.words == score.words && problem.retryAfter == 300 && problem.platformIsAway)
    }
    let away = DeliveryProblem(TokenFailure.unavailable(afterSeconds: nil, status: 503))
    #expect(away.words.english.contains("no access token just now"))
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
    for first in [notStored, error500] {
      #expect(!first.words.english.contains("locked") && !first.words.french.contains("verrouill"))
    }
    let given = DeliveryProblem.erredForADay(error500)
    #expect(given.remedy == .change && given.code == "grade_locked" && given.leavesDoubt)
  }

  @Test("What something in front of Moodle answers is given a day, and keeps its name when that has not helped")
  func intercepted() throws {
    let page = try #require(DeliveryProblem(ScoreOutcome.intercepted(afterSeconds: 5, status: 403)))
    #expect(page.remedy == .timeForADay && !page.platformIsAway && !page.leavesDoubt && page.retryAfter == 5)
    let redirect = try #require(DeliveryProblem(ResultOutcome.intercepted(afterSeconds: nil, status: 302)))
    #expect(redirect.remedy == .timeForADay && redirect.platformIsAway)
    let token = DeliveryProblem(TokenFailure.intercepted(afterSeconds: nil, status: 302))
    let read = DeliveryProblem(ServiceFailure.intercepted(afterSeconds: nil, status: 302))
    #expect(token.words == redirect.words && read.words == redirect.words && !read.isPersistent)
    for (problem, code) in [
      (page, "grade_intercepted"), (redirect, "grade_redirected"), (token, "token_redirected"),
      (read, "service_redirected"),
    ] {
      #expect(problem.code == code && RefusalCodes.all.contains(code))
      let given = DeliveryProblem.erredForADay(problem)
      #expect(given.remedy == .change && given.code == code && given.words.english.contains("platform move"))
    }
  }
}
