import Wire

/// What the acts of a teacher's page have in common.
extension Exchange {
  /// More learners than any course has.
  private static var mostLearners: Int { 20_000 }

  /// The body of an act: an object that this script's own page sent.
  func act() throws(Refusal) -> JSONObject {
    guard !isFromElsewhere else { throw .forbidden }
    guard case .object(let body) = try json() else { throw .invalidBody("expected an object") }
    return body
  }

  /// A list of texts in a body, such as the learners whom an act is for; nil when it is not there.
  static func texts(_ name: String, of body: JSONObject) throws(Refusal) -> [String]? {
    guard let member = body[name], member != .null else { return nil }
    guard let values = member.arrayValue, values.count <= mostLearners else {
      throw .invalidBody("\"\(name)\" is no list of texts")
    }
    let texts = values.compactMap(\.stringValue)
    guard texts.count == values.count else { throw .invalidBody("\"\(name)\" is no list of texts") }
    return texts
  }
}
