import DemoMoodle
import Testing
import Wire

@Suite("Names and roles")
struct MembersTests {
  private func members(
    of stage: Stage, _ query: String = "", tool: Int = 1
  ) throws -> (ids: [String], roles: [String], next: String?, status: Int) {
    let token = try stage.token(scope: Scope.members)
    let url =
      query.hasPrefix("http")
      ? query : "\(stage.server.url)/mod/lti/services.php/CourseSection/2/bindings/\(tool)/memberships\(query)"
    let answer = try stage.send("GET", url, fields: [("Authorization", "Bearer " + token)])
    let list = (try? JSONValue(parsing: answer.body))?["members"]?.arrayValue ?? []
    let link = answer.fields["Link"].flatMap { $0.wholeMatch(of: /<([^>]*)>; rel="next"/)?.1 }.map(String.init)
    return (
      list.compactMap { $0["user_id"]?.stringValue }, list.compactMap { $0["roles"]?.arrayValue?.first?.stringValue },
      link, answer.status
    )
  }

  @Test("come page by page: following the Link field gives everybody once, and the last page has none")
  func paging() throws {
    let stage = try Stage(people: Person.everyone + Person.learners(7))
    defer { stage.stop() }
    let everybody = try members(of: stage)
    #expect(everybody.next == nil && everybody.ids.count == 15)
    for limit in [1, 4, 5, 15, 40] {
      var seen: [String] = []
      var pages = 0
      var next: String? = "?limit=\(limit)"
      while let url = next, pages < 20 {
        let page = try members(of: stage, url)
        seen += page.ids
        pages += 1
        next = page.next
      }
      #expect(seen == everybody.ids, "limit \(limit)")
      #expect(pages == (15 + limit - 1) / limit, "limit \(limit)")
    }
  }

  @Test("are filtered by short role and by full URI; a non-editing teacher is a learner; suspended people are absent")
  func roles() throws {
    let stage = try Stage()
    defer { stage.stop() }
    stage.platform.setEnrolment(.suspended, user: 7)
    let instructors = try members(of: stage, "?role=Instructor")
    #expect(instructors.ids == ["8", "11"] && instructors.roles == ["Instructor", "Instructor"])
    let learners = try members(
      of: stage, "?role=http%3A%2F%2Fpurl.imsglobal.org%2Fvocab%2Flis%2Fv2%2Fmembership%23Learner")
    #expect(learners.ids == ["3", "4", "5", "6", "10"])
    #expect(try members(of: stage, "?role=Mentor").ids == [])
  }

  @Test("are another tool's business under another tool's address")
  func otherTool() throws {
    let stage = try Stage()
    defer { stage.stop() }
    #expect(try members(of: stage, tool: 1).status == 200)
    #expect(try members(of: stage, tool: 2).status == 401)
  }
}
