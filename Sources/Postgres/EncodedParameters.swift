import CLibPQ
import Glibc

/// A statement's values as PQsendQueryParams wants them, in memory that lives for one call.
struct EncodedParameters {
  private let parameters: [Parameter]
  /// Of all values as C strings and byte strings, each with a NUL behind it.
  private let size: Int

  /// Throws `.decoding` when a text holds a NUL: PostgreSQL's text has none, and libpq would end the value there.
  init(_ parameters: [Parameter]) throws(PostgresError) {
    self.parameters = parameters
    var size = 0
    for index in parameters.indices {
      switch parameters[index] {
      case .null: break
      case .text(let text):
        if holdsNUL(text) {
          // The SQLSTATE with which PostgreSQL would refuse it, could it be sent.
          throw PostgresError(
            .decoding, sqlState: "22021", "parameter $\(index + 1) holds a NUL character, which text cannot")
        }
        size += text.utf8.count + 1
      case .bytea(let bytes):
        if Int32(exactly: bytes.count) == nil {
          throw PostgresError(.decoding, "parameter $\(index + 1) is longer than the protocol allows")
        }
        size += bytes.count + 1
      }
    }
    self.size = size
  }

  /// PQsendQueryParams: 1 when libpq has taken the statement.
  func send(_ sql: String, on handle: OpaquePointer) -> Int32 {
    guard let count = Int32(exactly: parameters.count) else { return 0 }
    return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: parameters.count) { values in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: 3 * parameters.count) { numbers in
        withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) { bytes in
          values.initialize(repeating: nil)
          numbers.initialize(repeating: 0)
          encode(values: values, numbers: numbers, bytes: bytes)
          guard let base = numbers.baseAddress else { return PQsendQueryParams(handle, sql, 0, nil, nil, nil, nil, 0) }
          return base.withMemoryRebound(to: Oid.self, capacity: parameters.count) { types in
            PQsendQueryParams(
              handle, sql, count, types, values.baseAddress, base + parameters.count, base + 2 * parameters.count, 0)
          }
        }
      }
    }
  }

  /// `numbers` holds the types, then the lengths, then the formats.
  private func encode(
    values: UnsafeMutableBufferPointer<UnsafePointer<CChar>?>, numbers: UnsafeMutableBufferPointer<Int32>,
    bytes: UnsafeMutableRawBufferPointer
  ) {
    var end = 0
    func put(_ source: UnsafeRawBufferPointer, at index: Int) {
      values[index] = bytes.baseAddress.map { UnsafePointer(($0 + end).assumingMemoryBound(to: CChar.self)) }
      for byte in source {
        bytes[end] = byte
        end += 1
      }
      bytes[end] = 0
      end += 1
    }
    for index in parameters.indices {
      switch parameters[index] {
      case .null: break
      case .text(var text):
        text.withUTF8 { put(UnsafeRawBufferPointer($0), at: index) }
      case .bytea(let value):
        numbers[index] = Int32(TypeOID.bytea)
        numbers[parameters.count + index] = Int32(value.count)
        numbers[2 * parameters.count + index] = 1
        value.withUnsafeBytes { put($0, at: index) }
      }
    }
  }
}

/// Whether a C function would take less than the whole string.
func holdsNUL(_ text: String) -> Bool {
  var text = text
  return text.withUTF8 { bytes in
    guard let start = bytes.baseAddress else { return false }
    return memchr(start, 0, bytes.count) != nil
  }
}
