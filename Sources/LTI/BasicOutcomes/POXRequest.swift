import Wire

/// A request of the Basic Outcomes service: a plain old XML envelope (LTI 1.1 §6.1, IMS General Web Services).
struct POXRequest {
  enum Operation: Equatable {
    case replaceResult(ResultScore)
    case readResult
    case deleteResult

    var element: String {
      switch self {
      case .replaceResult: "replaceResultRequest"
      case .readResult: "readResultRequest"
      case .deleteResult: "deleteResultRequest"
      }
    }
  }

  let operation: Operation
  let sourcedID: String
  /// `imsx_messageIdentifier`: the answer refers to it.
  let identifier: String

  init(_ operation: Operation, sourcedID: String, randomBytes: (Int) -> [UInt8]) {
    self.operation = operation
    self.sourcedID = sourcedID
    identifier = Hex.encode(randomBytes(16))
  }

  /// The envelope; nil when the handle holds a character that XML cannot carry.
  var body: [UInt8]? {
    guard let sourcedID = XML.text(sourcedID) else { return nil }
    var result = ""
    if case .replaceResult(let score) = operation {
      result =
        "<result><resultScore><language>en</language><textString>\(score.text)</textString></resultScore></result>"
    }
    let header =
      "<imsx_POXHeader><imsx_POXRequestHeaderInfo><imsx_version>V1.0</imsx_version>"
      + "<imsx_messageIdentifier>\(identifier)</imsx_messageIdentifier></imsx_POXRequestHeaderInfo></imsx_POXHeader>"
    let record =
      "<resultRecord><sourcedGUID><sourcedId>\(sourcedID)</sourcedId></sourcedGUID>\(result)</resultRecord>"
    let envelope =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + "<imsx_POXEnvelopeRequest xmlns=\"http://www.imsglobal.org/services/ltiv1p1/xsd/imsoms_v1p0\">\(header)"
      + "<imsx_POXBody><\(operation.element)>\(record)</\(operation.element)></imsx_POXBody>"
      + "</imsx_POXEnvelopeRequest>"
    return Array(envelope.utf8)
  }
}
