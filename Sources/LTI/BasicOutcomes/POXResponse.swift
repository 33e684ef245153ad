import Wire

/// An answer of the Basic Outcomes service (LTI 1.1 §6.1).
struct POXResponse {
  /// `imsx_codeMajor`, which decides: `success`, `failure`, `unsupported` or `processing`. `imsx_severity` says `status`
  /// in any case.
  let codeMajor: String
  /// `imsx_description`: the platform's words.
  let words: String
  /// `imsx_messageRefIdentifier`: which request is answered; empty when the platform could not tell.
  let reference: String
  /// What the body holds, such as `readResultResponse`.
  let operation: XML.Element?

  enum Verdict: Equatable {
    case success
    case unauthorized
    case sourcedIDUnknown
    case notAccepted
    case scoreUnusable
    case notStored
    case unsupported
    /// No known refusal. "Error writing to database" is one: two grades of one learner arrived at once.
    case failure(String)
    case unclear
  }

  /// nil when the bytes are no such envelope.
  init?(_ body: [UInt8]) {
    // PHP may put blanks or a notice's line end before what a script writes; an XML declaration must come first.
    let document = Array(body.drop(while: isWhitespace))
    guard let root = try? XML.Element(parsing: document), sameBytes(root.name, "imsx_POXEnvelopeResponse"),
      let information = root.descendant("imsx_POXHeader", "imsx_POXResponseHeaderInfo"),
      let status = information.child("imsx_statusInfo"), let codeMajor = status.child("imsx_codeMajor")?.text
    else { return nil }
    self.codeMajor = String(trimmed(codeMajor[...]))
    words = String(trimmed((status.child("imsx_description")?.text ?? "")[...]))
    reference = String(trimmed((status.child("imsx_messageRefIdentifier")?.text ?? "")[...]))
    operation = root.child("imsx_POXBody")?.children.first
  }

  /// What the answer says to a request. Moodle's reasons are in its words, which it does not translate.
  func verdict(for request: POXRequest) -> Verdict {
    switch codeMajor.asciiLowercased {
    case "success":
      // The success of another message would be none of this one's.
      return reference.isEmpty || sameBytes(reference, request.identifier) ? .success : .unclear
    case "failure":
      switch words {
      case "Message signature not valid", "Missing or invalid consumer key or access token.",
        "Consumer key is missing.":
        return .unauthorized
      case "SourcedId hash not valid", "Invalid sourcedId in result message": return .sourcedIDUnknown
      case "Tool does not accept grades": return .notAccepted
      case "Score must be numeric", "Score not between 0.0 and 1.0": return .scoreUnusable
      // The words of success, with which Moodle fails when its gradebook would not store: a locked grade, a busy database.
      case "Grade replace response", "Grade delete request": return .notStored
      default: return .failure(platformWords(Array(words.utf8)))
      }
    case "unsupported": return .unsupported
    default: return .unclear
    }
  }
}
