import Foundation
import Passerelle
import TestSupport
import Testing
import Wire

/// The client library as Apache serves it from files, and as the CGI answers where there are none.
@Suite(.needsStack) struct ScriptDeliveryTests {
  private static let immutable = "public, max-age=31536000, immutable"

  @Test(
    "Apache serves the script's files, with an ETag, 304, gzip and any origin; the version's never change",
    arguments: ApacheConfigurationTests.Server.allCases)
  func files(_ server: ApacheConfigurationTests.Server) throws {
    for name in ScriptFile.names {
      let url = try server.url + "/" + name
      let answer = try #require(try ShellCommand.curl([url]))
      let file = try #require(ScriptFile(name: name))
      #expect(answer.status == 200 && answer.body == String(decoding: file.bytes, as: UTF8.self), "\(name)")
      #expect(answer.values("Cache-Control") == [file.isImmutable ? Self.immutable : "public, max-age=300"], "\(name)")
      #expect(answer.values("Access-Control-Allow-Origin") == ["*"], "\(name)")
      #expect(answer.values("Cross-Origin-Resource-Policy") == ["cross-origin"], "\(name)")
      #expect(answer.values("X-Content-Type-Options") == ["nosniff"], "\(name)")
      if !name.hasSuffix(".ts") {
        #expect(answer.values("Content-Type") == ["text/javascript; charset=utf-8"], "\(name)")
      }
      // A file has a date; what the program answers has none.
      #expect(answer.values("Last-Modified").count == 1, "\(name)")
      let tag = try #require(answer.values("ETag").first)
      let known = try #require(try ShellCommand.curl(["-H", "If-None-Match: \(tag)", url]))
      #expect(known.status == 304 && known.body.isEmpty, "\(name)")
      guard !name.hasSuffix(".ts") else { continue }
      let zipped = try #require(try ShellCommand.curl(["-H", "Accept-Encoding: gzip", "--compressed", url]))
      #expect(zipped.values("Content-Encoding") == ["gzip"] && zipped.values("ETag") == [tag], "\(name)")
      #expect(zipped.body == answer.body)
      let again = try #require(
        try ShellCommand.curl(["-H", "Accept-Encoding: gzip", "-H", "If-None-Match: \(tag)", url]))
      #expect(again.status == 304, "\(name)")
    }
    let other = try #require(try ShellCommand.curl([try server.url + "/passerelle-scorm-0.0.1.js"]))
    #expect(other.status == 404)
    let outside = try #require(
      try ShellCommand.curl(["--path-as-is", try server.url + "/passerelle-/../../../etc/passwd"]))
    #expect(outside.status >= 400)
  }

  @Test("The program answers the same where there are no files, also 304", arguments: [Transport.inProcess, .process])
  func program(_ transport: Transport) throws {
    try World.run(transport) { world in
      for name in ScriptFile.names {
        let file = try #require(ScriptFile(name: name))
        let answer = try world.send("GET", "/" + name)
        #expect(answer.status == 200 && answer.body == file.bytes, "\(name)")
        #expect(answer.fields["Cache-Control"] == (file.isImmutable ? Self.immutable : "public, max-age=300"))
        #expect(answer.fields["Access-Control-Allow-Origin"] == "*")
        let tag = try #require(answer.fields["ETag"])
        let known = try world.send("GET", "/" + name, fields: [("If-None-Match", tag)])
        #expect(known.status == 304 && known.body.isEmpty && known.fields["ETag"] == tag, "\(name)")
      }
      for path in ["/passerelle-scorm.js", "/passerelle-9.9.9.js", "/passerelle-", "/passerelle-parts-1.0.0.js/x"] {
        #expect(try world.send("GET", path).status == 404, "\(path)")
      }
    }
  }

  @Test("`passerelle script` prints the versioned address with its hash, and writes the files")
  func command() throws {
    try World.run(.inProcess) { world in
      let file = try #require(ScriptFile(name: ScriptFile.versioned))
      let run = try world.command("script")
      #expect(
        run.text
          == "<script src=\"\(world.tool.base)/\(file.name)\" integrity=\"\(file.integrity)\" crossorigin></script>\n",
        "\(run.text) \(run.errorText)")
      let json = try JSONValue(parsing: try world.command("script", "--json").output)
      #expect(json["integrity"] == .string(file.integrity) && json["version"] == .string(Version.current))
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("script-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: folder) }
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let old = folder.appendingPathComponent("passerelle-0.9.0.js")
      try Data("old".utf8).write(to: old)
      #expect(try world.command("script", "--to", folder.path).status == 0)
      #expect(
        try Set(FileManager.default.contentsOfDirectory(atPath: folder.path))
          == Set(ScriptFile.names + ["passerelle-0.9.0.js"]))
      let unwritable = try world.command("script", "--to", old.path + "/x")
      #expect(unwritable.status == 1 && unwritable.errorText.contains("cannot be written"), "\(unwritable.errorText)")
    }
  }
}
