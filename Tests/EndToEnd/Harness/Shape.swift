import Foundation
import Postgres
import Testing

/// In whose collections Passerelle lives: the same scenarios run in its own and in adopted ones.
enum Shape: String, CaseIterable, Sendable, CustomTestStringConvertible {
  /// The five tables of the migrations.
  case own
  /// A French institution's: integer keys, names in two columns, its own `modules` and `grains`, `statut = 'termine'`.
  case french
  /// People in `directus_users`, uuid keys without a default, completion as a date, grains by a slug in a text.
  case directusUsers = "directus_users"

  var testDescription: String {
    switch self {
    case .own: "its own collections"
    case .french: "a French institution's collections"
    case .directusUsers: "directus_users and lessons"
    }
  }

  /// The map of Tests/Fixtures/adoption; nil where nothing is adopted.
  var map: String? { self == .own ? nil : Stack.fixtures.appending(path: "adoption/\(rawValue).map").path }

  /// The scripts that make what was there before.
  func scripts() throws -> [String] {
    let names: [String] =
      switch self {
      case .own: []
      case .french: ["adoption/french"]
      case .directusUsers: ["directus/system_tables_12", "adoption/directus_users"]
      }
    return try names.map { try Stack.fixture($0 + ".sql") }
  }

  /// Where progress is.
  var progressTable: String {
    switch self {
    case .own: "progress"
    case .french: "progressions"
    case .directusUsers: "lesson_progress"
    }
  }

  /// Whether a person's name is one column, or made of two.
  var hasWholeName: Bool { self == .own }
  /// Whether an address that changes in Moodle changes here: not where people sign in with it.
  var takesMoodlesAddress: Bool { self != .directusUsers }
}

/// Over which transport and in whose collections a scenario runs.
struct Stage: Sendable, CustomTestStringConvertible {
  let transport: Transport
  let shape: Shape

  var testDescription: String { "\(transport.testDescription), \(shape.testDescription)" }

  private static func stages(_ transports: [Transport], adopted: Transport) -> [Stage] {
    transports.map { Stage(transport: $0, shape: .own) }
      + Shape.allCases.filter { $0 != .own }.map { Stage(transport: adopted, shape: $0) }
  }

  /// Every transport in its own collections, every shape in the test's process: what differs is SQL.
  static let allCases = stages(Transport.allCases, adopted: .inProcess)
  /// The same with one kind of Apache.
  static let both = stages(Transport.both, adopted: .inProcess)
  /// The main job, for which nothing is left out: every way, and every shape through Apache.
  static let journeys = stages(Transport.withProgram + [.tls], adopted: .event)
  /// The shapes in the test's process.
  static let shapes = Shape.allCases.map { Stage(transport: .inProcess, shape: $0) }
}
