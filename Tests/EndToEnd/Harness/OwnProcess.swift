import CGI

@testable import Passerelle

/// The application in the test's process: what `Application.runProcess` does, with values in place of the process's
/// environment, standard input, standard output and standard error.
enum OwnProcess {
  /// Answers one request.
  /// - Parameters:
  ///   - variables: those of RFC 3875.
  ///   - settings: the environment's settings.
  ///   - log: takes each finished line.
  static func answer(
    _ variables: [(String, String)], body: [UInt8], settings: [(String, String)], log: @escaping (String) -> Void
  ) -> [UInt8] {
    let environment = Dictionary(settings + variables, uniquingKeysWith: { $1 })
    var rest = body[...]
    let request = Request(
      environment: { environment[$0] },
      read: { buffer in
        let count = min(buffer.count, rest.count)
        buffer.copyBytes(from: rest.prefix(count))
        rest = rest.dropFirst(count)
        return count
      })
    let response: Response
    do {
      var world = Environment.live(try Settings.ofProcess { environment[$0] })
      world.log.write = log
      response = Application.answer(Exchange(request: request, environment: world))
    } catch {
      let log = Log(level: .error, write: log)
      log(.error, "misconfigured \(error)")
      response = RefusalAnswer.withoutSettings(.misconfigured(error), to: request, log.request)
    }
    request.drainBody()
    return response.serialized(includeBody: !request.isHead)
  }
}
