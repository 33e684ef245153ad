import DemoMoodle
import Foundation
import TestSupport

/// A Directus that answers as a real one was recorded to, and the options by which the command gets there.
final class RunningDirectus {
  let options: [String]
  private let server: Server
  private let token: String

  init(_ site: FakeDirectus = FakeDirectus()) throws {
    server = try Server.start(site)
    token = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)").path
    options = ["--directus-url", server.url, "--directus-token-file", token]
    try FakeDirectus.token.write(toFile: token, atomically: true, encoding: .utf8)
  }

  func stop() {
    server.stop(grace: 0)
    try? FileManager.default.removeItem(atPath: token)
  }
}
