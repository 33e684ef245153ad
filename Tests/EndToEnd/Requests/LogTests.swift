import Foundation
import TestSupport
import Testing
import Wire

/// One file, one format, whichever way Apache runs the program.
@Suite(.needsStack) struct LogTests {
  /// A place where the web server's user may make a file.
  private func place() throws -> URL {
    let folder = URL(fileURLWithPath: try Stack.value("STACK_DIR")).appending(path: "log-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
    return folder
  }

  @Test(
    "Each line is in the file that the settings name, dated, with the request that the refusal page shows",
    arguments: [Transport.process, .event, .prefork])
  func file(transport: Transport) throws {
    let folder = try place()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "passerelle.log")
    // Root makes none, so that the web server can.
    if transport == .process { try Data().write(to: path) }
    try World.run(transport, settings: [("PASSERELLE_LOG_FILE", path.path)]) { world in
      let former = try world.tool.log
      _ = try world.launch()
      let refused = try world.send("POST", "/lti/launch", fields: [("Content-Type", "text/plain")])
      let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n").map(String.init)
      #expect(lines.count == 2)
      for line in lines {
        #expect(
          try #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ passerelle: info: [0-9A-Z]{8} .*/#.wholeMatch(in: line) != nil,
          "\(line)")
      }
      #expect(lines[0].contains("launch accepted module=decouverte"))
      let id = try #require(lines[1].split(separator: " ").dropFirst(3).first)
      #expect(lines[1].contains("unsupported_media_type POST /lti/launch"))
      #expect(refused.text.contains("<code>\(id)</code>"))
      #expect(try world.tool.log == former)

      // Renamed, as logrotate does: the next line makes a new file, closed to others.
      guard transport != .process else { return }
      try FileManager.default.moveItem(at: path, to: folder.appending(path: "passerelle.log.1"))
      _ = try world.send("GET", "/nothing")
      #expect(try String(contentsOf: path, encoding: .utf8).contains("not_found GET /nothing"))
      let mode = try FileManager.default.attributesOfItem(atPath: path.path)[.posixPermissions] as? Int
      #expect(mode.map { $0 & 0o007 } == 0)

      // Settings that cannot be used are told in the same place.
      let secret = try #require(world.tool.settings.first { $0.0 == "PASSERELLE_SECRET" }?.1)
      try world.tool.set("PASSERELLE_SECRET", "short")
      let broken = try world.send("GET", "/lti/jwks")
      let told = try String(contentsOf: path, encoding: .utf8)
      let line = try #require(told.split(separator: "\n").last { $0.contains("misconfigured PASSERELLE_SECRET") })
      let reference = try #require(
        line.split(separator: " ").first { $0.wholeMatch(of: /[0-9A-HJKMNP-TV-Z]{8}/) != nil })
      #expect(broken.text.contains("(\(reference))"))
      try world.tool.set("PASSERELLE_SECRET", secret)
    }
  }

  @Test(
    "Where the file cannot be written nothing is lost: the line goes to Apache's error log",
    arguments: Transport.apaches)
  func closed(transport: Transport) throws {
    try World.run(transport, settings: [("PASSERELLE_LOG_FILE", "/nonexistent/passerelle.log")]) { world in
      let answer = try world.send("GET", "/nothing")
      #expect(answer.status == 404)
      let log = try world.tool.log
      #expect(log.contains("passerelle: info: ") && log.contains("not_found GET /nothing"))
    }
  }
}
