import DemoMoodle
import Testing
import Wire

extension World {
  /// What `passerelle platform invite --json` printed.
  struct Invite {
    let invite: String
    let url: String
    let expiresAt: String
  }

  /// Makes an invite with the administrator's command.
  func invite(_ options: String...) throws -> Invite {
    let run = try ProgramRun.run(
      Stack.command, arguments: ["platform", "invite", "--json"] + options, environment: administration)
    #expect(run.status == 0, "\(run.errorText)")
    let answer = try JSONValue(parsing: run.output)
    #expect(answer.objectValue?.members.map(\.key) == ["invite", "url", "expiresAt"])
    return Invite(
      invite: try #require(answer["invite"]?.stringValue), url: try #require(answer["url"]?.stringValue),
      expiresAt: try #require(answer["expiresAt"]?.stringValue))
  }

  /// Opens a registration address as Moodle's frame does, and answers what the tool shows there.
  func register(_ moodle: Moodle, at url: String, updating typeID: Int? = nil, language: String = "fr") throws
    -> HTTPResponse
  {
    let opened = try #require(moodle.platform.beginRegistration(at: url, updating: typeID))
    return try tool.send(HTTPRequest(method: "GET", url: opened, fields: Self.frame(language)))
  }

  /// Opens a registration address with the configuration at `address`.
  func register(at invite: Invite, configuration address: String, token: String? = "a.b.c") throws -> HTTPResponse {
    let url = try #require(WebURL(invite.url)).addingQueryItems(
      [("openid_configuration", address)] + (token.map { [("registration_token", $0)] } ?? []))
    return try tool.send(HTTPRequest(method: "GET", url: url, fields: Self.frame("en")))
  }

  private static func frame(_ language: String) -> HTTPFields {
    HTTPFields([("Accept", "text/html"), ("Accept-Language", language), ("Sec-Fetch-Dest", "iframe")])
  }

  /// How many platforms, registrations and deployments there are, and how many invites were used.
  func registered() throws -> [Int64] {
    try ["platforms", "registrations", "deployments", "invites where used_at is not null"].map {
      try database.value("select count(*) from passerelle.\(unescaped: $0)")
    }
  }
}
