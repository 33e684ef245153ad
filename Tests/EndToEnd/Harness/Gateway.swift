import DemoMoodle
import Synchronization
import Wire

/// A small web server in front of the program, which can be told to be badly configured.
final class Gateway: Site {
  private let tool: Tool
  private let dropsAuthorization = Mutex(false)
  private let hasSecondDoor = Mutex(false)
  private let progressStatus = Mutex<Int?>(nil)

  init(_ tool: Tool) { self.tool = tool }

  /// Keeps `Authorization` from the program from now on, as Apache does without `CGIPassAuth`.
  func dropAuthorization() { dropsAuthorization.withLock { $0 = true } }

  /// Answers at /cgi-bin/passerelle.cgi, too, as Debian's serve-cgi-bin.conf does.
  func openSecondDoor() { hasSecondDoor.withLock { $0 = true } }

  /// Answers calls of the progress with this status from now on, as something that breaks before the program judges.
  func answerProgress(status: Int) { progressStatus.withLock { $0 = status } }

  func moveTo(wwwroot: String) {}

  func respond(to request: MoodleRequest, waiting: (Int) -> Bool) -> Delivery {
    var fields = request.fields
    let door = "/cgi-bin/passerelle.cgi"
    let script = hasSecondDoor.withLock { $0 } && request.path.hasPrefix(door) ? door : "/passerelle"
    if request.path.hasSuffix("/api/progress"), let status = progressStatus.withLock({ $0 }) {
      return Delivery(MoodleResponse(status: status, contentType: nil))
    }
    if dropsAuthorization.withLock({ $0 }) {
      fields = HTTPFields(fields.all.filter { $0.name.lowercased() != "authorization" }.map { ($0.name, $0.value) })
    }
    let variables = CGIVariables.make(
      method: request.method, pathInfo: String(request.path.dropFirst(script.count)), query: request.query,
      fields: fields, bodyLength: request.body.isEmpty ? nil : request.body.count)
    guard let run = try? tool.run(variables, body: request.body), let answer = CGIVariables.response(of: run.output)
    else { return Delivery(nil) }
    return Delivery(
      MoodleResponse(
        status: answer.status, contentType: nil, body: answer.body,
        fields: answer.fields.all.map { ($0.name, $0.value) }))
  }

  func delivered(_ delivery: Delivery) {}

  func now() -> Instant { Instant.now() }
}
