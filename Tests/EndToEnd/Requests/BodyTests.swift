import DemoMoodle
import TestSupport
import Testing
import Wire

/// Bodies that are too long, too short, of the wrong type or sent in pieces.
@Suite(.needsStack) struct BodyTests {
  private static let report = #"{"grain":"accueil","status":"completed"}"#

  @Test(
    "A body of another type is 415; a charset beside the right one is no other type", arguments: Transport.withProgram)
  func types(transport: Transport) throws {
    try World.run(transport) { world in
      let page = try world.session()
      let authorization = ("Authorization", "Bearer \(page.token)")
      for type in [
        "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data; boundary=x",
        "json", "",
      ] {
        let answer = try world.send(
          "POST", "/api/progress", fields: [authorization, ("Content-Type", type)], body: Array(Self.report.utf8))
        #expect(Refused(answer) == Refused(415, "unsupported_media_type"), "\(type)")
      }
      let none = try world.send("POST", "/api/progress", fields: [authorization], body: Array(Self.report.utf8))
      #expect(Refused(none) == Refused(415, "unsupported_media_type"))
      for type in ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"] {
        let answer = try world.send(
          "POST", "/api/progress", fields: [authorization, ("Content-Type", type)], body: Array(Self.report.utf8))
        #expect(answer.status == 200, "\(type)")
      }
    }
  }

  @Test("An API body may have 256 KiB and not one byte more; a launch form 128 KiB", arguments: Transport.withProgram)
  func limits(transport: Transport) throws {
    try World.run(transport) { world in
      let page = try world.session()
      let fields = [("Authorization", "Bearer \(page.token)"), ("Content-Type", "application/json")]
      func padded(_ size: Int) -> [UInt8] {
        Array(Self.report.utf8) + [UInt8](repeating: 0x20, count: size - Self.report.utf8.count)
      }
      #expect(try world.send("POST", "/api/progress", fields: fields, body: padded(262_144)).status == 200)
      let over = try world.send("POST", "/api/progress", fields: fields, body: padded(262_145))
      #expect(Refused(over) == Refused(413, "body_too_large"))
      let form = [("Content-Type", "application/x-www-form-urlencoded")]
      func login(_ size: Int) throws -> Refused {
        Refused(
          try world.send(
            "POST", "/lti/launch", fields: form, body: Array("a=".utf8) + [UInt8](repeating: 0x78, count: size - 2)))
      }
      #expect(try login(131_072) == Refused(400, "launch_field_missing"))
      #expect(try login(131_073) == Refused(413, "body_too_large"))
    }
  }

  @Test(
    "Ten megabytes are refused whole and at once, and the next request is answered", arguments: Transport.withProgram)
  func tenMegabytes(transport: Transport) throws {
    try World.run(transport) { world in
      let page = try world.session()
      let body = [UInt8](repeating: 0x20, count: 10 << 20)
      let fields = [("Authorization", "Bearer \(page.token)"), ("Content-Type", "application/json")]
      if !transport.isApache {
        let answer = try world.send("POST", "/api/progress", fields: fields, body: body)
        #expect(Refused(answer) == Refused(413, "body_too_large"))
      } else {
        let connection = try RawHTTP(world.tool.base)
        connection.write(
          "POST \(world.tool.base.path)/api/progress HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.count)\r\n\r\n")
        connection.write(body)
        let answer = try connection.response()
        #expect(Refused(answer) == Refused(413, "body_too_large"))
      }
      #expect(try page.progress().status == 200)
    }
  }

  @Test("A body that ends before its announced length is refused and not recorded")
  func truncated() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      let variables = CGIVariables.make(
        method: "POST", pathInfo: "/api/progress",
        fields: HTTPFields([("Authorization", "Bearer \(page.token)"), ("Content-Type", "application/json")]),
        bodyLength: 400)
      let run = try world.tool.run(variables, body: Array(Self.report.utf8))
      #expect(run.status == 0)
      #expect(Refused(CGIVariables.response(of: run.output)) == Refused(400, "body_unusable"))
      for length in ["-1", "4x", "18446744073709551616", " 40"] {
        let odd = variables.filter { $0.0 != "CONTENT_LENGTH" } + [("CONTENT_LENGTH", length)]
        let answer = CGIVariables.response(of: try world.tool.run(odd, body: Array(Self.report.utf8)).output)
        #expect([400, 413].contains(answer?.status), "\(length)")
      }
      #expect(try world.database.count("select from public.progress") == 0)
    }
  }

  @Test("A browser that hangs up in the middle of its body records nothing", arguments: Transport.apaches)
  func hungUp(transport: Transport) throws {
    try World.run(transport) { world in
      let page = try world.session()
      let connection = try RawHTTP(world.tool.base)
      connection.write(
        "POST \(world.tool.base.path)/api/progress HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
          + "Authorization: Bearer \(page.token)\r\nContent-Length: 400\r\n\r\n" + Self.report)
      connection.endWriting()
      _ = try? connection.response()
      #expect(try page.progress().json["completed"] == 0)
    }
  }

  @Test(
    "A chunked body arrives without a length and is read to its end, under the same limit", arguments: Transport.apaches
  )
  func chunked(transport: Transport) throws {
    try World.run(transport) { world in
      let page = try world.session()
      let connection = try RawHTTP(world.tool.base)
      func post(_ chunks: [[UInt8]]) throws -> HTTPResponse? {
        connection.write(
          "POST \(world.tool.base.path)/api/progress HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Authorization: Bearer \(page.token)\r\nTransfer-Encoding: chunked\r\n\r\n")
        for chunk in chunks {
          connection.write(Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [13, 10])
        }
        connection.write("0\r\n\r\n")
        return try connection.response()
      }
      let whole = try post(Self.report.utf8.map { [$0] })
      #expect(whole?.status == 200)
      #expect(try whole?.json["completed"] == 1)
      // The same connection serves on.
      let again = try post([Array(#"{"grain":"bilan","#.utf8), Array(#""status":"completed"}"#.utf8)])
      #expect(try again?.json["completed"] == 2)
      let large = try post([[UInt8]](repeating: [UInt8](repeating: 0x20, count: 32_768), count: 9))
      #expect(Refused(large) == Refused(413, "body_too_large"))
      #expect(try page.progress().status == 200)
    }
  }

  @Test(
    "A refusal that never looks at the body still takes it, and the connection serves on", arguments: Transport.apaches)
  func drained(transport: Transport) throws {
    try World.run(transport) { world in
      let connection = try RawHTTP(world.tool.base)
      for (path, status) in [("/nothing", 404), ("/api/progress", 401), ("/api/nothing", 404), ("/health", 405)] {
        let body = [UInt8](repeating: 0x78, count: 200_000)
        connection.write(
          "POST \(world.tool.base.path)\(path) HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n")
        connection.write(body)
        let answer = try #require(try connection.response(), "\(path)")
        #expect(answer.status == status)
        #expect(answer.code != nil)
      }
      #expect(try !world.tool.log.contains("AH00574"))
    }
  }
}
