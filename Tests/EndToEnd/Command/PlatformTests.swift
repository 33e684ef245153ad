import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// `passerelle platform`: registering Moodle sites.
@Suite(.needsStack) struct PlatformTests {
  private func row(_ world: World) throws -> String {
    try world.database.value(
      """
      select concat_ws(' ', p.name, p.issuer, r.client_id, r.auth_url, r.token_url, r.jwks_url, d.deployment_id)
      from passerelle.platforms p join passerelle.registrations r on r.platform = p.id
      join passerelle.deployments d on d.registration = r.id
      """)
  }

  @Test(
    "A Moodle needs its address and the two ids that it shows, and the launch works then", arguments: Transport.both)
  func moodle(transport: Transport) throws {
    try World.run(transport, registered: false) { world in
      #expect(Refused(try world.browser().login(world)) == Refused(400, "platform_unknown"))
      let tool = world.moodle.platform.tool
      let added = try world.command(
        "platform", "add", "--name", "Lycée « Été »", "--issuer", world.moodle.url + "/", "--client-id", tool.clientID,
        "--deployment-id", "1")
      #expect(added.status == 0, "\(added.errorText)")
      let site = world.moodle.url
      #expect(
        try row(world)
          == "Lycée « Été » \(site) \(tool.clientID) \(site)/mod/lti/auth.php \(site)/mod/lti/token.php \(site)/mod/lti/certs.php 1"
      )
      for address in [tool.baseURL, tool.initiateLoginURL, tool.redirectURIs[0], tool.keysetURL] {
        #expect(added.text.contains(address))
      }
      #expect(try world.launch().final?.response.status == 303)
    }
  }

  @Test("Another platform is registered with its three addresses")
  func addresses() throws {
    try World.run(.inProcess, registered: false) { world in
      let added = try world.command(
        "platform", "add", "--name", "Canvas", "--issuer", "https://canvas.instructure.example", "--client-id",
        "10000000000001",
        "--deployment-id", "1:abc", "--auth-url", "https://sso.example/authorize", "--token-url",
        "https://sso.example/token",
        "--jwks-url", "https://sso.example/jwks?x=1")
      #expect(added.status == 0, "\(added.errorText)")
      #expect(
        try row(world)
          == "Canvas https://canvas.instructure.example 10000000000001 https://sso.example/authorize https://sso.example/token https://sso.example/jwks?x=1 1:abc"
      )
    }
  }

  @Test("Added again, a platform is known: new client ids and deployments join it, nothing is doubled")
  func again() throws {
    try World.run(.inProcess, registered: false) { world in
      func add(_ client: String, _ deployment: String, name: String = "M") throws -> ProgramRun {
        try world.command(
          "platform", "add", "--name", name, "--issuer", "https://moodle.example", "--client-id", client,
          "--deployment-id", deployment)
      }
      for (client, deployment) in [("a", "1"), ("a", "1"), ("a", "2"), ("b", "1")] {
        let run = try add(client, deployment)
        #expect(run.status == 0)
      }
      #expect(try add("b", "1", name: "Renamed").status == 0)
      #expect(try world.database.values("select name from passerelle.platforms", as: String.self) == ["Renamed"])
      #expect(try world.database.count("select from passerelle.registrations") == 2)
      #expect(try world.database.count("select from passerelle.deployments") == 3)
      let list = try JSONValue(parsing: try world.command("platform", "list", "--json").output).arrayValue ?? []
      #expect(list.count == 1)
      #expect(list.first?["clients"] == 2 && list.first?["deployments"] == 3 && list.first?["enabled"] == true)
      let shown = try JSONValue(parsing: try world.command("platform", "show", "Renamed", "--json").output)
      #expect(shown["registrations"]?.arrayValue?.first?["deployments"] == ["1", "2"])
      #expect(shown.at("tool.initiateLoginUrl")?.stringValue == world.tool.base.description + "/lti/login")
    }
  }

  @Test("Each version's own list is printed to paste: LTI 1.1's, LTI 1.3's, or both; a made secret once")
  func lists() throws {
    try World.run(.inProcess, registered: false) { world in
      let launch = world.tool.base.description + "/lti/launch"
      let fields11 = [
        "Tool URL · URL de l’outil", launch, "LTI 1.0/1.1", "Consumer key · Clef client",
        "Shared secret · Secret partagé",
      ]
      let fields13 = ["Initiate login URL · URL d’initiation de connexion", "/lti/jwks", "Keyset URL"]
      func add(_ words: String...) throws -> String {
        let run = try ProgramRun.run(
          Stack.command,
          arguments: ["platform", "add", "--name", "M", "--issuer", "https://moodle.example"] + words,
          environment: world.administration)
        #expect(run.status == 0, "\(run.errorText)")
        return run.text
      }
      let only11 = try add("--lti11-key", "lycée 1")
      for field in fields11 { #expect(only11.contains(field), "\(field) in \(only11)") }
      for field in fields13 { #expect(!only11.contains(field), "\(field) in \(only11)") }
      let secret = try #require(only11.firstMatch(of: /shared secret ([A-Za-z0-9_-]{32})/)).1
      #expect(only11.components(separatedBy: secret).count == 2 && only11.contains("lycée 1"))

      let only13 = try add("--client-id", "c", "--deployment-id", "1")
      for field in fields13 { #expect(only13.contains(field), "\(field) in \(only13)") }
      #expect(!only13.contains("Consumer key") && !only13.contains("LTI 1.0/1.1"))

      let both = try add("--client-id", "c", "--deployment-id", "1", "--lti11-key", "zwei")
      for field in fields11 + fields13 { #expect(both.contains(field), "\(field) in \(both)") }
      let shown = try world.command("platform", "show", "M").text
      for field in fields11 + fields13 + ["lycée 1", "zwei"] { #expect(shown.contains(field), "\(field) in \(shown)") }
      #expect(!shown.contains(secret))

      // One that is known for LTI 1.1 alone is told nothing about key sets.
      let other = try world.command(
        "platform", "add", "--name", "Old", "--issuer", "https://old.example", "--lti11-key", "old")
      #expect(other.status == 0)
      let old = try world.command("platform", "show", "Old").text
      #expect(old.contains("Consumer key") && !old.contains("/lti/jwks"), "\(old)")
    }
  }

  @Test("Addresses with accents are taken, and stored as DNS and HTTP have them")
  func accents() throws {
    try World.run(.inProcess, registered: false) { world in
      try world.tool.set("PASSERELLE_ALLOW_INSECURE_HTTP", nil)
      try world.tool.set("PASSERELLE_BASE_URL", "https://lti.example.org/passerelle")
      let added = try world.command(
        "platform", "add", "--name", "M", "--issuer", " https://école.example/été/", "--client-id", "a",
        "--deployment-id", "1")
      #expect(added.status == 0, "\(added.errorText)")
      func issuer() throws -> String { try world.database.value("select issuer from passerelle.platforms") }
      #expect(try issuer() == "https://xn--cole-9oa.example/%C3%A9t%C3%A9")
      let moved = try world.command(
        "platform", "move", "--different-keys", "https://école.example/été/", "https://lycée.example/été/ ")
      #expect(moved.status == 0, "\(moved.errorText)")
      #expect(try issuer() == "https://xn--lyce-dpa.example/%C3%A9t%C3%A9")
    }
  }

  @Test("Addresses that cannot be meant are refused and nothing is stored")
  func refused() throws {
    try World.run(.inProcess, registered: false) { world in
      try world.tool.set("PASSERELLE_ALLOW_INSECURE_HTTP", nil)
      try world.tool.set("PASSERELLE_BASE_URL", "https://lti.example.org/passerelle")
      for issuer in [
        "http://moodle.example", "moodle.example", "ftp://moodle.example", "", "https://",
        "https://moodle.example/?redirect=0", "https://moodle.example/#", "https://moodle.example?",
      ] {
        let run = try world.command(
          "platform", "add", "--name", "M", "--issuer", issuer, "--client-id", "a", "--deployment-id", "1")
        #expect(run.status == 1 && run.errorText.contains("--issuer"), "\(issuer)")
      }
      for (client, deployment) in [("", "1"), ("a", ""), (String(repeating: "x", count: 256), "1"), ("a\nb", "1")] {
        let run = try world.command(
          "platform", "add", "--name", "M", "--issuer", "https://moodle.example", "--client-id", client,
          "--deployment-id", deployment)
        #expect(run.status == 1)
      }
      for name in ["", " "] {
        let run = try world.command(
          "platform", "add", "--name", name, "--issuer", "https://moodle.example", "--lti11-key", "key")
        #expect(run.status == 64 && run.errorText.contains("--name"))
      }
      #expect(try world.database.count("select from passerelle.platforms") == 0)
    }
  }

  @Test("A consumer key that is another platform's is refused before anything is stored, LTI 1.3 included")
  func consumerKeyTaken() throws {
    try World.run(.inProcess) { world in
      #expect(try world.command("platform", "add", "--issuer", world.moodle.url, "--lti11-key", "lycee").status == 0)
      let run = try world.command(
        "platform", "add", "--name", "Other", "--issuer", "https://other.example", "--client-id", "a",
        "--deployment-id", "1", "--lti11-key", "lycee")
      #expect(run.status == 1 && run.text.isEmpty && run.errorText.contains("lycee"))
      #expect(try world.database.count("select from passerelle.platforms") == 1)
      #expect(try world.database.count("select from passerelle.registrations") == 1)
    }
  }

  @Test("A platform is found by name, issuer or id; one that is meant by two names must be told apart")
  func finding() throws {
    try World.run(.inProcess) { world in
      let id: String = try world.database.value("select id::text from passerelle.platforms")
      for name in ["Moodle", world.moodle.url, id] {
        #expect(try world.command("platform", "disable", name).status == 0)
        #expect(try world.database.value("select enabled from passerelle.platforms") == false)
        #expect(try world.command("platform", "enable", name).status == 0)
        #expect(try world.command("platform", "show", name).text.contains(world.moodle.url))
      }
      try world.database.execute(
        "insert into passerelle.platforms (name, issuer) values ('Moodle', 'https://two.example')")
      let both = try world.command("platform", "disable", "Moodle")
      #expect(both.status == 1 && both.errorText.contains("issuer"))
      #expect(try world.database.count("select from passerelle.platforms where enabled") == 2)
      let unknown = try world.command("platform", "show", "Noodle")
      #expect(unknown.status == 1 && unknown.errorText.contains("Moodle"))
    }
  }

  @Test(
    "An issuer with capitals, a port that goes without saying or a page's address is taken with a warning",
    arguments: [
      ("https://Moodle.Example.org", "capitals"), ("HTTPS://moodle.example.org", "capitals"),
      ("https://moodle.example.org:443", "the port 443"),
      ("https://moodle.example.org/mod/lti/auth.php", "a page below the site"),
    ])
  func oddIssuers(_ issuer: String, _ words: String) throws {
    try World.run(.inProcess, registered: false) { world in
      func add(_ issuer: String, client: String = "c") throws -> ProgramRun {
        try world.command(
          "platform", "add", "--name", "M", "--issuer", issuer, "--client-id", client, "--deployment-id", "1")
      }
      let odd = try add(issuer)
      #expect(
        odd.status == 0 && odd.errorText.contains("passerelle: warning: the issuer \(issuer)"), "\(odd.errorText)")
      #expect(odd.errorText.contains(words))
      #expect(try add("https://moodle.example.org/moodle", client: "d").errorText == "")
    }
  }

  @Test("An invite says where teachers find the tool, in the words of Moodle")
  func invite() throws {
    try World.run(.inProcess, registered: false) { world in
      let text = try world.command("platform", "invite").text
      #expect(text.contains("“Show in activity chooser and as a preconfigured tool”"))
      #expect(text.contains("« Utilisation de la configuration de l’outil »"))
      #expect(text.contains("“More › LTI External tools”") && text.contains("« Plus › Outils externes LTI »"))
      #expect(try world.command("platform", "invite", "--json").text.split(separator: "\n").count == 1)
    }
  }
}

extension LaunchClient {
  /// The answer to the login that launch.php begins.
  func login(_ world: World) throws -> HTTPResponse {
    var browser = self
    return try browser.submit(try browser.form(of: try browser.begin(user: 3))).response
  }
}
