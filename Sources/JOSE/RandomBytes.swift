import Glibc

/// That many bytes from the kernel's generator (getrandom(2)), fit for keys, nonces and tokens.
///
/// Linux gives them whatever the load once its pool is initialised, which is long before a web server runs. A kernel
/// without the call ends the process: there is nothing safe to answer.
package func randomBytes(_ count: Int) -> [UInt8] {
  guard count > 0 else { return [] }
  return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
    while filled < count {
      // getentropy(3) is getrandom(2) without partial answers, for 256 bytes at most.
      let length = min(count - filled, 256)
      guard getentropy(buffer.baseAddress.map { $0 + filled }, length) == 0 else { abort() }
      filled += length
    }
  }
}
