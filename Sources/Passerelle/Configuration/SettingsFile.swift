import Glibc
import Wire

/// The `KEY=VALUE` file that `PASSERELLE_CONFIG` names: `#` comments, blank lines, optional quotes around a value, the
/// form that systemd's `EnvironmentFile` and a shell both read. Besides, `export` before a key, a byte order mark and CRLF, as
/// shells and editors leave them.
package struct SettingsFile: Sendable {
  /// The keys and values, as written.
  package let values: [(name: String, value: String)]

  /// Reads the file.
  package init(path: String) throws(SettingsProblem) {
    let bytes: [UInt8]
    // A settings file is a page or two; anything else is a wrong path.
    do { bytes = try FileContents.bytes(path, limit: 65536) } catch {
      throw .fileUnreadable(path: path, errno: error.errno)
    }
    try self.init(bytes, path: path)
  }

  init(_ bytes: [UInt8], path: String) throws(SettingsProblem) {
    var values: [(name: String, value: String)] = []
    var number = 0
    var rest = bytes[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { rest = bytes[3...] }
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      let line = Self.trimmed(rest[..<end])
      rest = rest[end...].dropFirst()
      number += 1
      guard let first = line.first, first != UInt8(ascii: "#") else { continue }
      guard let equals = line.firstIndex(of: UInt8(ascii: "=")), equals > line.startIndex else {
        throw .fileLine(path: path, line: number)
      }
      var key = Self.trimmed(line[..<equals])
      let export = Array("export".utf8)
      if key.starts(with: export), let after = key.dropFirst(export.count).first, after == 0x20 || after == 0x09 {
        key = Self.trimmed(key.dropFirst(export.count))
      }
      var value = Self.trimmed(line[(equals + 1)...])
      if value.count >= 2, let quote = value.first, quote == value.last,
        quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
      {
        value = value.dropFirst().dropLast()
      }
      values.append((String(decoding: key, as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }
    self.values = values
  }

  /// The last value given to a key, as a shell that sourced the file would have it.
  package subscript(key: String) -> String? {
    values.last { $0.name == key }?.value
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
    let start = bytes.drop(while: isBlank)
    guard let end = start.lastIndex(where: { !isBlank($0) }) else { return [] }
    return start[...end]
  }
}

extension Settings {
  /// The settings of this process: its environment first, then the file that `PASSERELLE_CONFIG` names.
  package static func ofProcess(
    environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
  ) throws(SettingsProblem) -> Settings {
    var file: SettingsFile?
    if let path = environment("PASSERELLE_CONFIG"), !path.isEmpty {
      file = try SettingsFile(path: path)
    }
    return try Settings { key in
      if let value = environment(key), !value.isEmpty { return value }
      return file?[key]
    }
  }

  /// Where the log goes when the settings of this process cannot be used, as far as it can be known then.
  package static func logFileOfProcess(
    environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
  ) -> String? {
    let key = SettingsKey.logFile.rawValue
    if let path = environment(key), !path.isEmpty { return path }
    guard let path = environment("PASSERELLE_CONFIG") else { return nil }
    return (try? SettingsFile(path: path))?[key].flatMap { $0.utf8.starts(with: "/".utf8) ? $0 : nil }
  }
}
