import Glibc

/// A program run to its end: the environment it got and nothing else, what it read, what it wrote.
struct ProgramRun: Sendable {
  /// Exit status; 128 and the signal's number when a signal ended it.
  let status: Int32
  /// Standard output.
  let output: [UInt8]
  /// Standard error.
  let errors: [UInt8]

  /// Standard output as text.
  var text: String { String(decoding: output, as: UTF8.self) }
  /// Standard error as text.
  var errorText: String { String(decoding: errors, as: UTF8.self) }

  /// The program could not be started or would not end.
  enum Failure: Error {
    case system(String, errno: Int32)
    case endless(String)
  }

  /// Starts `path` and feeds it `input` until it has ended or `seconds` have passed.
  static func run(
    _ path: String, arguments: [String] = [], environment: [(String, String)], input: [UInt8] = [], seconds: Int = 60
  ) throws -> ProgramRun {
    _ = ignoringBrokenPipes
    let pipes = try (0..<3).map { _ in try makePipe() }
    let pid: pid_t
    do {
      pid = try spawn(path, arguments, environment, [pipes[0].read, pipes[1].write, pipes[2].write])
    } catch {
      for pipe in pipes { [pipe.read, pipe.write].forEach { close($0) } }
      throw error
    }
    close(pipes[0].read)
    close(pipes[1].write)
    close(pipes[2].write)
    let written = exchange(input, to: pipes[0].write, from: [pipes[1].read, pipes[2].read], seconds: seconds)
    if written == nil { kill(pid, SIGKILL) }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    guard let written else { throw Failure.endless(path) }
    let signal = status & 0x7F
    let run = ProgramRun(
      status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: written[0], errors: written[1])
    DoctorLedger.note(arguments, run)
    // The doctor says the same once more to somebody whose locale is French; as JSON it would say it in English.
    if DoctorLedger.isKept, arguments.first == "doctor", !environment.contains(where: { $0.0 == "LC_ALL" }) {
      let words = arguments.filter { $0 != "--json" }
      _ = try Self.run(path, arguments: words, environment: environment + [Examination.french], input: input)
    }
    return run
  }

  /// A program may end before it has read everything; that must not end the tests.
  static let ignoringBrokenPipes: Bool = {
    signal(SIGPIPE, SIG_IGN)
    return true
  }()

  /// A socket pair, because it can be closed to other threads' children from its first instant.
  static func makePipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw Failure.system("socketpair", errno: errno)
    }
    return (ends[0], ends[1])
  }

  /// Starts a program that nobody waits for here, with these as its standard input, output and error, and no other
  /// signals blocked or ignored than usual.
  static func spawn(
    _ path: String, _ arguments: [String], _ environment: [(String, String)], _ descriptors: [Int32]
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, descriptor) in descriptors.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
    }
    // The threads that run tests block nearly every signal, and a child inherits that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigaddset(&signals, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var words = ([path] + arguments).map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.0)=\($0.1)") } + [nil]
    defer { (words + variables).forEach { free($0) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, path, &actions, &attributes, &words, &variables)
    guard code == 0 else { throw Failure.system("posix_spawn \(path)", errno: code) }
    return pid
  }

  /// Writes and reads until both outputs have ended; nil when time runs out. Closes what it was given.
  static func exchange(_ input: [UInt8], to sink: Int32, from sources: [Int32], seconds: Int) -> [[UInt8]]? {
    _ = fcntl(sink, F_SETFL, O_NONBLOCK)
    var rest = input[...]
    var open = [sink] + sources
    var read: [[UInt8]] = [[], []]
    defer { open.filter { $0 >= 0 }.forEach { close($0) } }
    var chunk = [UInt8](repeating: 0, count: 65536)
    let deadline = ContinuousClock.now + .seconds(seconds)
    while open[1] >= 0 || open[2] >= 0 {
      if open[0] >= 0, rest.isEmpty {
        close(open[0])
        open[0] = -1
      }
      var waiting = open.enumerated().map {
        pollfd(fd: $0.element, events: Int16($0.offset == 0 ? POLLOUT : POLLIN), revents: 0)
      }
      guard ContinuousClock.now < deadline else { return nil }
      guard poll(&waiting, nfds_t(waiting.count), 1000) > 0 else { continue }
      if waiting[0].revents != 0 {
        let count = rest.withUnsafeBytes { write(sink, $0.baseAddress, min($0.count, 65536)) }
        if count >= 0 { rest = rest.dropFirst(count) } else if errno != EAGAIN { rest = [] }
      }
      for number in 1...2 where waiting[number].revents != 0 {
        let count = Glibc.read(open[number], &chunk, chunk.count)
        if count > 0 {
          read[number - 1] += chunk[..<count]
        } else {
          close(open[number])
          open[number] = -1
        }
      }
    }
    return read
  }
}
