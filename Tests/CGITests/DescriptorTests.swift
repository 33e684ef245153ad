import CGI
import Foundation
import Glibc
import Testing

/// What happens on real descriptors: pipes, signals, readers that leave.
@Suite("Descriptors", .serialized)
struct DescriptorTests {
  private static let large = Response(status: 200, body: (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 13) })

  private struct Pipe: Sendable {
    let reader: Int32
    let writer: Int32

    init() throws {
      var ends: [Int32] = [0, 0]
      try #require(Glibc.pipe(&ends) == 0)
      reader = ends[0]
      writer = ends[1]
    }

    /// Waits until nothing more fits, so that whoever writes is held up: at most 10 seconds.
    func waitUntilFull() -> Bool {
      let getPipeSize: Int32 = 1032  // F_GETPIPE_SZ of <fcntl.h>, which the Glibc module leaves out
      let capacity = fcntl(writer, getPipeSize)
      var waiting: Int32 = 0
      for _ in 0..<10_000 {
        if ioctl(reader, UInt(FIONREAD), &waiting) == 0, waiting >= capacity { return true }
        usleep(1_000)
      }
      return false
    }

    /// Everything up to the end, in small reads with pauses, so that the pipe is full most of the time.
    func readAll(pausing microseconds: UInt32 = 0) -> [UInt8] {
      var bytes: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 20_000)
      while true {
        let count = Glibc.read(reader, &chunk, chunk.count)
        guard count > 0 else { return bytes }
        bytes.append(contentsOf: chunk[..<count])
        if microseconds > 0 { usleep(microseconds) }
      }
    }
  }

  /// Runs the body on its own thread and gives a closure that waits for its value.
  private func onThread<T: Sendable>(_ body: @escaping @Sendable () -> T) -> () -> T? {
    let box = Box<T>()
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      box.value = body()
      done.signal()
    }
    return {
      done.wait()
      return box.value
    }
  }

  /// Gives SIGUSR1 a handler without `SA_RESTART`, so that a call it interrupts comes back with EINTR.
  private func handleSignals() {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in }
    sigaction(SIGUSR1, &action, nil)
  }

  private final class Box<T>: @unchecked Sendable {
    var value: T?
  }

  @Test("an answer larger than the pipe arrives whole at a slow reader")
  func slowReader() throws {
    let pipe = try Pipe()
    let written = onThread { [pipe] in
      let isWhole = Self.large.write(to: pipe.writer)
      close(pipe.writer)
      return isWhole
    }
    let isWhole = pipe.readAll(pausing: 500) == Self.large.serialized(includeBody: true)
    #expect(isWhole)
    #expect(written() == true)
    close(pipe.reader)
  }

  @Test("a descriptor that does not block is waited for")
  func nonBlocking() throws {
    let pipe = try Pipe()
    #expect(fcntl(pipe.writer, F_SETFL, O_NONBLOCK) == 0)
    let written = onThread { [pipe] in
      let isWhole = Self.large.write(to: pipe.writer)
      close(pipe.writer)
      return isWhole
    }
    let isWhole = pipe.readAll(pausing: 500) == Self.large.serialized(includeBody: true)
    #expect(isWhole)
    #expect(written() == true)
    close(pipe.reader)
  }

  @Test("signals in the middle of writing lose nothing")
  func signals() throws {
    handleSignals()
    let pipe = try Pipe()
    let identity = Box<pthread_t>()
    let started = DispatchSemaphore(value: 0)
    let written = onThread { [pipe] in
      acceptSignals()
      identity.value = pthread_self()
      started.signal()
      let isWhole = Self.large.write(to: pipe.writer)
      close(pipe.writer)
      return isWhole
    }
    started.wait()
    let writer = try #require(identity.value)
    #expect(pipe.waitUntilFull())
    for _ in 0..<50 {
      usleep(1_000)
      pthread_kill(writer, SIGUSR1)
    }
    let isWhole = pipe.readAll() == Self.large.serialized(includeBody: true)
    #expect(isWhole)
    #expect(written() == true)
    close(pipe.reader)
  }

  @Test("a reader who left is reported, and the process lives")
  func brokenPipe() throws {
    let pipe = try Pipe()
    close(pipe.reader)
    #expect(Response.empty().write(to: pipe.writer) == false)
    close(pipe.writer)
    #expect(Response.empty().write(to: pipe.writer) == false)
  }

  @Test("HEAD writes the head only")
  func head() throws {
    let pipe = try Pipe()
    #expect(Response.text("abc").write(to: pipe.writer, includeBody: false))
    close(pipe.writer)
    #expect(pipe.readAll() == Response.text("abc").serialized(includeBody: false))
    close(pipe.reader)
  }

  @Test("standard input is read piece by piece, through signals, to its end")
  func standardInput() throws {
    handleSignals()
    let pipe = try Pipe()
    let saved = dup(0)
    #expect(dup2(pipe.reader, 0) == 0)
    defer {
      dup2(saved, 0)
      close(saved)
      close(pipe.reader)
    }
    let reader = Box<pthread_t>()
    let started = DispatchSemaphore(value: 0)
    let body = onThread {
      acceptSignals()
      reader.value = pthread_self()
      started.signal()
      let variables = ["REQUEST_METHOD": "POST", "CONTENT_LENGTH": "6"]
      return try? Request(environment: { variables[$0] }).body(limit: 10)
    }
    started.wait()
    let thread = try #require(reader.value)
    for piece in ["ab", "c", "def"] {
      usleep(5_000)
      pthread_kill(thread, SIGUSR1)
      usleep(5_000)
      #expect(Glibc.write(pipe.writer, piece, piece.utf8.count) == piece.utf8.count)
    }
    close(pipe.writer)
    #expect(body() == Array("abcdef".utf8))
  }
}

/// Lets SIGUSR1 through to this thread: threads begun from a test inherit a mask that blocks it.
private func acceptSignals() {
  var set = sigset_t()
  sigemptyset(&set)
  sigaddset(&set, SIGUSR1)
  pthread_sigmask(SIG_UNBLOCK, &set, nil)
}
