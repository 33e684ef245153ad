import CGI
import Postgres
import Store
import Wire

/// The roster as the API answers it: what the database wrote of each learner, with words in the teacher's language. It is handed
/// on learner by learner; nobody holds a class of two thousand.
struct RosterDocument {
  let reading: Rosters.Reading
  let form: Rosters.Form
  let language: Language
  /// Told when the database breaks off in the middle.
  let broken: (PostgresError) -> Void

  /// The body. A table says how long it is, so that half of one is not taken for all; half a JSON document is none.
  func stream(_ text: String) throws(PostgresError) -> ResponseStream {
    let first = try reading.next()
    let length = form == .csv ? text.utf8.count + Int(first?.octets ?? 0) : nil
    return ResponseStream(length: length) { put in
      do throws(PostgresError) {
        try write(text, first, put)
        return true
      } catch {
        broken(error)
        return false
      }
    }
  }

  private func write(_ text: String, _ first: Rosters.Line?, _ put: ([UInt8]) -> Bool) throws(PostgresError) {
    let isJSON = form != .csv
    _ = put(Array(text.utf8) + (isJSON ? Array(",\"learners\":[".utf8) : []))
    var line = first
    var piece: [UInt8] = []
    while let learner = line {
      if !piece.isEmpty, isJSON { piece = [UInt8(ascii: ",")] } else { piece.removeAll() }
      piece += learner.text.utf8
      if isJSON {
        piece += grade(of: learner).utf8
        if let details = reading.head.details { piece += ",\"details\":\(details)".utf8 }
        piece.append(UInt8(ascii: "}"))
      }
      guard put(piece) else { return reading.drop() }
      line = try reading.next()
    }
    if isJSON { _ = put(Array("],\"membershipsAt\":\(JSONValue(reading.head.readAt).encoded)}".utf8)) }
  }

  /// The grade, as a member after others. In the compact form only what the rest does not say already: the score is the ratio
  /// of the maximum, which stands above, and only what is not in Moodle needs words.
  private func grade(of learner: Rosters.Line) -> String {
    guard let status = GradeStatus(rawValue: learner.status) else { return "" }
    var grade: JSONObject = ["status": .string(status.rawValue)]
    if form == .full {
      grade["score"] = .number(learner.score)
      grade["maximum"] = .number(learner.maximum)
    }
    let isSettled = status == .none || status == .delivered
    if form != .full, status == .none { return "" }
    if form == .full || !isSettled { grade["message"] = .string(status.wordsForTeachers[language]) }
    let error = language == .french ? learner.errorInFrench : learner.error
    if let error { grade["lastError"] = .string(error) }
    if let moodle = learner.moodle.flatMap({ try? JSONValue(parsing: $0) }) { grade["moodle"] = moodle }
    return ",\"grade\":" + grade.encoded
  }
}
