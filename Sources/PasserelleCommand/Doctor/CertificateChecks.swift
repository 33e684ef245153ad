import Passerelle
import Postgres
import Wire

/// Do the certificates between this server and the database last for another month?
enum CertificateChecks {
  private static let subject = Words.databaseCertificate
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
        &report,
        place == 0
          ? Words(fr: "celui du serveur", en: "the server's") : Words(fr: "celui de l’autorité", en: "the authority's"),
        certificate, now,
        mend: place == 0
          ? Words(
            fr: "renouvelez le certificat du serveur de base de données", en: "renew the database server's certificate")
          : Words(
            fr: "ajoutez le prochain certificat de l’autorité au fichier de sslrootcert, à côté de celui-ci, "
              + "avant que le serveur n’en change",
            en:
              "put the authority's next certificate into sslrootcert's file, beside this one, before the server changes to it"
          )
      )
    }
    guard let file = CertificateFile.ofAuthorities(conninfo: environment.settings.databaseURL) else { return }
    // Until the last one has ended, the file is good for something.
    guard let last = file.certificates.max(by: { $0.ends < $1.ends }) else {
      report.doubtful(
        subject,
        Words(
          fr: "\(file.path) ne contient aucun certificat lisible",
          en: "\(file.path) holds no certificate that can be read"),
        mend: Words(
          fr: "vérifiez sslrootcert dans PASSERELLE_DATABASE_URL", en: "check sslrootcert of PASSERELLE_DATABASE_URL"))
      return
    }
    if told.contains(last) { return }
    tell(
      &report, Words(fr: "celui de \(file.path)", en: "that of \(file.path)"), last, now,
      mend: Words(
        fr: "ajoutez le prochain certificat de l’autorité à \(file.path), que sslrootcert désigne",
        en: "put the authority's next certificate into \(file.path), which sslrootcert names"))
  }

  private static func tell(
    _ report: inout Report, _ whose: Words, _ certificate: Certificate, _ now: Int64, mend: Words
  ) {
    let end = Instant(seconds: certificate.ends).rfc3339
    let name = certificate.subject
    let days = (certificate.ends - now) / 86_400
    if certificate.ends <= now {
      report.wrong(
        subject,
        Words(fr: "\(whose.french) (\(name)) a pris fin le \(end)", en: "\(whose.english) (\(name)) ended on \(end)"),
        mend: mend)
    } else if days < warningDays {
      report.doubtful(
        subject,
        Words(
          fr: "\(whose.french) (\(name)) prend fin le \(end), dans \(days) \(days == 1 ? "jour" : "jours")",
          en: "\(whose.english) (\(name)) ends on \(end), in \(days) \(days == 1 ? "day" : "days")"), mend: mend)
    } else {
      report.fine(
        subject,
        Words(
          fr: "\(whose.french) (\(name)) est valable jusqu’au \(end)",
          en: "\(whose.english) (\(name)) lasts until \(end)"))
    }
  }
}
