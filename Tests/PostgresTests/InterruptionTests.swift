import Foundation
import Postgres
import TestSupport
import Testing
import Wire

@testable import Postgres

@Suite("A statement ends in its time, whatever happens to the server")
struct InterruptionTests {
  @Test(
    "A slow statement ends with the query timeout, and the server stops it too", .needsPostgres,
    arguments: [false, true])
  func timeout(pooled: Bool) throws {
    let marker = TestServer.uniqueName("sleeper")
    let connection = try TestServer.connect(pooled: pooled, queryTimeout: 300)
    var error: PostgresError?
    let elapsed = try milliseconds {
      error = try postgresError { try connection.script("select pg_sleep(20) as \(marker)") }
    }
    #expect(error == PostgresError(.timeout, "PostgreSQL did not answer in time"))
    #expect((300...1_500).contains(elapsed))
    #expect(!connection.isOpen)
    #expect(
      try postgresError { _ = try connection.query("select 1") }
        == PostgresError(.connection, "the session is closed"))

    let observer = try TestServer.connect()
    var isRunning = true
    for _ in 0..<100 where isRunning {
      let rows = try observer.query(
        "select count(*) as count from pg_stat_activity where state = 'active' and query = \("select pg_sleep(20) as \(marker)")"
      )
      isRunning = try rows.first?.get("count") != 0
      if isRunning { usleep(50_000) }
    }
    #expect(!isRunning)
  }

  @Test("A session killed in the middle of a statement says so with its SQLSTATE", .needsPostgres)
  func killedWithinStatement() throws {
    let victim = try TestServer.connect()
    let process: Int = try #require(try victim.query("select pg_backend_pid() as process").first).get("process")
    Thread {
      usleep(300_000)
      _ = try? TestServer.connect().query("select pg_terminate_backend(\(process)::int)")
    }.start()
    var error: PostgresError?
    let elapsed = try milliseconds { error = try postgresError { _ = try victim.query("select pg_sleep(20)") } }
    #expect(error?.kind == .connection)
    #expect(error?.sqlState == "57P01")
    #expect(elapsed < 5_000)
    #expect(!victim.isOpen)
  }

  @Test("A session killed between two statements is lost, not hung", .needsPostgres)
  func killedBetweenStatements() throws {
    let victim = try TestServer.connect()
    let process: Int = try #require(try victim.query("select pg_backend_pid() as process").first).get("process")
    let killer = try TestServer.connect()
    _ = try killer.query("select pg_terminate_backend(\(process)::int, 5000)")
    let error = try postgresError { _ = try victim.query("select 1") }
    #expect(error.kind == .connection)
    #expect(!victim.isOpen)
  }

  @Test("A blocking call that does not end is given up at the deadline, and one that ends gives its answer")
  func boundedCall() {
    let elapsed = milliseconds {
      let answer = BoundedCall.run(until: Deadline(milliseconds: 100)) { () -> Int in
        usleep(2_000_000)
        return 1
      }
      #expect(answer == nil)
    }
    #expect((100...1_500).contains(elapsed))
    #expect(BoundedCall.run(until: Deadline(milliseconds: 2_000)) { 42 } == 42)
  }
}
