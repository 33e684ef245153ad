import CLibPQ
import Glibc

/// A statement's values as PQsendQueryParams wants them: all bytes in one buffer, and where each value begins.
struct EncodedParameters {
  private var bytes: [UInt8] = []
  /// -1 is NULL.
  private var offsets: [Int] = []
  private var types: [Oid] = []
  private var lengths: [Int32] = []
  private var formats: [Int32] = []

  init(_ parameters: [Parameter]) throws(PostgresError) {
    for (index, parameter) in parameters.enumerated() {
      switch parameter {
      case .null: append(offset: -1, type: 0, length: 0, format: 0)
      case .text(let text):
        let offset = bytes.count
        bytes.append(contentsOf: text.utf8)
        // PostgreSQL's text has no NUL, and libpq would end the value there.
        if bytes[offset...].contains(0) {
          throw PostgresError(.decoding, "parameter $\(index + 1) holds a NUL character, which text cannot")
        }
        bytes.append(0)
        append(offset: offset, type: 0, length: 0, format: 0)
      case .bytea(let value):
        guard let length = Int32(exactly: value.count) else {
          throw PostgresError(.decoding, "parameter $\(index + 1) is longer than the protocol allows")
        }
        append(offset: bytes.count, type: TypeOID.bytea, length: length, format: 1)
        bytes.append(contentsOf: value)
        bytes.append(0)
      }
    }
  }

  private mutating func append(offset: Int, type: Oid, length: Int32, format: Int32) {
    offsets.append(offset)
    types.append(type)
    lengths.append(length)
    formats.append(format)
  }

  /// PQsendQueryParams: 1 when libpq has taken the statement.
  func send(_ sql: String, on handle: OpaquePointer) -> Int32 {
    guard let count = Int32(exactly: offsets.count) else { return 0 }
    return bytes.withUnsafeBytes { buffer in
      let values: [UnsafePointer<CChar>?] = offsets.map { offset in
        offset < 0 ? nil : buffer.baseAddress.map { ($0 + offset).assumingMemoryBound(to: CChar.self) }
      }
      return PQsendQueryParams(handle, sql, count, types, values, lengths, formats, 0)
    }
  }
}
