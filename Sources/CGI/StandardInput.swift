import Glibc

/// Standard input, where a CGI program finds the request's body (RFC 3875 §4.2).
package enum StandardInput {
  /// Fills the buffer from a body: the count of bytes, 0 at the end, below 0 on failure.
  package typealias Read = (UnsafeMutableRawBufferPointer) -> Int

  /// `read(2)` on descriptor 0, begun again when a signal interrupts it.
  ///
  /// It waits as long as the web server lets a client take over its body (Apache: `RequestReadTimeout`).
  package static func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      let count = Glibc.read(0, buffer.baseAddress, buffer.count)
      if count < 0, errno == EINTR { continue }
      return count
    }
  }
}
