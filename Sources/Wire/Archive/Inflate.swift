/// Decompresses DEFLATE (RFC 1951), never beyond what the archive said and the caller allows.
package struct Inflate {
  /// Why the bytes are no DEFLATE stream, or not the one that was announced.
  package enum Problem: Error {
    case broken
    case tooLong
  }

  private let input: UnsafeBufferPointer<UInt8>
  private let limit: Int
  private var offset = 0
  private var bits: UInt32 = 0
  private var bitCount = 0
  private var output: [UInt8] = []

  /// The whole stream, of at most `limit` bytes.
  package static func bytes(of input: ArraySlice<UInt8>, limit: Int) throws(Problem) -> [UInt8] {
    try input.withUnsafeBufferPointer { buffer in
      Result { () throws(Problem) in
        var inflate = Inflate(input: buffer, limit: limit)
        return try inflate.run()
      }
    }.get()
  }

  private init(input: UnsafeBufferPointer<UInt8>, limit: Int) {
    self.input = input
    self.limit = limit
    output.reserveCapacity(min(limit, 1 << 20))
  }

  private mutating func run() throws(Problem) -> [UInt8] {
    var isLast = false
    while !isLast {
      isLast = try take(1) == 1
      switch try take(2) {
      case 0: try stored()
      case 1: try compressed(Self.fixed.0, Self.fixed.1)
      case 2:
        let (literals, distances) = try codes()
        try compressed(literals, distances)
      default: throw .broken
      }
    }
    return output
  }

  /// So many bits, the lowest first (section 3.1.1).
  private mutating func take(_ count: Int) throws(Problem) -> Int {
    while bitCount < count {
      guard offset < input.count else { throw .broken }
      bits |= UInt32(input[offset]) << bitCount
      offset += 1
      bitCount += 8
    }
    let value = bits & ((1 << count) - 1)
    bits >>= count
    bitCount -= count
    return Int(value)
  }

  /// A block without compression (section 3.2.4).
  private mutating func stored() throws(Problem) {
    bits = 0
    bitCount = 0
    guard offset + 4 <= input.count else { throw .broken }
    let length = Int(input[offset]) | Int(input[offset + 1]) << 8
    let complement = Int(input[offset + 2]) | Int(input[offset + 3]) << 8
    offset += 4
    guard length == ~complement & 0xFFFF, offset + length <= input.count else { throw .broken }
    guard output.count + length <= limit else { throw .tooLong }
    output.append(contentsOf: input[offset..<offset + length])
    offset += length
  }

  /// A Huffman code: how many codes there are of each length, and the symbols in their order (section 3.2.2).
  private struct Code {
    var counts = [Int](repeating: 0, count: 16)
    var symbols: [Int]

    init(_ lengths: some Collection<Int>) {
      symbols = [Int](repeating: 0, count: lengths.count)
      for length in lengths { counts[length] += 1 }
      var starts = [Int](repeating: 0, count: 16)
      for length in 1..<15 { starts[length + 1] = starts[length] + counts[length] }
      for (symbol, length) in lengths.enumerated() where length > 0 {
        symbols[starts[length]] = symbol
        starts[length] += 1
      }
    }

    /// The code of lengths that came in; lengths that claim more than there is are those of no code.
    init(checking lengths: some Collection<Int>) throws(Problem) {
      self.init(lengths)
      var left = 1
      for length in 1...15 {
        left = left * 2 - counts[length]
        guard left >= 0 else { throw .broken }
      }
    }
  }

  private mutating func symbol(_ code: Code) throws(Problem) -> Int {
    var value = 0
    var first = 0
    var index = 0
    for length in 1...15 {
      value |= try take(1)
      let count = code.counts[length]
      if value - count < first { return code.symbols[index + value - first] }
      index += count
      first = (first + count) << 1
      value <<= 1
    }
    throw .broken
  }

  /// The codes of a block that brings none (section 3.2.6).
  private static let fixed = (
    Code((0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }), Code(repeatElement(5, count: 30))
  )

  private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

  /// The codes of a block that brings its own (section 3.2.7).
  private mutating func codes() throws(Problem) -> (Code, Code) {
    let literals = try take(5) + 257
    let distances = try take(5) + 1
    let count = try take(4) + 4
    guard literals <= 286, distances <= 30 else { throw .broken }
    var lengths = [Int](repeating: 0, count: 19)
    for index in 0..<count { lengths[Self.order[index]] = try take(3) }
    let code = try Code(checking: lengths)
    var all: [Int] = []
    while all.count < literals + distances {
      let symbol = try symbol(code)
      if symbol < 16 {
        all.append(symbol)
        continue
      }
      var length = 0
      let times: Int
      switch symbol {
      case 16:
        guard let last = all.last else { throw .broken }
        length = last
        times = try take(2) + 3
      case 17: times = try take(3) + 3
      default: times = try take(7) + 11
      }
      guard all.count + times <= literals + distances else { throw .broken }
      all.append(contentsOf: repeatElement(length, count: times))
    }
    guard all[256] > 0 else { throw .broken }
    return (try Code(checking: all[..<literals]), try Code(checking: all[literals...]))
  }

  // Section 3.2.5.
  private static let lengthBases = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
  ]
  private static let lengthBits = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  private static let distanceBases = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
    8193, 12289, 16385, 24577,
  ]

  private mutating func compressed(_ literals: Code, _ distances: Code) throws(Problem) {
    while true {
      let symbol = try symbol(literals)
      if symbol < 256 {
        guard output.count < limit else { throw .tooLong }
        output.append(UInt8(symbol))
        continue
      }
      if symbol == 256 { return }
      guard symbol - 257 < Self.lengthBases.count else { throw .broken }
      let length = Self.lengthBases[symbol - 257] + (try take(Self.lengthBits[symbol - 257]))
      let place = try self.symbol(distances)
      guard place < Self.distanceBases.count else { throw .broken }
      let distance = Self.distanceBases[place] + (try take(place < 2 ? 0 : place / 2 - 1))
      guard distance <= output.count else { throw .broken }
      guard output.count + length <= limit else { throw .tooLong }
      let start = output.count - distance
      for index in 0..<length { output.append(output[start + index]) }
    }
  }
}
