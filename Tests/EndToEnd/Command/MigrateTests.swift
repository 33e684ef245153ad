import Foundation
import TestSupport
import Testing
import Wire

/// `passerelle migrate`, `key list`, `sweep` and what every command has in common.
@Suite(.needsStack) struct MigrateTests {
  /// The command on a database, with complete settings but for these.
  private func run(
    _ words: [String], on url: String, changing changes: [(String, String?)] = []
  ) throws -> ProgramRun {
    var settings: [(String, String)] = [
      ("PASSERELLE_DATABASE_URL", url), ("PASSERELLE_BASE_URL", "https://lti.example.org/passerelle"),
      ("PASSERELLE_SECRET", TestDatabase.secret),
    ]
    for (key, value) in changes {
      settings.removeAll { $0.0 == key }
      if let value { settings.append((key, value)) }
    }
    return try ProgramRun.run(Stack.command, arguments: words, environment: settings)
  }

  @Test("An empty database is brought up to date through PgBouncer, with one key; a second run changes nothing")
  func migrate() throws {
    let database = try TestDatabase.empty()
    defer { database.drop() }
    let url = try Stack.pooled(database.name)
    let check = try run(["migrate", "--check"], on: url)
    #expect(check.status == 1)
    #expect(check.text.contains("missing: 1 tables") && check.errorText.contains("passerelle migrate"))
    let first = try run(["migrate"], on: url)
    #expect(first.status == 0, "\(first.errorText)")
    #expect(first.text.contains("applied: 1 tables") && first.text.contains("made the tool's key: "))
    let kid: String = try database.value("select kid from passerelle.tool_keys")
    let second = try run(["migrate"], on: url)
    #expect(second.status == 0)
    #expect(!second.text.contains("applied") && !second.text.contains("made"))
    #expect(try database.values("select kid from passerelle.tool_keys", as: String.self) == [kid])
    #expect(try run(["migrate", "--check"], on: url).status == 0)

    let list = try run(["key", "list", "--json"], on: url)
    let keys = try JSONValue(parsing: list.output).arrayValue ?? []
    #expect(keys.count == 1 && keys.first?["kid"]?.stringValue == kid)
    let sealed: [UInt8] = try database.value("select sealed from passerelle.tool_keys")
    #expect(!list.text.contains("\"d\"") && !list.text.contains(Hex.encode(sealed).prefix(40)))
  }

  @Test(
    "First migrations at once all succeed, apply each step once and leave one key",
    arguments: [false, true], ["read committed", "serializable"])
  func atOnce(pooled: Bool, level: String) throws {
    let database = try TestDatabase.empty()
    defer { database.drop() }
    try database.script("alter database \"\(database.name)\" set default_transaction_isolation = '\(level)'")
    let url = try pooled ? Stack.pooled(database.name) : Stack.direct(database.name)
    let runs = try simultaneously(3) { _ in try run(["migrate"], on: url) }.map { try $0.get() }
    #expect(runs.allSatisfy { $0.status == 0 }, "\(runs.map(\.errorText))")
    #expect(try database.count("select from passerelle.tool_keys") == 1)
    #expect(try run(["migrate", "--check"], on: url).status == 0)
  }

  @Test("A database of a newer program is refused and left alone")
  func newer() throws {
    try World.run(.inProcess) { world in
      try world.database.execute("insert into passerelle.migrations (number, name) values (9999, 'future')")
      for words in [["migrate"], ["migrate", "--check"]] {
        let run = try ProgramRun.run(Stack.command, arguments: words, environment: world.administration)
        #expect(run.status == 1 && run.errorText.contains("9999"))
      }
    }
  }

  @Test("Wrong usage is 64, failure 1, help and version 0")
  func exitStatuses() throws {
    try World.run(.inProcess) { world in
      func status(_ words: String...) throws -> Int32 {
        try ProgramRun.run(Stack.command, arguments: words, environment: world.administration).status
      }
      for words in [
        ["frobnicate"], ["migrate", "--nonsense"], ["platform", "add"], ["module", "add"],
        ["grade", "list", "--status", "x"],
        ["grade", "sync", "--limit", "0"], ["learner", "show"], ["grain", "add", "decouverte"],
        ["platform", "add", "--name", "N", "--issuer", "https://m.example", "--client-id", "c"],
        [
          "platform", "add", "--name", "N", "--issuer", "https://m.example", "--client-id", "c", "--deployment-id", "1",
          "--auth-url", "https://m.example/a",
        ],
        ["module", "add", "m", "--title", "T", "--grading", "mean"],
      ] {
        let run = try ProgramRun.run(Stack.command, arguments: words, environment: world.administration)
        #expect(run.status == 64, "\(words) \(run.status)")
        #expect(!run.errorText.isEmpty)
      }
      #expect(try status("platform", "show", "nobody") == 1)
      #expect(try status("learner", "show", "not-an-id") == 1)
      #expect(try status("learner", "show", "00000000-0000-0000-0000-000000000000") == 1)
      #expect(try status("grain", "list", "nowhere") == 1)
      for words in [["--help"], ["help", "platform"], ["--version"], ["platform", "add", "--help"]] {
        let run = try ProgramRun.run(Stack.command, arguments: words, environment: [])
        #expect(run.status == 0 && !run.text.isEmpty, "\(words)")
      }
    }
  }

  @Test("A missing setting or database is named, without any secret")
  func settings() throws {
    let nowhere = "postgresql://postgres:geheim@127.0.0.1:9/postgres"
    for (key, value) in [
      ("PASSERELLE_SECRET", nil), ("PASSERELLE_BASE_URL", nil), ("PASSERELLE_DATABASE_URL", nil),
      ("PASSERELLE_SECRET", "kurz"),
    ] as [(String, String?)] {
      let run = try run(["platform", "list"], on: nowhere, changing: [(key, value)])
      #expect(run.status == 1 && run.errorText.contains(key))
      if let value { #expect(!run.errorText.contains(value)) }
    }
    let away = try run(["platform", "list"], on: nowhere)
    #expect(away.status == 1 && away.errorText.hasPrefix("passerelle: the database: "))
    #expect(!away.errorText.contains("geheim"))
  }

  @Test("Sweep deletes what has expired and leaves the rest")
  func sweep() throws {
    try World.run(.inProcess) { world in
      try world.session().complete("accueil")
      _ = try world.launch()
      _ = try Attempt(world)
      #expect(try world.command("sweep").text.hasPrefix("deleted: 0 states, 0 codes, 0 sessions, 0 tokens"))
      try world.database.script(
        """
        update passerelle.login_states set expires_at = now() - interval '1 s' where consumed_at is null;
        update passerelle.codes set expires_at = now() - interval '1 s';
        update passerelle.sessions set expires_at = now() - interval '1 s';
        update passerelle.access_tokens set expires_at = now() - interval '1 s';
        """)
      let swept = try world.command("sweep")
      #expect(swept.status == 0)
      #expect(swept.text.hasPrefix("deleted: 1 states, 1 codes, 1 sessions, 1 tokens"), "\(swept.text)")
      #expect(try world.database.count("select from passerelle.login_states") == 2)
      #expect(try world.database.count("select from public.progress") == 1)
    }
  }
}
