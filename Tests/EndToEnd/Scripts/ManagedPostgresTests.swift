import Foundation
import Glibc
import Postgres
import TestSupport
import Testing
import Wire

/// The guide's “A managed PostgreSQL”, word for word, on a server as providers run it.
@Suite(
  .needsStack, .enabled(if: geteuid() == 0 && getpwnam("www-data") != nil, "only root installs: run the tests as root"))
struct ManagedPostgresTests {
  /// The server, run by `Tests/managed-postgres`.
  private final class Server {
    private let process = Process()
    private let orders = Pipe()
    private(set) var values: [String: String] = [:]

    init() throws {
      let output = Pipe()
      process.executableURL = Stack.root.appendingPathComponent("Tests/managed-postgres")
      process.standardInput = orders
      process.standardOutput = output
      try process.run()
      var line: [UInt8] = []
      while let byte = (try output.fileHandleForReading.read(upToCount: 1))?.first {
        guard byte == UInt8(ascii: "\n") else {
          line.append(byte)
          continue
        }
        let text = String(decoding: line, as: UTF8.self)
        if text == "ready" { return }
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        values[parts[0]] = parts.last
        line = []
      }
      throw NotStarted()
    }

    func stop() {
      try? orders.fileHandleForWriting.close()
      process.waitUntilExit()
    }

    struct NotStarted: Error {}
  }

  /// The section's blocks of a language, of the English guide; the French one has the same.
  private static func blocks(_ language: String) throws -> [String] {
    let guide = try Document.text("apache-conf/README.md")
    let start = try #require(guide.range(of: "\n## A managed PostgreSQL\n"))
    let section = guide[start.upperBound...]
    let end = section.range(of: "\n## ")?.lowerBound ?? section.endIndex
    return Document("section.md", String(section[..<end])).blocks.filter { $0.language == language }.map(\.content)
  }

  @Test("Without a superuser, over TLS alone, in a database of somebody else's: the guide ends with doctor content")
  func guide() throws {
    let server = try Server()
    defer { server.stop() }
    let port = try #require(server.values["port"])
    let password = try #require(server.values["password"])
    try World.run(.event, registered: false) { world in
      let files = FileManager.default
      let place = files.temporaryDirectory.appending(path: "managed-\(UUID().uuidString)")
      let settings = place.appending(path: "etc")
      defer { try? files.removeItem(at: place) }
      for folder in [settings, place.appending(path: "bin")] {
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
      }
      for folder in [place, settings, place.appending(path: "bin")] {
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
      }
      let command = place.appending(path: "bin/passerelle")
      try ShellCommand.copyProgram(Stack.command, to: command)
      try files.copyItem(
        at: URL(fileURLWithPath: try #require(server.values["ca"])), to: place.appending(path: "database-ca.pem"))

      // What stands for a name, a password and a folder of the reader's.
      func here(_ text: String) -> String {
        text.replacing("WEB_PASSWORD", with: password).replacing("PASSWORD@", with: password + "@")
          .replacing("db.example.org:5432", with: "localhost:\(port)").replacing("/etc/passerelle", with: settings.path)
      }
      let lines = try Self.blocks("text").map(here)
      try #require(lines.count == 2)
      let web = try #require(lines[0].firstMatch(of: /PASSERELLE_DATABASE_URL="(.*)"/)?.1)
      try world.tool.set("PASSERELLE_DATABASE_URL", String(web))
      func write(_ name: String, _ text: String, mode: Int, group: String) throws {
        let file = settings.appending(path: name)
        try Data(text.utf8).write(to: file)
        try files.setAttributes(
          [.posixPermissions: mode, .ownerAccountName: "root", .groupOwnerAccountName: group], ofItemAtPath: file.path)
      }
      let others = world.tool.settings.filter { $0.0 != "PASSERELLE_DATABASE_URL" }
      try write(
        "passerelle.env", lines[0] + others.map { "\($0.0)=\"\($0.1)\"\n" }.joined(), mode: 0o640, group: "www-data")
      try write("owner.env", lines[1], mode: 0o600, group: "root")

      let script = try Self.blocks("sh").map(here)
      try #require(script.count == 1)
      let run = try ProgramRun.run(
        "/bin/bash", arguments: ["-e", "-c", "cd '\(place.path)'\n" + script[0]],
        environment: [
          ("PATH", "\(place.path)/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
          ("PASSERELLE_CONFIG", settings.appending(path: "passerelle.env").path),
        ], seconds: 180)
      #expect(run.status == 0, "\(run.text) \(run.errorText)")
      #expect(!run.text.contains("WRONG"), "\(run.text)")
      #expect(run.text.contains("granted: grant usage on schema passerelle to passerelle_web"))
      #expect(run.text.contains("ok       web role: passerelle_web has the rights that it needs, and owns nothing"))
      #expect(run.text.contains("warning  owner: only root may read"))
      #expect(run.text.contains("ok       base URL: "))
      #expect(!(run.text + run.errorText).contains(password))

      // And it serves: somebody opens an activity.
      try world.register(world.moodle, by: command.path, settings: settings.appending(path: "passerelle.env").path)
      let page = try world.session()
      #expect(try page.complete("g").json.at("grade.status") == "delivered")

      // Neither role is more than it must be, and nobody comes in the clear.
      let clear = String(web).replacing("sslmode=verify-full", with: "sslmode=disable")
      let refused = caught(PostgresError.self) {
        try Connection(conninfo: clear, applicationName: "tests", connectTimeout: 10_000, queryTimeout: 10_000)
      }
      #expect(refused?.kind == .connection)
      let provider = try Connection(
        conninfo: "host=\(try #require(server.values["sockets"])) port=\(port) user=postgres dbname=passerelle",
        applicationName: "tests", connectTimeout: 10_000, queryTimeout: 10_000)
      defer { provider.close() }
      #expect(
        try provider.values("select rolname::text from pg_roles where rolsuper and rolname !~ '^pg_' order by 1") == [
          "postgres"
        ])
      #expect(
        try provider.value("select datdba::regrole::text from pg_database where datname = 'passerelle'") == "provider")
    }
  }
}

extension World {
  /// Registers a site, a module and a grain with the command of an installation.
  fileprivate func register(_ moodle: Moodle, by command: String, settings: String) throws {
    let tool = moodle.platform.tool
    for words in [
      ["module", "add", "decouverte", "--title", "D"], ["grain", "add", "decouverte", "g", "--title", "G"],
      [
        "platform", "add", "--name", "Moodle", "--issuer", moodle.url, "--client-id", tool.clientID, "--deployment-id",
        String(tool.typeID),
      ],
    ] {
      let run = try ProgramRun.run(command, arguments: words, environment: [("PASSERELLE_CONFIG", settings)])
      #expect(run.status == 0, "\(run.errorText)")
    }
  }
}
