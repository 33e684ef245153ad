import Foundation
import TestSupport
import Testing

/// What `doctor` says of the certificates between this server and a PostgreSQL that is spoken to over TLS.
@Suite(.needsStack) struct CertificateTests {
  @Test("A month before the server's certificate or its authority's ends, doctor says so; before, when they end")
  func ends() throws {
    let servers = try ScriptedServers("tls-postgres")
    defer { servers.stop() }
    let url = try servers.value("url")
    func run(_ words: String..., at url: String) throws -> ProgramRun {
      let environment = [
        ("PASSERELLE_DATABASE_URL", url), ("PASSERELLE_BASE_URL", "http://127.0.0.1:9/passerelle"),
        ("PASSERELLE_SECRET", TestDatabase.secret), ("PASSERELLE_ALLOW_INSECURE_HTTP", "1"),
      ]
      if words == ["doctor"] {
        _ = try Examination { try ProgramRun.run(Stack.command, arguments: $0, environment: environment + $1) }
      }
      return try ProgramRun.run(Stack.command, arguments: words, environment: environment)
    }
    let migrate = try run("migrate", at: url)
    try #require(migrate.status == 0, "\(migrate.errorText)")
    let subject = "database certificate: "
    let well = try run("doctor", at: url).text
    #expect(well.contains("ok       \(subject)the server's (/CN=127.0.0.1) lasts until "), "\(well)")
    #expect(well.contains("ok       \(subject)the authority's (/CN=Throwaway authority) lasts until "), "\(well)")

    try servers.order("certificate 10")
    let soon = try run("doctor", at: url).text
    #expect(soon.contains("warning  \(subject)the server's (/CN=127.0.0.1) ends on "), "\(soon)")
    #expect(soon.contains(", in 9 days") && soon.contains("renew the database server's certificate"), "\(soon)")
    #expect(soon.contains("ok       \(subject)the authority's"))
    // Unverified, the server's own is looked at all the same.
    let bare = String(url.prefix { $0 != "?" })
    #expect(try run("doctor", at: bare + "?sslmode=require").text.contains("warning  \(subject)the server's"))

    try servers.order("authority 20")
    let authority = try run("doctor", at: url).text
    #expect(authority.contains("warning  \(subject)the authority's (/CN=Throwaway authority) ends on "), "\(authority)")
    #expect(authority.contains(", in 19 days") && authority.contains("sslrootcert"), "\(authority)")
    #expect(authority.contains("ok       \(subject)the server's"))

    // A file that the session does not need is looked at too: here nobody answers, and it may be why.
    let away = url.replacing(/127\.0\.0\.1:[0-9]+/, with: "127.0.0.1:9")
    let file = try run("doctor", at: away).text
    #expect(file.contains("WRONG    database: PostgreSQL cannot be reached: "), "\(file)")
    #expect(file.contains("warning  \(subject)that of ") && file.contains("/ca.pem (/CN=Throwaway authority) ends on"))

    // Another authority's: the server is not believed.
    let others = "?sslmode=verify-full&sslrootcert=/etc/ssl/certs/ca-certificates.crt"
    let mistrusted = try run("doctor", at: bare + others).text
    #expect(
      mistrusted.contains("WRONG    database: the database server's certificate is not accepted"), "\(mistrusted)")
  }
}
