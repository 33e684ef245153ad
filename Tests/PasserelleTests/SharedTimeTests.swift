import Glibc
import Testing
import Wire

@testable import Passerelle

/// The time that the calls of one delivery share.
@Suite struct SharedTimeTests {
  private func request() throws -> HTTPRequest {
    HTTPRequest(
      method: "POST", url: try #require(WebURL("https://moodle.example/")), fields: HTTPFields(), body: [])
  }

  @Test("Each call may last as long as the others have left, and nothing is sent when nothing is left")
  func shared() throws {
    var environment = Environment.live(try settings())
    var allowed: [Int] = []
    environment.send = { (_, milliseconds) throws(TransportFailure) in
      allowed.append(milliseconds)
      usleep(300_000)
      return HTTPResponse(status: 200, fields: HTTPFields(), body: [])
    }
    let send = environment.send(until: Deadline(milliseconds: 400))
    _ = try send(try request())
    _ = try send(try request())
    #expect(throws: TransportFailure.timedOut(.connect)) { try send(try request()) }
    #expect(allowed.count == 2)
    #expect(allowed[0] <= 400 && (1...100).contains(allowed[1]))
  }

  @Test("What was not sent cannot have been processed")
  func leavesNoDoubt() {
    #expect(!TransportFailure.timedOut(.connect).mayHaveBeenProcessed)
  }

  @Test("A lease outlasts the longest delivery by ten seconds")
  func lease() throws {
    #expect(GradeCourier.leaseSeconds(try settings()) == 18)
    #expect(GradeCourier.leaseSeconds(try settings(["PASSERELLE_GRADE_TIMEOUT": "2"])) == 12)
  }
}
