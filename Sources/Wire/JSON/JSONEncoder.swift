extension JSONValue {
  /// The value as JSON text: compact, one line, members in their order, non-ASCII text as UTF-8.
  ///
  /// Whole numbers below 2^63 have no fraction, others their shortest text that reads back the same. A number that
  /// is not finite has no JSON form (RFC 8259 §6) and becomes `null`.
  package var encoded: String { String(decoding: encodedBytes, as: UTF8.self) }

  /// The value as the bytes of `encoded`, ready to be a message body.
  package var encodedBytes: [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(256)
    encode(into: &output)
    return output
  }

  private func encode(into output: inout [UInt8]) {
    switch self {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let value): Self.encode(value, into: &output)
    case .string(let value): Self.encode(value, into: &output)
    case .array(let elements):
      output.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        element.encode(into: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let object):
      output.append(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        Self.encode(member.key, into: &output)
        output.append(UInt8(ascii: ":"))
        member.value.encode(into: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  private static func encode(_ number: Double, into output: inout [UInt8]) {
    guard number.isFinite else {
      output.append(contentsOf: "null".utf8)
      return
    }
    if let whole = Int64(exactly: number) {
      output.append(contentsOf: whole.description.utf8)
    } else {
      output.append(contentsOf: number.description.utf8)
    }
  }

  private static func encode(_ text: String, into output: inout [UInt8]) {
    var text = text
    output.append(UInt8(ascii: "\""))
    text.withUTF8 { bytes in
      // Runs of bytes that stand for themselves are copied whole.
      var start = 0
      for (index, byte) in bytes.enumerated() where needsEscape(byte) {
        output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<index]))
        escape(byte, into: &output)
        start = index + 1
      }
      output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start...]))
    }
    output.append(UInt8(ascii: "\""))
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
  }

  private static func escape(_ byte: UInt8, into output: inout [UInt8]) {
    output.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
    case 0x0A: output.append(UInt8(ascii: "n"))
    case 0x0D: output.append(UInt8(ascii: "r"))
    case 0x09: output.append(UInt8(ascii: "t"))
    default:
      output.append(contentsOf: "u00".utf8)
      output.append(Hex.digit(byte >> 4))
      output.append(Hex.digit(byte & 15))
    }
  }
}

extension JSONObject {
  /// The object as compact JSON text.
  package var encoded: String { JSONValue.object(self).encoded }

  /// The object as the bytes of `encoded`.
  package var encodedBytes: [UInt8] { JSONValue.object(self).encodedBytes }
}
