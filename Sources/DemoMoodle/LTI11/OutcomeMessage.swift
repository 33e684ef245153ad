import Foundation
import FoundationXML
import Wire

/// One element of an XML document: its name as written, its children, its text.
final class Element {
  let name: String
  var children: [Element] = []
  var text = ""

  init(_ name: String) { self.name = name }

  /// The first descendant along a path of names.
  subscript(path: String...) -> Element? {
    path.reduce(self as Element?) { node, name in node?.children.first { $0.name == name } }
  }
}

/// Reads a document into elements with Foundation's parser; external entities are not fetched.
final class ElementReader: NSObject, XMLParserDelegate {
  private var open: [Element] = []
  private var root: Element?

  /// The root element; nil when the document is not well formed.
  static func read(_ bytes: [UInt8]) -> Element? {
    let reader = ElementReader()
    let parser = XMLParser(data: Data(bytes))
    parser.delegate = reader
    return parser.parse() ? reader.root : nil
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    let element = Element(name)
    open.last?.children.append(element)
    if root == nil { root = element }
    open.append(element)
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) { open.last?.text += text }
  func parser(_ parser: XMLParser, foundCDATA block: Data) {
    open.last?.text += String(decoding: block, as: UTF8.self)
  }
}

/// A Basic Outcomes request (LTI 1.1.1 Implementation Guide §6).
struct OutcomeMessage {
  /// `replaceResultRequest` and so on: the last element of the body.
  var operation: String
  /// `imsx_messageIdentifier`, empty without one.
  var identifier: String
  /// The text of `sourcedId`.
  var sourcedID: String
  /// The text of the score; nil without one.
  var score: String?

  /// Reads a request; nil when it is not well formed, or holds no operation.
  init?(_ body: [UInt8]) {
    guard let root = ElementReader.read(body), let operation = root["imsx_POXBody"]?.children.last else { return nil }
    self.operation = operation.name
    identifier = root["imsx_POXHeader", "imsx_POXRequestHeaderInfo", "imsx_messageIdentifier"]?.text ?? ""
    sourcedID = operation["resultRecord", "sourcedGUID", "sourcedId"]?.text ?? ""
    score = operation["resultRecord", "result", "resultScore", "textString"]?.text
  }
}

/// The answer to one: always 200 and text/html, failures included.
struct OutcomeReply {
  var codeMajor = "success"
  var description: String
  var messageReference = ""
  /// The operation of the request.
  var operation = "unknownRequest"
  /// What the body's one element holds; nil leaves it empty.
  var result: String?

  func response(identifier: Int) -> MoodleResponse {
    func leaf(_ name: String, _ text: String) -> String {
      text.isEmpty ? "<\(name)/>" : "<\(name)>\(HTML.text(text))</\(name)>"
    }
    // An unsupported operation is echoed as it came; the others become responses.
    let element = codeMajor == "unsupported" ? operation : operation.replacing("Request", with: "Response")
    let body = result.map { "<\(element)>\($0)</\(element)>" } ?? "<\(element)/>"
    let xml =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + "<imsx_POXEnvelopeResponse xmlns=\"http://www.imsglobal.org/services/ltiv1p1/xsd/imsoms_v1p0\">"
      + "<imsx_POXHeader><imsx_POXResponseHeaderInfo><imsx_version>V1.0</imsx_version>"
      + leaf("imsx_messageIdentifier", String(identifier)) + "<imsx_statusInfo>" + leaf("imsx_codeMajor", codeMajor)
      + leaf("imsx_severity", "status") + leaf("imsx_description", description)
      + leaf("imsx_messageRefIdentifier", messageReference) + leaf("imsx_operationRefIdentifier", operation)
      + "</imsx_statusInfo></imsx_POXResponseHeaderInfo></imsx_POXHeader>"
      + "<imsx_POXBody>\(body)</imsx_POXBody></imsx_POXEnvelopeResponse>\n"
    return MoodleResponse(status: 200, contentType: "text/html; charset=utf-8", body: Array(xml.utf8))
  }

  /// The element that carries a read grade.
  static func score(_ text: String) -> String {
    "<result><resultScore><language>en</language>"
      + (text.isEmpty ? "<textString/>" : "<textString>\(HTML.text(text))</textString>") + "</resultScore></result>"
  }
}
