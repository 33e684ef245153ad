import Postgres
import Store
import Wire

/// What an administrator does about a database error: the row of ``DatabaseTrouble``, or a narrower one where the words of
/// PostgreSQL and PgBouncer say which of several causes it is.
enum DatabaseAdvice {
  static func mend(_ error: PostgresError) -> Words {
    let trouble = DatabaseTrouble(error)
    let detail = error.debugDetail
    func says(_ words: String...) -> Bool { words.contains { detail.contains($0) } }
    // PgBouncer's own sentences come with class 08, PostgreSQL's with 28.
    if says("Peer authentication failed") || isRefusedByPgBouncer(error) {
      return
        Words(
          fr: "sur un socket, c’est le noyau qui dit qui se connecte : lancez la commande comme "
            + "l’utilisateur du serveur web : runuser -u www-data -- passerelle doctor",
          en:
            "on a socket the kernel says who connects: run it as the web server's user: runuser -u www-data -- passerelle doctor"
        )
    }
    if says("server_login_retry", "server login has been failing", "cannot connect to server", "server conn crashed") {
      return
        Words(
          fr: "PgBouncer répond, mais pas PostgreSQL derrière lui : systemctl status postgresql, puis la "
            + "section [databases] de pgbouncer.ini",
          en:
            "PgBouncer answers, and PostgreSQL behind it does not: systemctl status postgresql, then pgbouncer.ini's [databases]"
        )
    }
    if says("no such user", "not listed in auth_file") {
      return Words(
        fr: "PgBouncer ne connaît pas le rôle : ajoutez-le à auth_file (userlist.txt), puis systemctl "
          + "reload pgbouncer",
        en: "PgBouncer does not know the role: add it to auth_file (userlist.txt) and systemctl reload pgbouncer")
    }
    if says("no such database") {
      return Words(
        fr: "PgBouncer ne connaît pas la base : ajoutez-la à la section [databases] de pgbouncer.ini",
        en: "PgBouncer does not know the database: add it to [databases] of pgbouncer.ini")
    }
    if says("password authentication failed") {
      return Words(
        fr: "le mot de passe de PASSERELLE_DATABASE_URL n’est pas celui du rôle ; derrière PgBouncer, "
          + "auth_file a le sien",
        en: "the password of PASSERELLE_DATABASE_URL is not the role's; through PgBouncer, auth_file has its own")
    }
    if says("no pg_hba.conf entry") {
      return Words(
        fr: "autorisez le rôle depuis cette machine dans pg_hba.conf, puis systemctl reload postgresql",
        en: "let the role in from here: pg_hba.conf, then systemctl reload postgresql")
    }
    if trouble == .unreachable, says("No such file or directory", "Connection refused") {
      return says("6432")
        ? Words(
          fr: "PgBouncer ne répond pas à cette adresse : systemctl start pgbouncer ; ou vérifiez le port "
            + "et l’hôte de PASSERELLE_DATABASE_URL",
          en:
            "PgBouncer does not answer there: systemctl start pgbouncer; or check port and host of PASSERELLE_DATABASE_URL"
        )
        : Words(
          fr: "PostgreSQL ne répond pas à cette adresse : systemctl start postgresql ; ou vérifiez l’hôte "
            + "et le port de PASSERELLE_DATABASE_URL",
          en:
            "PostgreSQL does not answer there: systemctl start postgresql; or check host and port of PASSERELLE_DATABASE_URL"
        )
    }
    if trouble == .unreachable, says("could not translate host name", "resolving ") {
      return Words(
        fr: "l’hôte de PASSERELLE_DATABASE_URL n’a pas d’adresse : vérifiez son orthographe et le DNS",
        en: "the host of PASSERELLE_DATABASE_URL has no address: check its spelling and DNS")
    }
    return trouble.mend
  }

  /// Whether PgBouncer says at its socket that the kernel names another user. PostgreSQL says so by SQLSTATE 28000.
  static func isRefusedByPgBouncer(_ error: PostgresError) -> Bool {
    error.debugDetail.contains("unix socket login rejected")
  }

  /// The error's words, each line once, without where in PostgreSQL's sources it was raised.
  static func words(_ error: PostgresError) -> String {
    var lines: [Substring] = []
    for line in error.debugDetail.split(separator: "\n") where !line.hasPrefix("LOCATION:") && !lines.contains(line) {
      lines.append(line)
    }
    return lines.joined(separator: "; ")
  }
}
