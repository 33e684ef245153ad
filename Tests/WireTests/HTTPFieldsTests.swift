import Testing
import Wire

@Suite("Header fields (RFC 9110 §5)")
struct HTTPFieldsTests {
  @Test("names are compared without case, and the first value answers")
  func lookup() {
    let fields = HTTPFields([("Content-Type", "a"), ("X-Y", "1"), ("x-y", "2")])
    #expect(fields["content-type"] == "a")
    #expect(fields["X-y"] == "1")
    #expect(fields["Content-Typ"] == nil)
    #expect(fields.values("x-Y") == ["1", "2"])
    #expect(fields.values("absent").isEmpty)
    #expect(fields.all.map(\.name) == ["Content-Type", "X-Y", "x-y"])
  }

  @Test("set replaces all of a name, append adds, remove removes")
  func changes() {
    var fields = HTTPFields([("a", "1"), ("b", "2"), ("A", "3")])
    let wasSet = fields.set("A", "4")
    #expect(wasSet)
    #expect(fields == HTTPFields([("b", "2"), ("a", "4")]))
    let wasAppended = fields.append("B", "5")
    #expect(wasAppended)
    #expect(fields.values("b") == ["2", "5"])
    fields.remove("B")
    #expect(fields.all.map(\.value) == ["4"])
  }

  @Test("a value with CR, LF or NUL is refused and changes nothing", arguments: ["a\r\nX: y", "a\r", "\n", "a\0b"])
  func refusesSplitting(value: String) {
    var fields = HTTPFields([("Location", "/")])
    let wasAppended = fields.append("X", value)
    let wasSet = fields.set("Location", value)
    #expect(!wasAppended && !wasSet)
    #expect(fields == HTTPFields([("Location", "/")]))
    #expect(HTTPFields([("X", value)]).all.isEmpty)
  }

  @Test(
    "a name that is not a token is refused", arguments: ["", "a b", "a:", "a\r\nb", "é", "a\0", "(a)", "a/b", "\"a\""])
  func refusesNames(name: String) {
    var fields = HTTPFields()
    let wasAppended = fields.append(name, "v")
    #expect(!wasAppended)
    #expect(fields.all.isEmpty)
    #expect(!HTTPFields.isToken(name))
  }

  @Test("accents, tabs and empty values are values")
  func acceptsValues() {
    var fields = HTTPFields()
    let wasAppended = [fields.append("X-1!#$%&'*+.^_`|~", ""), fields.append("X", "é\tb")]
    #expect(wasAppended == [true, true])
    #expect(fields["x"] == "é\tb")
  }
}

@Suite("Transport failures")
struct TransportFailureTests {
  private static let all: [TransportFailure] =
    [
      .insecure("https is required"), .addressForbidden, .nameNotResolved, .connectFailed(errno: 111),
      .proxy(.refused(status: 407)), .tls(.certificateExpired), .tooLarge, .malformed("status line"),
      .closedEarly(afterSending: true),
    ] + [.timedOut(.connect)]

  @Test("each has its own code and its own words")
  func codes() {
    #expect(Set(Self.all.map(\.code)).count == Self.all.count)
    #expect(Set(Self.all.map(\.description)).count == Self.all.count)
    #expect(Self.all.allSatisfy { HTTPFields.isToken($0.code) && $0.code.hasPrefix("transport_") })
  }

  @Test("a request may have been processed once its bytes may have left")
  func mayHaveBeenProcessed() {
    let yes: [TransportFailure] = [
      .timedOut(.send), .timedOut(.receive), .tooLarge, .malformed("chunk"), .closedEarly(afterSending: true),
    ]
    let no: [TransportFailure] = [
      .insecure(""), .addressForbidden, .nameNotResolved, .connectFailed(errno: 111), .tls(.hostNameMismatch),
      .proxy(.refused(status: 502)), .timedOut(.nameResolution), .timedOut(.connect), .timedOut(.handshake),
      .closedEarly(afterSending: false),
    ]
    #expect(yes.filter(\.mayHaveBeenProcessed) == yes)
    #expect(no.filter(\.mayHaveBeenProcessed).isEmpty)
  }
}
