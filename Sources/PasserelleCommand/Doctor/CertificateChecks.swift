import Passerelle
import Postgres
import Wire

/// Do the certificates between this server and the database last for another month?
enum CertificateChecks {
  private static let subject = "database certificate"
  /// How long before the end a warning is given, in days.
  static let warningDays = 30

  /// `connection` is nil where no session was to be had, for which an ended certificate may be the reason.
  static func run(_ report: inout Report, _ environment: Environment, _ connection: Connection?) {
    let now = environment.now().seconds
    var told: Set<Certificate> = []
    let chain = connection?.serverCertificates ?? []
    for (place, certificate) in chain.enumerated() {
      told.insert(certificate)
      tell(
        &report, place == 0 ? "the server's" : "the authority's", certificate, now,
        mend: place == 0
          ? "renew the database server's certificate"
          : "put the authority's next certificate into sslrootcert's file, beside this one, before the server changes to it"
      )
    }
    guard let file = CertificateFile.ofAuthorities(conninfo: environment.settings.databaseURL) else { return }
    // Until the last one has ended, the file is good for something.
    guard let last = file.certificates.max(by: { $0.ends < $1.ends }) else {
      report.doubtful(
        subject, "\(file.path) holds no certificate that can be read",
        mend: "check sslrootcert of PASSERELLE_DATABASE_URL")
      return
    }
    if told.contains(last) { return }
    tell(
      &report, "that of \(file.path)", last, now,
      mend: "put the authority's next certificate into \(file.path), which sslrootcert names")
  }

  private static func tell(
    _ report: inout Report, _ whose: String, _ certificate: Certificate, _ now: Int64, mend: String
  ) {
    let end = Instant(seconds: certificate.ends).rfc3339
    let words = "\(whose) (\(certificate.subject))"
    let days = (certificate.ends - now) / 86_400
    if certificate.ends <= now {
      report.wrong(subject, "\(words) ended on \(end)", mend: mend)
    } else if days < warningDays {
      report.doubtful(subject, "\(words) ends on \(end), in \(days) \(days == 1 ? "day" : "days")", mend: mend)
    } else {
      report.fine(subject, "\(words) lasts until \(end)")
    }
  }
}
