import DemoMoodle
import Foundation
import Synchronization
import Testing

/// Everything that goes wrong during one wave of the soak test, until it is told to end.
final class SoakChaos: Sendable {
  private let seed: UInt64
  private let restarting: String?
  private let seconds: Int
  private let servers: SoakServers
  private let moodle: SoakMoodle
  private let state = Mutex(State())
  private let finished = DispatchGroup()

  private struct State {
    var isOver = false
    var killed = 0
    var restarts: [String: Int] = [:]
    var failures: [any Error] = []
  }

  /// - Parameters:
  ///   - wave: its number.
  ///   - restarting: the database server that is restarted in the middle of it.
  init(_ plan: SoakPlan, wave: Int, restarting: String?, servers: SoakServers, moodle: SoakMoodle) {
    seed = plan.seed &+ UInt64(wave) &* 1000
    seconds = plan.waveSeconds
    self.restarting = restarting
    self.servers = servers
    self.moodle = moodle
  }

  /// Processes killed.
  var killed: Int { state.withLock { $0.killed } }
  /// Restarts by server.
  var restarts: [String: Int] { state.withLock { $0.restarts } }

  func begin() {
    run(1) { generator in try self.disturbServices(&generator) }
    run(2) { generator in self.killPrograms(&generator) }
    run(3) { generator in try self.restartMoodle(&generator) }
    run(4) { _ in try self.restartDatabase() }
    run(5) { generator in self.hideKeys(&generator) }
  }

  /// Ends all of it and leaves the services sound.
  func end() throws {
    state.withLock { $0.isOver = true }
    finished.wait()
    moodle.platform.withFaults { $0.clear() }
    if let failure = state.withLock({ $0.failures.first }) { throw failure }
  }

  private func run(_ number: UInt64, _ body: @escaping @Sendable (inout SeededGenerator) throws -> Void) {
    let seed = seed &+ number
    finished.enter()
    let thread = Thread {
      var generator = SeededGenerator(seed: seed)
      do { try body(&generator) } catch { self.state.withLock { $0.failures.append(error) } }
      self.finished.leave()
    }
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// Lets time pass; false when all is over.
  private func pass(_ milliseconds: Int) -> Bool {
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    while ContinuousClock.now < end {
      if state.withLock({ $0.isOver }) { return false }
      usleep(20_000)
    }
    return !state.withLock { $0.isOver }
  }

  // MARK: - Moodle's services

  /// Every few seconds another mixture: mostly a few faults of every kind, now and then one service wholly away. None of
  /// them is a refusal for good, which would rightly wait for a person.
  private func disturbServices(_ generator: inout SeededGenerator) throws {
    let usual: [FaultPlan.Chance] = [
      .init(.status(500), probability: 0.05), .init(.status(503, retryAfter: 1), probability: 0.04),
      .init(.status(401), probability: 0.05), .init(.status(409), probability: 0.05),
      .init(.delay(milliseconds: 3500), probability: 0.02),
      .init(.delayAfterStore(milliseconds: 3500), probability: 0.02),
      .init(.cutBeforeStore, probability: 0.05), .init(.cutAfterStore, probability: 0.05),
      .init(.drip(milliseconds: 400), probability: 0.01),
    ]
    let reading: [FaultPlan.Chance] = [
      .init(.status(503), probability: 0.1), .init(.cutBeforeStore, probability: 0.05),
      .init(.delay(milliseconds: 3000), probability: 0.03), .init(.status(401), probability: 0.03),
    ]
    repeat {
      let mood = Int.random(in: 0..<10, using: &generator)
      moodle.platform.withFaults { faults in
        faults.clear()
        faults.setChances(usual, for: .score)
        for endpoint in [Endpoint.results, .lineItem, .lineItems] { faults.setChances(reading, for: endpoint) }
        switch mood {
        case 0: faults.setChances([.init(.status(503), probability: 1)], for: .score)
        case 1: faults.setChances([.init(.cutAfterStore, probability: 0.8)], for: .score)
        case 2: faults.setChances([.init(.delay(milliseconds: 2500), probability: 0.5)], for: .score)
        case 3:
          faults.setChances(
            [.init(.status(500), probability: 0.5), .init(.cutBeforeStore, probability: 0.5)], for: .token)
        case 4: faults.setChances([.init(.status(503), probability: 1)], for: .keySet)
        default: break
        }
      }
      // A token endpoint and a key set are only missed by those who need them.
      if mood == 3 { moodle.platform.revokeTokens() }
      if mood == 4 {
        try servers.query("update passerelle.key_sets set expires_at = now(), attempted_at = null")
      }
    } while pass(Int.random(in: 1500...4000, using: &generator))
  }

  /// The tool's key set is down for a while.
  private func hideKeys(_ generator: inout SeededGenerator) {
    while pass(Int.random(in: 5000...10_000, using: &generator)) {
      moodle.loseKeySet(for: Int.random(in: 500...2500, using: &generator))
    }
  }

  // MARK: - Processes and servers

  private func killPrograms(_ generator: inout SeededGenerator) {
    while pass(Int.random(in: 100...900, using: &generator)) {
      // A program runs for some milliseconds: one is waited for, and then killed at any instant of its life.
      let end = ContinuousClock.now + .milliseconds(500)
      while ContinuousClock.now < end {
        if let victim = servers.programs().randomElement(using: &generator) {
          usleep(UInt32.random(in: 0...12_000, using: &generator))
          if kill(victim, SIGKILL) == 0 { state.withLock { $0.killed += 1 } }
          break
        }
        usleep(500)
      }
    }
  }

  private func restartMoodle(_ generator: inout SeededGenerator) throws {
    while pass(Int.random(in: 6000...14_000, using: &generator)) {
      try moodle.restart(awayFor: Int.random(in: 200...1500, using: &generator))
      state.withLock { $0.restarts["Moodle", default: 0] += 1 }
    }
  }

  private func restartDatabase() throws {
    guard let restarting, pass(seconds * 500) else { return }
    try servers.restart(restarting)
    state.withLock { $0.restarts[restarting, default: 0] += 1 }
  }
}
