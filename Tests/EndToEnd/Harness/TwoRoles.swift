import Foundation
import TestSupport
import Testing

/// A database that an ordinary role may make things in, beside the web server's, and a folder of settings.
final class TwoRoles {
  let database: TestDatabase
  let folder: URL
  let owner: String
  let web: String
  private let environment: [(String, String)]

  /// Makes them, hands them to `body` and takes them away again.
  /// - Parameter ownersFile: the text of `owner.env`; nil makes none.
  static func run(
    ownersFile: ((String) -> String)? = { "PASSERELLE_OWNER_DATABASE_URL=\"\($0)\"\n" },
    _ body: (TwoRoles) throws -> Void
  ) throws {
    let place = try TwoRoles()
    defer { place.end() }
    if let ownersFile { try place.write("owner.env", ownersFile(try place.url(place.owner)), mode: 0o600) }
    try body(place)
  }

  private init() throws {
    database = try TestDatabase.empty()
    owner = "owner_\(database.name)"
    web = "web_\(database.name)"
    folder = FileManager.default.temporaryDirectory.appending(path: "roles-\(UUID().uuidString)")
    environment = [("PASSERELLE_CONFIG", folder.appending(path: "passerelle.env").path)]
    try database.script(
      """
      create role \(owner) login password 'geheim'; create role \(web) login password 'geheim';
      grant create on database \(database.name) to \(owner); grant create on schema public to \(owner)
      """)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
    try writeSettings(web: try url(web))
  }

  private func end() {
    try? database.script("drop owned by \(owner) cascade; drop owned by \(web) cascade")
    database.drop()
    try? ScratchDatabase.connect("postgres").script("drop role \(owner); drop role \(web)")
    try? FileManager.default.removeItem(at: folder)
  }

  func write(_ name: String, _ text: String, mode: Int) throws {
    let file = folder.appending(path: name)
    try Data(text.utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
  }

  /// Writes the settings that the web server reads, too, with this connection of its own.
  func writeSettings(web url: String) throws {
    try write(
      "passerelle.env",
      """
      PASSERELLE_DATABASE_URL="\(url)"
      PASSERELLE_BASE_URL=https://tool.example/passerelle
      PASSERELLE_SECRET=\(TestDatabase.secret)

      """, mode: 0o644)
  }

  /// The connection of a role; of another database than its own where one is named.
  func url(_ role: String, database name: String? = nil) throws -> String {
    var parts = try #require(URLComponents(string: try Stack.direct(name ?? database.name)))
    parts.user = role
    parts.password = "geheim"
    return try #require(parts.string)
  }

  /// The command with these settings, as this process's user.
  func run(_ words: String..., environment: [(String, String)] = []) throws -> ProgramRun {
    try run(words, environment: environment)
  }

  func run(_ words: [String], environment: [(String, String)] = []) throws -> ProgramRun {
    try ProgramRun.run(Stack.command, arguments: words, environment: self.environment + environment)
  }

  /// The command as a user who may read the settings and no more.
  func runAsNobody(_ words: [String], environment: [(String, String)] = []) throws -> ProgramRun {
    try ProgramRun.commandAsNobody(words, from: folder, environment: self.environment + environment)
  }

  /// What `doctor` finds.
  func examine(environment: [(String, String)] = []) throws -> Examination {
    try Examination { try run($0, environment: environment + $1) }
  }

  /// What it finds as a user who may read the settings and no more.
  func examineAsNobody() throws -> Examination { try Examination { try runAsNobody($0, environment: $1) } }

  /// What it says of both roles, without what to do.
  func sentences(environment: [(String, String)] = []) throws -> [String] {
    try examine(environment: environment).findings.filter { ["owner", "web role"].contains($0.subject) }
      .map { "\($0.state) \($0.subject): \($0.words)" }
  }
}
