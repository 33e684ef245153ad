import Wire

/// Why a Basic Outcome fails, in Moodle's words.
private struct OutcomeFailure: Error {
  var words: String
}

extension Platform {
  /// service.php: Basic Outcomes, for LTI 1.1 tools with OAuth and for 1.3 tools with a Bearer token.
  ///
  /// Always 200 and text/html. The sourced id alone says whose grade it is: a tool's key opens another tool's activity.
  func basicOutcome(_ request: MoodleRequest) -> MoodleResponse {
    let identifier = Int(randomHex(7), radix: 16) ?? 0
    func failed(_ words: String) -> MoodleResponse {
      OutcomeReply(codeMajor: "failure", description: words).response(identifier: identifier)
    }
    if Self.hasConsumerKey(request) {
      guard oauthSigner(of: request) != nil else { return failed("Message signature not valid") }
    } else {
      let field = request.fields["Authorization"] ?? ""
      guard field.hasPrefix("Bearer "), bearer(String(field.dropFirst(7)), anyOf: [Scope.basicOutcome]) != nil else {
        return failed("Missing or invalid consumer key or access token.")
      }
    }
    // Well-formed XML without an operation was not observed.
    guard let message = OutcomeMessage(request.body) else { return failed("Invalid XML content") }
    var reply = OutcomeReply(
      description: "unsupported", messageReference: message.identifier, operation: message.operation)
    do throws(OutcomeFailure) {
      switch message.operation {
      case "replaceResultRequest":
        reply.description = "Grade replace response"
        let target = try outcomeTarget(message, score: Self.score(message))
        guard storeOutcome(target.score, target) else { throw OutcomeFailure(words: reply.description) }
      case "readResultRequest":
        reply.description = "Result read"
        reply.result = OutcomeReply.score(readOutcome(try outcomeTarget(message)))
      case "deleteResultRequest":
        reply.description = "Grade delete request"
        guard storeOutcome(nil, try outcomeTarget(message)) else { throw OutcomeFailure(words: reply.description) }
      default: reply.codeMajor = "unsupported"
      }
    } catch {
      reply.codeMajor = "failure"
      reply.description = error.words
    }
    return reply.response(identifier: identifier)
  }

  private struct OutcomeTarget {
    var user: Int
    var activity: Activity
    var score: Double?
  }

  /// Moodle looks at the sourced id's form, the score, whether grades are accepted, then the hash.
  private func outcomeTarget(
    _ message: OutcomeMessage, score: Result<Double, OutcomeFailure>? = nil
  ) throws(OutcomeFailure) -> OutcomeTarget {
    guard let id = ResultSourcedID(message.sourcedID) else {
      throw OutcomeFailure(words: "Invalid sourcedId in result message")
    }
    let given = try score?.get()
    let wrongHash = OutcomeFailure(words: "SourcedId hash not valid")
    guard let activity = state.withLock({ $0.activities.first { $0.instance == id.instance } }) else { throw wrongHash }
    guard activity.acceptsGrades else { throw OutcomeFailure(words: "Tool does not accept grades") }
    guard resultHash(id.data) == id.hash else { throw wrongHash }
    return OutcomeTarget(user: id.user, activity: activity, score: given)
  }

  private static func score(_ message: OutcomeMessage) -> Result<Double, OutcomeFailure> {
    guard let score = message.score.flatMap(PHPNumber.value) else {
      return .failure(OutcomeFailure(words: "Score must be numeric"))
    }
    guard (0...1).contains(score) else { return .failure(OutcomeFailure(words: "Score not between 0.0 and 1.0")) }
    return .success(score)
  }

  /// Anybody's grade is stored, a teacher's too. After its column was deleted none is (not observed).
  private func storeOutcome(_ score: Double?, _ target: OutcomeTarget) -> Bool {
    let (now, milliseconds) = (now().seconds, nowMilliseconds())
    return state.withLock { state in
      guard let item = state.gradebook.lineItem(ofActivity: target.activity.instance) else { return false }
      return state.gradebook.store(
        raw: score.map { $0 * item.maximum }, user: target.user, in: item, now: now, milliseconds: milliseconds)
    }
  }

  private func readOutcome(_ target: OutcomeTarget) -> String {
    state.withLock { state in
      guard let item = state.gradebook.lineItem(ofActivity: target.activity.instance), item.maximum > 0,
        let grade = state.gradebook.grade(user: target.user, lineItem: item.id)?.final
      else { return "" }
      return PHPNumber.text(grade / item.maximum)
    }
  }
}
