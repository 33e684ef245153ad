import Foundation
import TestSupport

/// The SQL files as they lie in the source.
enum SourceFiles {
  /// The names of a folder of Sources/Schema, in alphabetical order.
  static func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: schema.appendingPathComponent(folder).path).sorted()
  }

  /// The text of a file of Sources/Schema.
  static func text(_ path: String) throws -> String {
    try String(contentsOf: schema.appendingPathComponent(path), encoding: .utf8)
  }

  private static let schema = Stack.root.appendingPathComponent("Sources/Schema")
}
