import CTracer
import Glibc

/// A program run under ptrace(2): by another clock than the machine's, or killed at one of its system calls.
struct TracedRun: Sendable {
  /// What it did; of one that was killed, what it had written until then.
  let ended: ProgramRun
  /// How many system calls it entered, loading included.
  let calls: Int
  /// Whether it was killed at one of them.
  let wasKilled: Bool

  /// Starts `path` and feeds it `input` until it has ended or `seconds` have passed.
  /// - Parameters:
  ///   - ahead: how many seconds its clock is ahead of the machine's; behind when negative.
  ///   - call: the system call at which it is killed, counted from 1; 0 lets it live.
  static func run(
    _ path: String, arguments: [String] = [], environment: [(String, String)], input: [UInt8] = [], ahead: Int = 0,
    killedAt call: Int = 0, seconds: Int = 60
  ) throws -> TracedRun {
    _ = ProgramRun.ignoringBrokenPipes
    let pipes = try (0..<3).map { _ in try ProgramRun.makePipe() }
    let words = ([path] + arguments).map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.0)=\($0.1)") } + [nil]
    defer { (words + variables).forEach { free($0) } }
    let ends = [pipes[0].read, pipes[1].write, pipes[2].write]
    let started = tracer_start(path, words, variables, ends, ahead, call)
    let code = errno
    ends.forEach { close($0) }
    guard let tracer = started else {
      [pipes[0].write, pipes[1].read, pipes[2].read].forEach { close($0) }
      throw ProgramRun.Failure.system("tracer_start \(path)", errno: code)
    }
    let written = ProgramRun.exchange(
      input, to: pipes[0].write, from: [pipes[1].read, pipes[2].read], seconds: seconds)
    if written == nil { kill(tracer_process(tracer), SIGKILL) }
    var (calls, wasKilled): (Int, Int32) = (0, 0)
    let status = tracer_wait(tracer, &calls, &wasKilled)
    guard let written else { throw ProgramRun.Failure.endless(path) }
    let signal = status & 0x7F
    return TracedRun(
      ended: ProgramRun(
        status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: written[0], errors: written[1]),
      calls: calls, wasKilled: wasKilled != 0)
  }
}
