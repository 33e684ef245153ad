import Wire

extension Platform {
  /// GET …/memberships: names and roles of the course, in the current format or the old JSON-LD one.
  ///
  /// Roles are short names, suspended people are left out, and a non-editing teacher counts as a learner here.
  func members(_ request: MoodleRequest, _ arguments: [String]) throws -> MoodleResponse {
    let tool = try checkTool(request, anyOf: [Scope.members], typeID: arguments.last.flatMap { Int($0) })
    try checkCourse(arguments)
    let url = wwwroot + "/mod/lti/services.php/CourseSection/\(Course.id)/bindings/\(tool.typeID)/memberships"
    let role = request.queryValue("role").map { $0.split(separator: "#").last.map(String.init) ?? $0 }
    let everyone = state.withLock { state in
      state.people.filter { $0.enrolment == .active && (role == nil || role == $0.rosterRole) }
    }
    let from = request.queryValue("from").flatMap { Int($0) } ?? 0
    let limit = request.queryValue("limit").flatMap { Int($0) } ?? 0
    let page = limit > 0 ? Array(everyone.dropFirst(from).prefix(limit)) : Array(everyone.dropFirst(from))
    let linked = request.queryValue("rlid").flatMap { Int($0) }.flatMap { id in
      state.withLock { $0.activities.first { $0.instance == id } }
    }
    var response: MoodleResponse
    if request.fields["Accept"] == Services.membersOldType {
      response = Self.service(oldFormat(page, url: url), type: Services.membersOldType)
    } else {
      let document: JSONValue = [
        "id": .string(url),
        "context": [
          "id": .string(String(Course.id)), "label": .string(Course.shortName), "title": .string(Course.fullName),
        ],
        "members": .array(page.map { .object(member($0, linked: linked, tool: tool)) }),
      ]
      response = Self.service(document, type: Services.membersType)
    }
    if limit > 0, from + limit < everyone.count {
      response.fields.append("Link", "<\(url)?limit=\(limit)&from=\(from + limit)>; rel=\"next\"")
    }
    return response
  }

  private func member(_ person: Person, linked: Activity?, tool: Tool) -> JSONObject {
    var object: JSONObject = ["status": "Active", "roles": [.string(person.rosterRole)]]
    if let linked {
      object["message"] = [
        [
          "https://purl.imsglobal.org/spec/lti/claim/message_type": "LtiResourceLinkRequest",
          "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome": [
            "lis_result_sourcedid": .string(resultSourcedID(person: person, activity: linked, tool: tool)),
            "lis_outcome_service_url": .string(wwwroot + "/mod/lti/service.php"),
          ],
        ]
      ]
    }
    object["user_id"] = .string(String(person.id))
    object["lis_person_sourcedid"] = .string(person.idNumber)
    object["name"] = .string(person.name)
    object["given_name"] = .string(person.givenName)
    object["family_name"] = .string(person.familyName)
    object["email"] = .string(person.email)
    object["ext_user_username"] = .string(person.username)
    return object
  }

  private func oldFormat(_ people: [Person], url: String) -> JSONValue {
    let memberships = people.map { person -> JSONValue in
      [
        "status": "Active", "role": [.string(person.rosterRole)],
        "member": [
          "@type": "LISPerson", "userId": .string(String(person.id)), "sourcedId": .string(person.idNumber),
          "name": .string(person.name), "givenName": .string(person.givenName),
          "familyName": .string(person.familyName), "email": .string(person.email),
          "ext_user_username": .string(person.username),
        ],
      ]
    }
    return [
      "@context": "http://purl.imsglobal.org/ctx/lis/v2/MembershipContainer", "@type": "Page", "@id": .string(url),
      "pageOf": [
        "@type": "LISMembershipContainer",
        "membershipSubject": [
          "@type": "Context", "contextId": .string(String(Course.id)), "membership": .array(memberships),
        ],
      ],
    ]
  }
}
