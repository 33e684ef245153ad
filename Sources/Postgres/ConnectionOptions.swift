import CLibPQ

/// A connection string as libpq has parsed it, kept as C strings: a session that needs nothing changed is opened
/// without a Swift copy of any of them.
final class ConnectionOptions {
  private let entries: UnsafeMutablePointer<PQconninfoOption>

  /// Throws `.connection` when libpq does not understand the string.
  init(parsing conninfo: String) throws(PostgresError) {
    guard !holdsNUL(conninfo) else {
      throw PostgresError(.connection, "the connection string holds a NUL character")
    }
    var message: UnsafeMutablePointer<CChar>?
    guard let entries = PQconninfoParse(conninfo, &message) else {
      let reason = message.map { String(cString: $0) } ?? "out of memory"
      PQfreemem(message)
      let redacted = Redaction.connectionFailure(reason)
      throw PostgresError(.connection, "the connection string cannot be read: \(redacted)")
    }
    self.entries = entries
  }

  deinit { PQconninfoFree(entries) }

  /// The value that the connection string gives, if it gives one.
  func value(_ keyword: String) -> UnsafePointer<CChar>? {
    var found: UnsafePointer<CChar>?
    forEach { name, value in
      if found == nil && Self.equal(name, keyword) { found = value }
    }
    return found
  }

  /// The value as a string.
  func string(_ keyword: String) -> String? { value(keyword).map { String(cString: $0) } }

  /// The options that the connection string gives.
  func forEach(_ body: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Void) {
    var entry = entries
    while let keyword = entry.pointee.keyword {
      if let value = entry.pointee.val { body(keyword, value) }
      entry += 1
    }
  }

  /// How many options the connection string gives.
  var count: Int {
    var count = 0
    forEach { _, _ in count += 1 }
    return count
  }

  private static func equal(_ name: UnsafePointer<CChar>, _ keyword: String) -> Bool {
    var position = name
    for byte in keyword.utf8 {
      guard UInt8(bitPattern: position.pointee) == byte else { return false }
      position += 1
    }
    return position.pointee == 0
  }
}
