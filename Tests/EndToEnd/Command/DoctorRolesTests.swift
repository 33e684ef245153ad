import Foundation
import TestSupport
import Testing

/// What `passerelle doctor` says of the owner's connection and of the web server's.
@Suite(.needsStack) struct DoctorRolesTests {
  @Test("Doctor looks at both roles: rights that lack, another role, another database, a file that others read")
  func doctor() throws {
    try TwoRoles.run { place in
      #expect(try place.run("migrate").status == 0)
      let untold = "wrong web role: the web server connects as \(place.web), which migrate was not told of"
      // One that may not even look is no other case.
      #expect(try place.sentences() == [untold])
      try place.database.script(
        "grant usage on schema passerelle to \(place.web); grant select on all tables in schema passerelle to \(place.web)"
      )
      #expect(try place.sentences() == [untold])
      #expect(try place.run("migrate", "--web-role", place.web).status == 0)
      #expect(try place.sentences() == ["ok web role: \(place.web) has the rights that it needs, and owns nothing"])

      try place.database.execute("grant create on schema public to \(identifier: place.web)")
      #expect(
        try place.sentences() == ["warning web role: \(place.web) may do more than it needs; as their owner run:"])
      try place.database.execute("revoke create on schema public from \(identifier: place.web)")
      try place.database.execute("revoke update on passerelle.sessions from \(identifier: place.web)")
      #expect(
        try place.sentences().first?.contains(
          "has other rights than its statements need: grant update on passerelle.sessions")
          == true)
      #expect(try place.run("migrate").status == 0)
      try place.database.execute("grant \(identifier: place.owner) to \(identifier: place.web)")
      #expect(try place.sentences().first?.contains("first run: revoke \(place.owner) from \(place.web)") == true)
      try place.database.execute("revoke \(identifier: place.owner) from \(identifier: place.web)")

      let other = try TestDatabase()
      defer { other.drop() }
      let elsewhere = [
        "wrong owner: PASSERELLE_OWNER_DATABASE_URL leads to another database than PASSERELLE_DATABASE_URL"
      ]
      #expect(
        try place.sentences(environment: [("PASSERELLE_OWNER_DATABASE_URL", try Stack.direct(other.name))])
          == elsewhere)
      // Nor is one without Passerelle the owner's.
      try place.writeSettings(web: try place.url(place.web, database: "postgres"))
      #expect(try place.sentences() == elsewhere)
      // Nor is another Passerelle's, where the web server's role may read nothing.
      try place.writeSettings(web: try place.url(place.web, database: other.name))
      #expect(try place.sentences() == elsewhere)
      try place.writeSettings(web: try place.url(place.web))
      #expect(
        try place.sentences(environment: [("PASSERELLE_OWNER_DATABASE_URL", try place.url(place.web))])
          == ["wrong owner: the role of PASSERELLE_OWNER_DATABASE_URL does not own Passerelle's tables"])

      let away = [("PASSERELLE_OWNER_DATABASE_URL", "postgresql://x@127.0.0.1:9/x")]
      #expect(
        try place.examine(environment: away).findings(of: "owner").map(\.mend)
          == ["check PASSERELLE_OWNER_DATABASE_URL"])

      try place.write("owner.env", "PASSERELLE_OWNER_DATABASE_URL=\"\(try place.url(place.owner))\"\n", mode: 0o644)
      #expect(try place.sentences().contains { $0.contains("owner.env can be read by others than its owner") })
      // A file that stands beside other settings is not this database's.
      try place.write("owner.env", "nonsense\n", mode: 0o600)
      #expect(try place.sentences().contains { $0.contains("is not KEY=VALUE") })
    }
  }

  @Test("Functions that the owner may not make any more are told with the reason, and with what to do")
  func ownersRights() throws {
    try TwoRoles.run { place in
      #expect(try place.run("migrate", "--web-role", place.web).status == 0)
      try place.database.script("revoke usage on language plpgsql from public")
      let functions = try place.examine()
      #expect(
        functions.findings(of: "schema").contains {
          $0.state == "wrong" && $0.words.hasSuffix("42501 permission denied for language plpgsql")
            && $0.mend == "check the rights of the program's database role"
        }, "\(functions.run.text)")
    }
  }

  @Test(
    "Root, whom a socket does not let in as the web server's role, has the owner asked, and is told what to run as well",
    .enabled(if: geteuid() == 0, "only root is told: run the tests as root"),
    arguments: [("28000", "Peer authentication failed for user \"www-data\""), ("08P01", "unix socket login rejected")])
  func root(sqlState: String, message: String) throws {
    try TwoRoles.run { place in
      #expect(try place.run("migrate", "--web-role", place.web).status == 0)
      let server = try RefusingPostgres(sqlState: sqlState, message, in: place.folder.path)
      defer { server.stop() }
      try place.writeSettings(web: "postgresql://www-data@/passerelle?host=\(place.folder.path)&port=\(server.port)")
      let examination = try place.examine()
      let version: Int = try place.database.value("select current_setting('server_version_num')::integer / 10000")
      #expect(
        examination.findings(of: "database") == [
          .init("ok", "database", "PostgreSQL \(version) answers its owner"),
          .init(
            "warning", "database",
            "as root the web server's own connection cannot be tried: on the socket the kernel says who connects",
            mend: "run as well: runuser -u www-data -- passerelle doctor"),
        ])
      #expect(
        examination.findings(of: "web role") == [
          .init("ok", "web role", "\(place.web) has the rights that it needs, and owns nothing")
        ])
    }
  }

  @Test(
    "A wrong password at a socket is wrong for root, too: the web server would be refused as well",
    .enabled(if: geteuid() == 0, "only root is told: run the tests as root"))
  func wrongPassword() throws {
    try TwoRoles.run { place in
      #expect(try place.run("migrate", "--web-role", place.web).status == 0)
      let server = try RefusingPostgres(
        sqlState: "28P01", "password authentication failed for user \"www-data\"", in: place.folder.path)
      defer { server.stop() }
      try place.writeSettings(web: "postgresql://www-data@/passerelle?host=\(place.folder.path)&port=\(server.port)")
      let found = try place.examine().findings(of: "database")
      #expect(found.map(\.state) == ["wrong"], "\(found)")
      #expect(found.first?.mend.hasPrefix("the password of PASSERELLE_DATABASE_URL is not the role's") == true)
    }
  }
}
