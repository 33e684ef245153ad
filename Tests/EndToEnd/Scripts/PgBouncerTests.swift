import Foundation
import TestSupport
import Testing

/// The shipped `pgbouncer.ini`, as the stack runs it.
@Suite(.needsStack) struct PgBouncerTests {
  @Test("A server connection is lent for one transaction: two clients at once share one")
  func transactionPooling() throws {
    let direct = try Stack.value("PASSERELLE_TEST_DATABASE_URL")
    let pooled = try Stack.value("PASSERELLE_TEST_PGBOUNCER_URL")
    let name = "pooling_\(UInt64.random(in: 0...UInt64.max))"
    let created = try ShellCommand(["psql", "-X", direct, "-c", "create database \(name) template template0"])
    #expect(created.status == 0, "\(created.output)")
    defer { _ = try? ShellCommand(["psql", "-X", direct, "-c", "drop database \(name) with (force)"]) }

    // A database of its own has a pool of its own, which nobody else draws from.
    let url = pooled.replacingOccurrences(of: "/postgres?", with: "/\(name)?")
    // The inner client asks while the outer one stays connected.
    let both = try ShellCommand([
      "psql", "-X", "-At", url, "-c", "select pg_backend_pid()", "-c",
      "\\! psql -X -At '\(url)' -c 'select pg_backend_pid()'",
    ])
    let servers = both.output.split(separator: "\n").map(String.init)
    #expect(servers.count == 2, "\(both.output)")
    #expect(Set(servers).count == 1, "\(both.output)")
  }
}
