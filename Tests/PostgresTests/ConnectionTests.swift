import Foundation
import Postgres
import TestSupport
import Testing

@Suite("A session is opened within its time, with one of the hosts, or refused in plain words", .needsPostgres)
struct ConnectionTests {
  private func open(_ conninfo: String, within milliseconds: Int = 5_000) throws -> Connection {
    try Connection(
      conninfo: conninfo, applicationName: "postgres-tests", connectTimeout: milliseconds, queryTimeout: 5_000)
  }

  private func isUsable(_ connection: Connection) throws -> Bool {
    try connection.query("select true as usable").first?.get("usable") ?? false
  }

  @Test("A silent server costs no more than the connect timeout")
  func silentServer() throws {
    let silent = try DeafPort(listens: true)
    let conninfo = try TestServer.conninfo(hosts: ["127.0.0.1"], ports: [silent.port])
    var error: PostgresError?
    let elapsed = try milliseconds { error = try postgresError { _ = try open(conninfo, within: 300) } }
    #expect(error?.kind == .timeout)
    #expect(error?.description == "PostgreSQL did not accept a session in time")
    #expect((300...1_500).contains(elapsed))
  }

  @Test("A refused port is told at once")
  func refusedPort() throws {
    let closed = try DeafPort(listens: false)
    let error = try postgresError {
      _ = try open(TestServer.conninfo(hosts: ["127.0.0.1"], ports: [closed.port]))
    }
    #expect(error.kind == .connection)
    #expect(error.sqlState == nil)
    #expect(error.description == "no PostgreSQL session: Connection refused")
    #expect(error.debugDetail.contains(closed.port))
  }

  @Test("After a host that refuses, one that is silent and a name that does not exist, the good host is used")
  func nextHost() throws {
    let silent = try DeafPort(listens: true)
    let closed = try DeafPort(listens: false)
    let conninfo = try TestServer.conninfo(
      hosts: ["127.0.0.1", "127.0.0.1", "nowhere.invalid", "127.0.0.1"],
      ports: [closed.port, silent.port, "5432", TestServer.goodPort()])
    var usable = false
    let elapsed = try milliseconds { usable = try isUsable(open(conninfo, within: 6_000)) }
    #expect(usable)
    #expect(elapsed < 6_000)
  }

  @Test("The silent ones of several hosts share the connect timeout")
  func sharedTime() throws {
    let silent = try DeafPort(listens: true)
    let conninfo = try TestServer.conninfo(
      hosts: ["127.0.0.1", "127.0.0.1", "127.0.0.1"], ports: [silent.port, silent.port, silent.port])
    var error: PostgresError?
    let elapsed = try milliseconds { error = try postgresError { _ = try open(conninfo, within: 600) } }
    #expect(error?.kind == .timeout)
    #expect((590...2_000).contains(elapsed))
  }

  @Test("A host name is resolved, and hostaddr spares it")
  func names() throws {
    // localhost may be ::1 first, where the test server does not listen.
    #expect(try isUsable(open(TestServer.conninfo(hosts: ["localhost"]))))
    #expect(try isUsable(open(TestServer.conninfo(hosts: ["nowhere.invalid"]) + " hostaddr=127.0.0.1")))
    let error = try postgresError { _ = try open(TestServer.conninfo(hosts: ["nowhere.invalid"])) }
    #expect(error.kind == .connection)
    #expect(error.description.hasPrefix("the name of the database host cannot be resolved: "))
  }

  @Test("target_session_attrs is honoured over several hosts")
  func sessionAttributes() throws {
    let two = try TestServer.conninfo(
      hosts: ["127.0.0.1", "127.0.0.1"], ports: [TestServer.goodPort(), TestServer.goodPort()])
    #expect(try isUsable(open(two + " target_session_attrs=read-write")))
    // There is no standby: one is looked for among all hosts, then any server will do.
    #expect(try isUsable(open(two + " target_session_attrs=prefer-standby")))
    let error = try postgresError { _ = try open(two + " target_session_attrs=standby") }
    #expect(error.kind == .connection)
  }

  @Test("A wrong password is refused with its SQLSTATE and without the password or the user's name")
  func wrongPassword() throws {
    let conninfo = try TestServer.conninfo(password: "correct horse battery")
    let error = try postgresError { _ = try open(conninfo) }
    #expect(error.kind == .connection)
    #expect(error.sqlState == "28P01")
    #expect(error.description == "no PostgreSQL session: FATAL:  28P01: password authentication failed for user …")
    #expect(!error.debugDetail.contains("correct horse"))
  }

  @Test("A server that refuses the password ends the search, as in libpq")
  func wrongPasswordStopsSearch() throws {
    let silent = try DeafPort(listens: true)
    let conninfo = try TestServer.conninfo(
      hosts: ["127.0.0.1", "127.0.0.1"], ports: [TestServer.goodPort(), silent.port], password: "wrong")
    let error = try postgresError { _ = try open(conninfo) }
    #expect(error.sqlState == "28P01")
  }

  @Test("A database that does not exist is told by SQLSTATE")
  func unknownDatabase() throws {
    var url = try TestServer.direct()
    url.path = "/no_such_database"
    let error = try postgresError { _ = try open(try #require(url.string)) }
    #expect(error.sqlState == "3D000")
    #expect(error.description == "no PostgreSQL session: FATAL:  3D000: database … does not exist")
  }

  @Test(
    "A connection string that libpq cannot read is refused without repeating it",
    arguments: [
      "postgresql://user:s3cr3t@localhost/db?s3cr3t=1", "password=s3cr3t nonsense", "host='s3cr3t",
      "postgresql://user:%zzs3cr3t@localhost/db", "password s3cr3t",
    ])
  func unreadable(_ conninfo: String) throws {
    let error = try postgresError { _ = try open(conninfo) }
    #expect(error.kind == .connection)
    #expect(error.description.hasPrefix("the connection string cannot be read: "))
    #expect(!error.description.contains("s3cr3t"))
    #expect(!error.debugDetail.contains("s3cr3t"))
  }

  @Test("A password mistaken for a port is not repeated")
  func passwordAsPort() throws {
    let error = try postgresError { _ = try open("postgresql://us\"er:s3c\"r3t@localhost:s3cr3t:5/db") }
    #expect(error == PostgresError(.connection, "no PostgreSQL session: invalid integer value …"))
  }

  @Test("A password mistaken for a host name does not reach the description")
  func passwordAsHost() throws {
    let error = try postgresError { _ = try open("postgresql://user:pa@s3cr3t.invalid@localhost/db") }
    #expect(error.kind == .connection)
    #expect(!error.description.contains("s3cr3t"))
  }

  @Test("A NUL in the connection string is refused")
  func nul() throws {
    let error = try postgresError { _ = try open("host=127.0.0.1\0 port=1") }
    #expect(error == PostgresError(.connection, "the connection string holds a NUL character"))
  }

  @Test("The application's name is shown unless the connection string says otherwise")
  func applicationName() throws {
    let ours = try open(TestServer.conninfo())
    #expect(try ours.query("select current_setting('application_name') as name").first?.get("name") == "postgres-tests")
    let theirs = try open(TestServer.conninfo() + " application_name=another")
    #expect(try theirs.query("select current_setting('application_name') as name").first?.get("name") == "another")
    #expect(ours.serverVersion >= 130_000)
  }

  @Test("Accents survive in a database that is not UTF-8, directly and through PgBouncer", arguments: [false, true])
  func otherEncoding(pooled: Bool) throws {
    let name = TestServer.uniqueName("latin1")
    let administrator = try TestServer.connect()
    try administrator.script("create database \(name) encoding 'LATIN1' locale 'C' template template0")
    defer { try? administrator.script("drop database \(name) with (force)") }
    let conninfo: String
    if pooled {
      conninfo = try TestServer.pooledURL().replacingOccurrences(of: "/postgres?", with: "/\(name)?")
    } else {
      var url = try TestServer.direct()
      url.path = "/" + name
      conninfo = try #require(url.string)
    }
    let row = try #require(
      try open(conninfo).query("select \("Éloïse")::text as name, length(\("Éloïse")::text) as length").first)
    #expect(try row.get("name") == "Éloïse")
    #expect(try row.get("length") == 6)
  }

  @Test("Two pooled sessions that take turns never miss a statement of their own")
  func transactionPooling() throws {
    let sessions = try [TestServer.connect(pooled: true), TestServer.connect(pooled: true)]
    for round in 0..<50 {
      for (number, session) in sessions.enumerated() {
        let row = try #require(try session.query("select \(round)::int + \(number * 1000)::int as sum").first)
        #expect(try row.get("sum") == round + number * 1000)
      }
    }
  }
}
