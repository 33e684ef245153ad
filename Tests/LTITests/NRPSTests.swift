import LTI
import Testing
import Wire

@Suite("Names and roles")
struct NRPSTests {
  static let address = "http://127.0.0.1:8090/mod/lti/services.php/CourseSection/2/bindings/1/memberships"

  static func url() throws -> WebURL { try #require(WebURL(address)) }

  static func exchange(_ label: String, in file: String = "ags_nrps_tests_5") throws -> Exchange {
    try #require(try Recorded.exchanges(file).first { $0.label == label })
  }

  static func page(_ ids: [String], link: String? = nil) -> HTTPResponse {
    let rows = ids.map { JSONValue.object(["user_id": .string($0), "roles": ["Learner"]]) }
    let body: JSONValue = ["id": .string(address), "members": .array(rows)]
    return .answer(200, body.encoded, link.map { [("Link", $0)] } ?? [])
  }

  static func read(
    _ sent: Sent, url: WebURL? = nil, pages: Int = 40, members: Int = 10_000
  ) throws -> Memberships {
    try NRPS.memberships(
      try url ?? Self.url(), token: "t", pageSize: nil, maximumPages: pages, maximumMembers: members, send: sent.send)
  }

  @Test("a real Moodle's members are read, with their names and short roles")
  func recorded() throws {
    let exchange = try Self.exchange("NRPS v2")
    let sent = Sent(exchange.response)
    let token = try #require(exchange.requestFields["Authorization"]?.split(separator: " ").last.map(String.init))
    let memberships = try NRPS.memberships(try Self.url(), token: token, pageSize: nil, send: sent.send)
    let request = try sent.only()
    #expect(request.method == "GET" && request.url == exchange.url && request.body.isEmpty)
    #expect(request.fields["Accept"] == exchange.requestFields["Accept"])
    #expect(request.fields["Authorization"] == exchange.requestFields["Authorization"])
    #expect(memberships.isComplete)
    #expect(memberships.context?.id == "2" && memberships.context?.title == "Formation")
    let student = try #require(memberships.members.first { $0.userID.value == "3" })
    #expect(student.roles == ["Learner"] && !student.isInstructor && student.status == .active)
    #expect(student.person.name == "Éloïse Lefèvre" && student.person.email == "student1@example.org")
    #expect(student.person.givenName == "Éloïse" && student.person.familyName == "Lefèvre")
    #expect(memberships.members.first { $0.userID.value == "8" }?.isInstructor == true)
  }

  @Test("a non-editing teacher is a learner here, though an instructor at launch; a suspended person is absent")
  func moodleFacts() throws {
    let exchange = try Self.exchange("NRPS with a suspended user", in: "nrps_suspended")
    let members = try Self.read(Sent(exchange.response)).members
    let tutor = try #require(members.first { $0.userID.value == "10" })
    #expect(!tutor.isInstructor)
    #expect(members.first { $0.userID.value == "11" }?.isInstructor == true)
    #expect(try Recorded.accept("launch13_teacher2").isInstructor)
    #expect(try Recorded.accept("launch13_teacher2").subject == tutor.userID)
    #expect(members.map(\.userID.value) == ["6", "5", "11", "3", "4", "8", "10"])
  }

  @Test("pages are followed as a real Moodle links them")
  func recordedPages() throws {
    let first = try Self.exchange("NRPS limit=2")
    let second = try Self.exchange("NRPS limit=2&from=2")
    let sent = Sent(first.response, second.response, Self.page(["901"]))
    let memberships = try NRPS.memberships(try Self.url(), token: "t", pageSize: 2, send: sent.send)
    #expect(
      sent.requests.map(\.url.description) == [
        Self.address + "?limit=2", Self.address + "?limit=2&from=2", Self.address + "?limit=2&from=4",
      ])
    #expect(sent.requests.prefix(2).map(\.url) == [first.url, second.url])
    #expect(sent.requests.allSatisfy { $0.fields["Authorization"] == "Bearer t" && $0.fields["Accept"] != nil })
    #expect(memberships.isComplete && memberships.members.count == 5)
  }

  static let failures: [(String, ServiceFailure)] = [
    ("NRPS application/json", .rejected(status: 400)), ("NRPS no token", .unauthorized),
    ("NRPS with AGS-only token", .unauthorized), ("NRPS POST", .rejected(status: 405)),
    ("NRPS v1 jsonld", .malformed),
  ]

  @Test("recorded refusals are told apart", arguments: failures)
  func failure(label: String, failure: ServiceFailure) throws {
    #expect(throws: failure) { try Self.read(Sent(try Self.exchange(label).response)) }
  }

  /// Fields that link to a next page, and where.
  static let links: [(String, String)] = [
    ("<https://a.example/M?p=2>; rel=\"next\"", "https://a.example/M?p=2"),
    ("<https://a.example/M?p=2>;rel=next", "https://a.example/M?p=2"),
    ("<https://A.example/M?P=%2f&Q=é>; rel=next".replacing("é", with: "%C3%A9"), "https://A.example/M?P=%2f&Q=%C3%A9"),
    ("<?p=2>; rel=next", "https://a.example/Course/2/members?p=2"), ("</x>; rel=next", "https://a.example/x"),
    ("<//a.example/y>; REL=NEXT", "https://a.example/y"), ("<page/2>; rel=next", "https://a.example/Course/2/page/2"),
    ("<../3/./members?p=../2>; rel=next", "https://a.example/Course/3/members?p=../2"),
    ("<../../../..>; rel=next", "https://a.example/"), ("<.>; rel=next", "https://a.example/Course/2/"),
    ("<https://a.example/1>; rel=prev, <https://a.example/3>; rel=next", "https://a.example/3"),
    ("<https://a.example/1,2;x>; title=\"a, b; rel=prev\"; rel=next", "https://a.example/1,2;x"),
    ("<https://a.example/2>; title=\"\\\"; rel=prev, <x>\"; rel=next", "https://a.example/2"),
    ("<https://a.example/2>; rel=\"last next\"; rel=prev", "https://a.example/2"),
    ("<https://a.example/2>; x; y=; title*=UTF-8''%c3%a9 ;\t rel = next ;", "https://a.example/2"),
    (",, <https://a.example/2#part>; rel=next ,", "https://a.example/2"),
    ("<https://a.example/z>; rel=next; anchor=\"/other\", <https://a.example/2>; rel=next", "https://a.example/2"),
    ("<https://a.example/2>; rel=next; anchor=\"\"", "https://a.example/2"),
    ("<https://a.example/2>; rel=next garbage, <https://a.example/3>; rel=last", "https://a.example/2"),
    ("<https://a.example:443/2>; rel=next", "https://a.example:443/2"),
  ]

  @Test("the next page is found as RFC 8288 says, and asked for byte for byte", arguments: links)
  func next(field: String, address: String) throws {
    let sent = Sent(Self.page(["1"], link: field), Self.page(["2"]))
    let url = try #require(WebURL("https://a.example/Course/2/members?q=1"))
    #expect(try Self.read(sent, url: url).members.count == 2)
    #expect(sent.requests.last?.url.description == address)
  }

  @Test("a field that links to no next page ends the list, broken ones too")
  func last() throws {
    for field in [
      "", "<https://a.example/1>; rel=prev", "<https://a.example/1>", "https://a.example/1; rel=next",
      "<https://a.example/1; rel=next", "<https://a.example/1>; rel=prev; rel=next", "<u>; rev=next",
      "<u>; rel=“next”", "<u>; title=\"; rel=next", "<u>; rel=nextpage", "<u>; anchor=\"https://b.example/\"; rel=next",
      "<u>, rel=next",
    ] {
      let sent = Sent(Self.page(["1"], link: field))
      #expect(try Self.read(sent).isComplete, "\(field)")
      _ = try sent.only()
    }
  }

  @Test("the token is never taken to another origin, nor in circles")
  func refusedLinks() throws {
    for target in [
      "http://127.0.0.1:8091/x", "https://127.0.0.1:8090/x", "http://localhost:8090/x", "//evil.example/x",
      "http://user@127.0.0.1:8090/x", "javascript:alert(1)", "file:///etc/passwd",
      "http://127.0.0.1:8090.evil.example/",
      "", "#x", Self.address, "http://[::1/",
    ] {
      let sent = Sent(Self.page(["1"], link: "<\(target)>; rel=next"), Self.page(["2"]))
      #expect(throws: ServiceFailure.malformed, "\(target)") { try Self.read(sent) }
      _ = try sent.only()
    }
  }

  @Test("pages and members are bounded, and the list then says that it is not whole")
  func limits() throws {
    let pages = (1...5).map { Self.page(["\($0)a", "\($0)b"], link: "<?p=\($0)>; rel=next") }
    let byPages = Sent(pages[0], pages[1], pages[2])
    let three = try Self.read(byPages, pages: 3)
    #expect(three.members.count == 6 && !three.isComplete && byPages.requests.count == 3)
    let byMembers = Sent(pages[0], pages[1])
    let few = try Self.read(byMembers, members: 3)
    #expect(few.members.map(\.userID.value) == ["1a", "1b", "2a"] && !few.isComplete)
    #expect(byMembers.requests.count == 2)
    #expect(try !Self.read(Sent(Self.page(["1", "2", "3"])), members: 2).isComplete)
    #expect(try Self.read(Sent(Self.page(["1", "2"])), members: 2).isComplete)
  }

  @Test("a person whom shifting pages show twice is there once")
  func duplicates() throws {
    let sent = Sent(Self.page(["1", "2"], link: "<?p=2>; rel=next"), Self.page(["2", "3"]))
    #expect(try Self.read(sent).members.map(\.userID.value) == ["1", "2", "3"])
  }

  @Test("what a page must say must be there and of its type")
  func malformed() throws {
    let member: JSONObject = ["user_id": "3", "roles": ["Learner"]]
    func page(_ change: (inout JSONObject) -> Void) -> Sent {
      var row = member
      change(&row)
      return Sent(.answer(200, JSONValue.object(["members": [.object(row)]]).encoded))
    }
    #expect(try Self.read(page { _ in }).members.count == 1)
    #expect(try Self.read(page { $0["user_id"] = 3 }).members.first?.userID.value == "3")
    #expect(try Self.read(page { $0["status"] = "Inactive" }).members.first?.status == .inactive)
    #expect(
      try Self.read(page { $0["roles"] = ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"] })
        .members.first?.isInstructor == true)
    let changes: [@Sendable (inout JSONObject) -> Void] = [
      { $0["user_id"] = nil }, { $0["user_id"] = "" }, { $0["user_id"] = 3.5 }, { $0["roles"] = nil },
      { $0["roles"] = "Learner" }, { $0["roles"] = [1] }, { $0["roles"] = ["Learner\u{0}"] },
      { $0["user_id"] = "3\u{0}" }, { $0["status"] = "Asleep" }, { $0["status"] = 1 },
    ]
    for change in changes { #expect(throws: ServiceFailure.malformed) { try Self.read(page(change)) } }
    for body in ["", "[]", "{}", "{\"members\":{}}", "{\"members\":[1]}", "<html></html>"] {
      #expect(throws: ServiceFailure.malformed) { try Self.read(Sent(.answer(200, body))) }
    }
  }

  @Test("a failure on a later page fails the list, and no member shows in a log")
  func laterFailure() throws {
    let sent = Sent(Self.page(["1"], link: "<?p=2>; rel=next"), .answer(503, "", [("Retry-After", "9")]))
    #expect(throws: ServiceFailure.unavailable(afterSeconds: 9, status: 503)) { try Self.read(sent) }
    #expect(throws: ServiceFailure.transport(.timedOut(.connect))) {
      try Self.read(Sent(failure: .timedOut(.connect)))
    }
    let members = try Self.read(Sent(try Self.exchange("NRPS v2").response)).members
    var dumped = ""
    dump(members, to: &dumped)
    #expect(!"\(members)".contains("Lefèvre") && !dumped.contains("example.org"))
  }
}
