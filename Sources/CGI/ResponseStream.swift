import Glibc
import Wire

/// A body that is written as it comes, after a response whose own body is empty.
package struct ResponseStream {
  /// How many bytes it has, where that is known: whoever reads fewer knows that something is missing.
  package let length: Int?
  /// Hands piece after piece to `put`, which answers whether there still is a reader; answers whether that was all.
  package let run: (_ put: ([UInt8]) -> Bool) -> Bool

  /// A body of so many bytes, or of nobody knows how many.
  package init(length: Int?, run: @escaping (_ put: ([UInt8]) -> Bool) -> Bool) {
    self.length = length
    self.run = run
  }

  /// How many bytes are gathered before they are written: where the body comes from is seldom kept waiting by a slow reader.
  private static var pieceSize: Int { 1 << 20 }
  /// Milliseconds after which a reader who still has not taken everything counts as gone.
  private static var patience: Int { 60_000 }

  /// Writes the answer's head and, unless `includeBody` is false, the body; it is run to its end in any case.
  ///
  /// - Returns: false when the body broke off before anything was written: then there can be another answer. One that breaks
  ///   off later is shorter than it said.
  package func write(after response: Response, to descriptor: Int32, includeBody: Bool) -> Bool {
    let head = response.serialized(includeBody: false, length: length.map { .exactly($0) } ?? .unknown)
    var hasBegun = false
    var isRead = true
    let deadline = Deadline(milliseconds: Self.patience)
    var gathered: [UInt8] = []
    let isWhole = run { piece in
      guard includeBody else { return true }
      gathered += piece
      if isRead, gathered.count >= Self.pieceSize {
        isRead = Response.write(hasBegun ? gathered : head + gathered, to: descriptor) && !deadline.hasPassed
        hasBegun = true
        gathered.removeAll(keepingCapacity: true)
      }
      return isRead
    }
    guard isWhole || hasBegun else { return false }
    if isRead { _ = Response.write(hasBegun ? gathered : head + gathered, to: descriptor) }
    return true
  }
}
