import Foundation
import Postgres
import Schema
import TestSupport
import Testing

@testable import Store

@Suite("A statement that stands alone and lost against others is run again", .needsPostgres)
struct TryingAgainTests {
  /// A function that fails so many times with a SQLSTATE, and then answers how often it was called: a sequence counts,
  /// because no rollback takes that back.
  private func failing(_ times: Int, _ state: String) throws -> ScratchDatabase {
    let scratch = try ScratchDatabase(prefix: "again")
    try scratch.connection.script(
      """
      create sequence calls;
      create function attempt() returns bigint language plpgsql as $$
      declare
        call bigint := nextval('calls');
      begin
        if call <= \(times) then raise exception using errcode = '\(state)', message = 'as asked'; end if;
        return call;
      end $$;
      """)
    return scratch
  }

  private func database(_ scratch: ScratchDatabase) -> Database {
    let url = (try? Stack.direct(scratch.name)) ?? ""
    return Database { () throws(PostgresError) in
      try Connection(conninfo: url, applicationName: "tests", connectTimeout: 10_000, queryTimeout: 10_000)
    }
  }

  @Test("As often as the bound allows", arguments: ["40001", "40P01", "55P03"])
  func again(state: String) throws {
    let scratch = try failing(Database.attempts - 1, state)
    let calls: Int = try database(scratch).value("select attempt()")
    #expect(calls == Database.attempts)
  }

  @Test("And no oftener: then the failure is the caller's", arguments: ["40001", "40P01", "55P03"])
  func bound(state: String) throws {
    let scratch = try failing(1000, state)
    let error = caught(PostgresError.self) { try database(scratch).value("select attempt()", as: Int.self) }
    #expect(error?.sqlState == state)
    #expect(try scratch.value("select last_value from calls", as: Int.self) == Database.attempts)
  }

  @Test("Other failures are not tried again", arguments: ["23505", "25006", "42501", "53100", "57014"])
  func once(state: String) throws {
    let scratch = try failing(1000, state)
    let error = caught(PostgresError.self) { try database(scratch).value("select attempt()", as: Int.self) }
    #expect(error?.sqlState == state)
    #expect(try scratch.value("select last_value from calls", as: Int.self) == 1)
  }

  @Test("Inside a transaction of the caller's nothing is: what came before would be lost")
  func inTransaction() throws {
    let scratch = try failing(1, "40P01")
    let database = database(scratch)
    let error = caught(PostgresError.self) {
      try database.connection().transaction { () throws(PostgresError) in
        try database.value("select attempt()", as: Int.self)
      }
    }
    #expect(error?.sqlState == "40P01")
  }

  @Test(
    "Where transactions begin at another level, a function that needs the usual one gets it",
    arguments: ["repeatable read", "serializable"])
  func level(level: String) throws {
    let scratch = try ScratchDatabase(prefix: "again")
    try scratch.connection.script(
      """
      alter database "\(scratch.name)" set default_transaction_isolation = '\(level)';
      create schema passerelle;
      \(helper);
      create function needy() returns text language plpgsql as $$
      begin
        perform passerelle.read_committed();
        return current_setting('transaction_isolation');
      end $$;
      """)
    let database = database(scratch)
    #expect(try Health.defaultLevel(in: database) == level)
    #expect(try database.value("select needy()", as: String.self) == "read committed")
    // From then on it is said at once.
    #expect(try database.value("select current_setting('transaction_isolation')", as: String.self) == "read committed")
    let patient = Database(saysLevel: true) { () throws(PostgresError) in try database.connection() }
    #expect(try patient.value("select needy()", as: String.self) == "read committed")
  }

  private var helper: String {
    let file = Schema.files.first { $0.name == "helpers" }?.sql ?? ""
    return SQLScript.statements(of: file).first { $0.contains("passerelle.read_committed") } ?? ""
  }

  @Test("Every function that the program calls to change something asks for the level first")
  func guarded() {
    var unguarded: [String] = []
    for (name, sql) in Schema.files {
      for statement in SQLScript.statements(of: sql) {
        guard statement.hasPrefix("create function"),
          statement.contains("language plpgsql\nset search_path")
            || statement.contains("language plpgsql set search_path"), !statement.contains("returns trigger")
        else { continue }
        // One row is written in its place: a conflict says itself that it is one.
        if name == "health" { continue }
        let body = statement.components(separatedBy: "\nbegin\n").dropFirst().first ?? ""
        if !body.hasPrefix("  perform passerelle.read_committed();") {
          unguarded.append(String(statement.prefix { $0 != "(" }))
        }
      }
    }
    #expect(unguarded.isEmpty, "\(unguarded)")
  }
}
