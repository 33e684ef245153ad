import Glibc

extension Response {
  /// Writes the whole answer to a descriptor: one buffer, one loop that goes on after signals, short writes and a full
  /// pipe. `SIGPIPE` is ignored from here on, in the whole process, so that a reader who left does not kill it.
  ///
  /// - Returns: false when the reader went away, or took nothing for 30 seconds.
  @discardableResult
  package func write(to descriptor: Int32, includeBody: Bool = true) -> Bool {
    Self.write(serialized(includeBody: includeBody), to: descriptor)
  }

  /// Writes bytes as ``write(to:includeBody:)`` does.
  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    signal(SIGPIPE, SIG_IGN)
    return bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let slice = UnsafeRawBufferPointer(rebasing: rest)
        let count = Glibc.write(descriptor, slice.baseAddress, slice.count)
        if count > 0 {
          rest = rest.dropFirst(count)
        } else if count < 0, errno == EINTR {
          continue
        } else if count < 0, errno == EAGAIN, waitUntilWritable(descriptor) {
          continue
        } else {
          return false
        }
      }
      return true
    }
  }

  private static func waitUntilWritable(_ descriptor: Int32) -> Bool {
    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    while true {
      let ready = Glibc.poll(&poll, 1, 30_000)
      if ready < 0, errno == EINTR { continue }
      return ready > 0
    }
  }
}
