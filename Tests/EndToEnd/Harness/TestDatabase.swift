import Foundation
import Postgres
import Store
import TestSupport

/// A database of its own for one world, copied from a migrated template.
final class TestDatabase: @unchecked Sendable {
  private let scratch: ScratchDatabase
  private let lock = NSLock()

  /// The database's name.
  var name: String { scratch.name }

  /// Seals the template's tool key; the same in every world, because the template is.
  static let secret = String(repeating: "5e", count: 32)

  /// The module that every world begins with, and its grains.
  static let module = "decouverte"
  static let grains = ["accueil", "vocabulaire", "exercice", "bilan"]

  private static let ownTemplate = Result { try makeTemplate(.own) }
  private static let frenchTemplate = Result { try makeTemplate(.french) }
  private static let directusUsersTemplate = Result { try makeTemplate(.directusUsers) }

  private static func template(_ shape: Shape) throws -> String {
    switch shape {
    case .own: try ownTemplate.get()
    case .french: try frenchTemplate.get()
    case .directusUsers: try directusUsersTemplate.get()
    }
  }

  /// A copy of the shape's template: migrated or adopted, with a tool key and one module of four grains of weight 1.
  init(_ shape: Shape = .own) throws {
    scratch = try ScratchDatabase(prefix: "e2e", template: Self.template(shape))
  }

  /// An empty database.
  static func empty() throws -> TestDatabase { TestDatabase(try ScratchDatabase(prefix: "e2e")) }

  private init(_ scratch: ScratchDatabase) { self.scratch = scratch }

  /// Removes it, whoever is connected.
  func drop() { lock.withLock { scratch.drop() } }

  /// Leaves it to be looked at.
  func keep() { lock.withLock { scratch.keep() } }

  /// One statement on a superuser's session.
  @discardableResult
  func execute(_ statement: Statement) throws -> Int { try withSession { try $0.execute(statement) } }

  /// Several statements.
  func script(_ sql: String) throws { try withSession { try $0.script(sql) } }

  /// The first column of the first row; nil without a row.
  func first<Value: PostgresValue>(_ statement: Statement, as type: Value.Type = Value.self) throws -> Value? {
    try withSession { try $0.first(statement) }
  }

  /// The first column of the only row.
  func value<Value: PostgresValue>(_ statement: Statement, as type: Value.Type = Value.self) throws -> Value {
    try withSession { try $0.value(statement) }
  }

  /// The first column of every row.
  func values<Value: PostgresValue>(_ statement: Statement, as type: Value.Type = Value.self) throws -> [Value] {
    try withSession { try $0.values(statement) }
  }

  /// How many rows a query answers.
  func count(_ statement: Statement) throws -> Int { try withSession { try $0.query(statement).count } }

  /// The program's own statements, on a superuser's session.
  func store<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try withSession { session in try body(Database { () throws(PostgresError) in session }) }
  }

  private func withSession<Value>(_ body: (Connection) throws -> Value) throws -> Value {
    try lock.withLock { try body(scratch.connection) }
  }

  private static func makeTemplate(_ shape: Shape) throws -> String {
    let name = "e2e_template_\(shape.rawValue)_\(ProcessInfo.processInfo.processIdentifier)"
    try ScratchDatabase.administer("drop database if exists \(identifier: name)")
    try ScratchDatabase.administer("create database \(identifier: name) template template0")
    let connection = try ScratchDatabase.connect(name)
    for script in try shape.scripts() { try connection.script(script) }
    // The French shape's names collide: adoption itself migrates. The other one is migrated before.
    if shape != .french { try command(["migrate"], on: name) }
    if let map = shape.map { try command(["directus", "adopt", "--map", map], on: name) }
    try command(["migrate", "--no-directus", "--web-role", Stack.webRole], on: name)
    try connection.execute(StaffEdit.addModule(module, title: "À la découverte").sql(shape))
    for (index, grain) in grains.enumerated() {
      try connection.execute(StaffEdit.addGrain(grain, title: grain.capitalized, sort: index + 1).sql(shape))
    }
    connection.close()
    return name
  }

  private static func command(_ words: [String], on database: String) throws {
    let run = try ProgramRun.run(
      Stack.command, arguments: words,
      environment: [
        ("PASSERELLE_DATABASE_URL", try Stack.direct(database)),
        ("PASSERELLE_BASE_URL", "https://tool.example/passerelle"), ("PASSERELLE_SECRET", secret),
      ])
    guard run.status == 0 else { throw CommandFailed(words: run.errorText) }
  }

  /// A command that makes a template did not succeed.
  struct CommandFailed: Error { let words: String }
}
