import Testing
import Wire

@testable import HTTPClient

/// What the client makes of responses, octet by octet. The server's end is scripted, so every split can be tried.
@Suite struct ResponseTests {
  private func response(
    _ text: String, inPiecesOf size: Int = .max, to method: String = "GET", client: HTTPClient = loopbackClient()
  ) throws(TransportFailure) -> HTTPResponse {
    let octets = Array(text.utf8)
    let size = min(size, max(octets.count, 1))
    let pieces = stride(from: 0, to: octets.count, by: size).map { Array(octets[$0...].prefix(size)) }
    return try client.exchange(
      [], method: method, over: ScriptedStream(pieces: pieces), until: Deadline(milliseconds: 10_000))
  }

  private static let whole: [(response: String, status: Int, body: String)] = [
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more than was announced", 200, "hello"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\ncontent-length: 5\r\n\r\nhello", 200, "hello"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", 200, "hello"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, ""),
    ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, ""),
    ("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", 200, ""),
    ("HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, "until the end"),
    ("HTTP/1.1 404 Not Found\nContent-Length: 2\n\n[]", 404, "[]"),
    ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
    ("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, ""),
    ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, ""),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, "hello"),
    (
      "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n2 \r\nhe\r\n3;a=\"b\"\r\nllo\r\n000;z\r\n\r\n", 200, "hello"
    ),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n", 200, "0123456789"),
    (
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
        + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
      200, "ok"
    ),
    ("HTTP/1.1 400 \(String(repeating: "{\"userId\":\"3\"} ", count: 1500))\r\nContent-Length: 2\r\n\r\n[]", 400, "[]"),
  ]

  @Test("A well-formed response is read whole", arguments: whole)
  func wellFormed(_ expected: (response: String, status: Int, body: String)) throws {
    let response = try response(expected.response)
    #expect(response.status == expected.status)
    #expect(String(decoding: response.body, as: UTF8.self) == expected.body)
  }

  @Test("It makes no difference where the network splits a response", arguments: whole)
  func splits(_ expected: (response: String, status: Int, body: String)) throws {
    for size in [1, 2, 3, 7] {
      let response = try response(expected.response, inPiecesOf: size)
      #expect(response.status == expected.status)
      #expect(String(decoding: response.body, as: UTF8.self) == expected.body)
    }
  }

  @Test("Fields keep their order, their repetitions and their octets, without the blanks around values")
  func fields() throws {
    let response = try response(
      "HTTP/1.1 200 OK\r\nDate:Mon, 23 Nov 2026 01:17:21 GMT\r\nX-A: \t one \r\nx-a: Éloïse\r\nEmpty:\r\n"
        + "Content-Length: 0\r\n\r\n")
    #expect(response.fields["date"] == "Mon, 23 Nov 2026 01:17:21 GMT")
    #expect(response.fields.values("X-A") == ["one", "Éloïse"])
    #expect(response.fields["empty"] == "")
  }

  @Test("The response to HEAD has no body, whatever length it announces")
  func head() throws {
    let response = try response("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", to: "HEAD")
    #expect(response.body.isEmpty)
    #expect(response.fields["Content-Length"] == "1000")
  }

  private static let refused: [(response: String, failure: TransportFailure)] = [
    ("SSH-2.0-OpenSSH_9.2\r\n\r\n", .malformed("status line")),
    ("HTTP/2 200 OK\r\n\r\n", .malformed("status line")),
    ("HTTP/1.1 2000 OK\r\n\r\n", .malformed("status line")),
    ("HTTP/1.1  200 OK\r\n\r\n", .malformed("status line")),
    ("HTTP/1.1 0 Coding error detected\r\n\r\n", .malformed("status line")),
    ("HTTP/1.1 099 x\r\n\r\n", .malformed("status code")),
    ("HTTP/1.1 600 x\r\n\r\n", .malformed("status code")),
    ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", .malformed("unexpected status 101")),
    ("HTTP/1.1 200 O\rK\r\n\r\n", .malformed("bare carriage return")),
    ("HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n", .malformed("bare carriage return")),
    ("HTTP/1.1 200 OK\r\nA: b\r\n  folded\r\n\r\n", .malformed("folded field line")),
    ("HTTP/1.1 200 OK\r\n\tA: b\r\n\r\n", .malformed("folded field line")),
    ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", .malformed("field line")),
    ("HTTP/1.1 200 OK\r\n: no name\r\n\r\n", .malformed("field name")),
    ("HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello", .malformed("field name")),
    ("HTTP/1.1 200 OK\r\nA: b\u{0}c\r\n\r\n", .malformed("field value")),
    ("HTTP/1.1 200 OK\r\nA: b\u{1B}[2J\r\n\r\n", .malformed("field value")),
    (
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
      .malformed("contradicting Content-Length")
    ),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello", .malformed("contradicting Content-Length")),
    ("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", .malformed("Content-Length")),
    ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .malformed("Content-Length")),
    ("HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nhello", .malformed("Content-Length")),
    ("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", .malformed("Content-Length")),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5,\r\n\r\nhello", .malformed("Content-Length")),
    ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", .tooLarge),
    ("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n", .tooLarge),
    (
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      .malformed("Transfer-Encoding with Content-Length")
    ),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .malformed("Transfer-Encoding")),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", .malformed("Transfer-Encoding")),
    (
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
      .malformed("Transfer-Encoding")
    ),
    (
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      .malformed("Transfer-Encoding in HTTP/1.0")
    ),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", .malformed("chunk size")),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;a\r\n", .malformed("chunk size")),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5g\r\nhello\r\n", .malformed("chunk size")),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n", .malformed("chunk size")),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n", .malformed("chunk size")),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello6\r\n", .malformed("chunk end")),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello, world\r\n", .malformed("chunk end")),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n", .tooLarge),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", .tooLarge),
    ("", .closedEarly(afterSending: true)),
    ("HTTP/1.1 200", .closedEarly(afterSending: true)),
    ("HTTP/1.1 200 OK\r\nContent-Le", .closedEarly(afterSending: true)),
    ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", .closedEarly(afterSending: true)),
    ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", .closedEarly(afterSending: true)),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", .closedEarly(afterSending: true)),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", .closedEarly(afterSending: true)),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", .closedEarly(afterSending: true)),
    ("HTTP/1.1 100 Continue\r\n\r\n", .closedEarly(afterSending: true)),
  ]

  @Test("A response that is not well-formed, or not whole, is refused for what is wrong with it", arguments: refused)
  func refusals(_ expected: (response: String, failure: TransportFailure)) {
    #expect(throws: expected.failure) { try response(expected.response) }
    #expect(expected.failure.mayHaveBeenProcessed)
  }

  @Test("A body of exactly the largest size passes, one octet more does not, however its end is known")
  func largestBody() throws {
    let client = loopbackClient(maximumResponseBytes: 20_000)
    for (size, fits) in [(20_000, true), (20_001, false)] {
      let body = String(repeating: "x", count: size)
      for response in [
        "HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n\(body)",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(String(size, radix: 16))\r\n\(body)\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n\(body)",
      ] {
        if fits {
          #expect(try self.response(response, inPiecesOf: 1000, client: client).body.count == size)
        } else {
          #expect(throws: TransportFailure.tooLarge) {
            try self.response(response, inPiecesOf: 1000, client: client)
          }
        }
      }
    }
  }

  @Test("A head of exactly the largest size passes, one octet more does not")
  func largestHead() throws {
    let client = loopbackClient(maximumHeaderBytes: 1000)
    let start = "HTTP/1.1 200 "
    let end = "\r\nContent-Length: 0\r\n\r\n"
    let room = 1000 - start.utf8.count - end.utf8.count
    #expect(try response(start + String(repeating: "x", count: room) + end, client: client).status == 200)
    #expect(throws: TransportFailure.tooLarge) {
      try response(start + String(repeating: "x", count: room + 1) + end, client: client)
    }
  }

  @Test("Many small chunks are no large head")
  func smallChunks() throws {
    let chunks = String(repeating: "1\r\nx\r\n", count: 50_000)
    let response = try response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)0\r\n\r\n")
    #expect(response.body == [UInt8](repeating: UInt8(ascii: "x"), count: 50_000))
  }

  @Test("256 fields pass, 257 do not")
  func fieldCount() throws {
    func head(_ count: Int) -> String {
      "HTTP/1.1 204 No Content\r\n" + String(repeating: "A: b\r\n", count: count) + "\r\n"
    }
    #expect(try response(head(256)).fields.values("A").count == 256)
    #expect(throws: TransportFailure.tooLarge) { try response(head(257)) }
  }
}
