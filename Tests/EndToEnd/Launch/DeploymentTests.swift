import DemoMoodle
import Foundation
import Postgres
import TestSupport
import Testing
import Wire

/// A deployment that nobody has registered: refused, and the log has the command that accepts it.
@Suite(.needsStack) struct DeploymentTests {
  private static let registration: Statement =
    """
    select concat_ws(' ', p.name, p.issuer, r.client_id, r.auth_url, r.token_url, r.jwks_url)
    from passerelle.platforms p join passerelle.registrations r on r.platform = p.id
    """

  @Test(
    "An unknown deployment is refused; the log's line, run as it stands, accepts it and changes nothing else",
    arguments: Transport.allCases)
  func acceptedByTheLogsLine(transport: Transport) throws {
    try World.run(transport) { world in
      let before = try world.database.values(Self.registration, as: String.self)
      // What a shell minds, unless Apache's mod_cgi has escaped it for the log.
      let wild = transport == .prefork ? [] : ["1:a b;$(touch x)&«é»", "l'été"]
      for (number, id) in (["2", "-7", "1:a b;$(touch x)"] + wild).enumerated() {
        func launch() throws -> HTTPResponse {
          let attempt = try Attempt(world)
          return try attempt.present(try attempt.token([(Claim.deploymentID, .string(id))]))
        }
        #expect(Refused(try launch()) == Refused(400, "launch_deployment_unknown"), "\(id)")
        let log = try world.tool.log
        let line = try #require(log.split(separator: "\n").last { $0.contains("to accept it: ") }, "\(log)")
        #expect(line.contains("launch_deployment_unknown"))
        let offered = try #require(line.range(of: "to accept it: "))
        #expect(line[offered.upperBound...].hasPrefix("passerelle platform add --issuer \(world.moodle.url) "))
        #expect(try accept(String(line[offered.upperBound...]), world) == 0, "\(line)")
        #expect(try world.database.count("select from passerelle.deployments") == Int64(number + 2))
        let again = try launch()
        #expect(again.status == 303, "\(id): \(again.text)")
      }
      #expect(try world.database.values(Self.registration, as: String.self) == before)
    }
  }

  /// Runs a line of shell in which `passerelle` is the administrator's command; answers its exit status.
  private func accept(_ line: String, _ world: World) throws -> Int32 {
    let place = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: place) }
    try FileManager.default.createSymbolicLink(
      atPath: place.appendingPathComponent("passerelle").path, withDestinationPath: Stack.command)
    let run = try ProgramRun.run(
      "/bin/sh", arguments: ["-c", "cd \(place.path) && \(line)"],
      environment: world.administration + [("PATH", "\(place.path):/usr/bin:/bin")])
    let left = try FileManager.default.contentsOfDirectory(atPath: place.path)
    #expect(left == ["passerelle"], "the line did more than was meant: \(left)")
    #expect(run.status == 0, "\(run.errorText)")
    return run.status
  }

  @Test("A platform with addresses of its own keeps them when a deployment joins it")
  func addressesStay() throws {
    try World.run(.inProcess, registered: false) { world in
      for issuer in ["https://canvas.instructure.example", "https://lms.example/", "urn:example:lms"] {
        func add(_ words: [String]) throws -> ProgramRun {
          try ProgramRun.run(
            Stack.command, arguments: ["platform", "add", "--issuer", issuer] + words, environment: world.administration
          )
        }
        let first = try add([
          "--name", issuer, "--client-id", "c", "--deployment-id", "1", "--auth-url", "https://sso.example/a",
          "--token-url", "https://sso.example/t", "--jwks-url", "https://sso.example/j", "--really-another",
        ])
        #expect(first.status == 0, "\(first.errorText)")
        let second = try add(["--client-id", "c", "--deployment-id", "2", "--really-another"])
        #expect(second.status == 0, "\(second.errorText)")
        #expect(second.text.contains("known platform: \(issuer)") && second.text.contains("deployment 2 (new)"))
        let rows = try world.database.values(
          """
          select concat_ws(' ', p.name, p.issuer, r.auth_url, r.token_url, r.jwks_url, count(*))
          from passerelle.platforms p join passerelle.registrations r on r.platform = p.id
          join passerelle.deployments d on d.registration = r.id
          where p.issuer = \(issuer) group by p.id, r.id
          """, as: String.self)
        #expect(
          rows == ["\(issuer) \(issuer) https://sso.example/a https://sso.example/t https://sso.example/j 2"])
      }
      // Another client of an issuer that is no address cannot be guessed.
      let guess = try world.command(
        "platform", "add", "--issuer", "urn:example:lms", "--client-id", "other", "--deployment-id", "1")
      #expect(guess.status == 1 && guess.errorText.contains("--auth-url"), "\(guess.errorText)")
      // Said outright, a Moodle's addresses replace those that were given before.
      let moodle = try world.command(
        "platform", "add", "--issuer", "https://canvas.instructure.example", "--client-id", "c", "--deployment-id", "1",
        "--moodle", "--really-another")
      #expect(moodle.status == 0)
      #expect(
        try world.database.values(
          "select auth_url from passerelle.registrations where auth_url like '%canvas%'", as: String.self)
          == ["https://canvas.instructure.example/mod/lti/auth.php"])
    }
  }

  @Test("Only a platform that is known may go without a name; with one it is renamed")
  func names() throws {
    try World.run(.inProcess) { world in
      let unknown = try world.command(
        "platform", "add", "--issuer", "https://moodle.example", "--client-id", "a", "--deployment-id", "1")
      #expect(unknown.status == 1 && unknown.errorText.contains("--name"), "\(unknown.errorText)")
      #expect(unknown.errorText.contains(world.moodle.url))
      let key = try world.command("platform", "add", "--issuer", "https://moodle.example", "--lti11-key", "k")
      #expect(key.status == 1 && key.errorText.contains("--name"))
      #expect(try world.database.count("select from passerelle.platforms") == 1)

      // Copied with a slash, it is the same site.
      let named = try world.command("platform", "add", "--issuer", world.moodle.url + "/", "--lti11-key", "k")
      #expect(named.status == 0 && named.text.contains("known platform: Moodle"), "\(named.text) \(named.errorText)")
      let client = world.moodle.platform.tool.clientID
      let renamed = try world.command(
        "platform", "add", "--name", "Lycée", "--issuer", world.moodle.url, "--client-id", client, "--deployment-id",
        "1")
      #expect(renamed.status == 0 && renamed.text.contains("known platform: Lycée"))
      #expect(try world.database.values("select name from passerelle.platforms", as: String.self) == ["Lycée"])
    }
  }
}
