import DemoMoodle
import Foundation
import JOSE
import Synchronization
import Wire

/// A Moodle-like site that can be restarted on its port, and that can lose sight of the tool's key set.
final class SoakMoodle: Sendable {
  let platform: Platform
  /// The site's address.
  let url: String
  private let server: Mutex<Server>
  private let keys: KeySetSwitch

  /// Whether the tool's key set can be fetched.
  final class KeySetSwitch: Sendable {
    private let state = Mutex((isDown: false, failures: 0))
    var isDown: Bool {
      get { state.withLock { $0.isDown } }
      set { state.withLock { $0.isDown = newValue } }
    }
    /// How many fetches failed because it was down.
    var failures: Int { state.withLock { $0.failures } }

    func send(_ request: HTTPRequest) throws(TransportFailure) -> HTTPResponse {
      let fails = state.withLock { state in
        if state.isDown { state.failures += 1 }
        return state.isDown
      }
      if fails { throw .connectFailed(errno: ECONNREFUSED) }
      return try PlainHTTP.send(request, timeout: 1500)
    }
  }

  init(tool base: String, learners: Int, seed: UInt64) throws {
    let keys = KeySetSwitch()
    var configuration = PlatformConfiguration(
      tool: .passerelle(at: base), activities: [.module("soak")], people: Person.learners(learners))
    configuration.send = { (request) throws(TransportFailure) in try keys.send(request) }
    self.keys = keys
    platform = try Platform(configuration)
    platform.withFaults { $0.reseed(seed) }
    let first = try Server.start(platform)
    url = first.url
    server = Mutex(first)
  }

  /// Stops as a crash would, stays away for a while, and comes back with its gradebook.
  func restart(awayFor milliseconds: Int) throws {
    try server.withLock { server in
      server.stop(grace: 0)
      usleep(UInt32(milliseconds) * 1000)
      server = try Server.start(platform, port: server.port)
    }
  }

  /// The tool cannot be asked for its keys for a while, and everybody needs a new token.
  func loseKeySet(for milliseconds: Int) {
    keys.isDown = true
    platform.forgetToolKeys()
    platform.revokeTokens()
    usleep(UInt32(milliseconds) * 1000)
    keys.isDown = false
  }

  /// How often the tool's key set could not be fetched.
  var keySetFailures: Int { keys.failures }

  func stop() { server.withLock { $0.stop(grace: 0) } }
}
