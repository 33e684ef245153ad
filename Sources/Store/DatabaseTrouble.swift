import Postgres
import Wire

/// What is wrong when the database says no: the one table from a SQLSTATE (PostgreSQL documentation, appendix A) to what people
/// are told, what the log calls it and how an administrator mends it. The CGI and the command both read it.
///
/// Whatever passes by itself, or once an administrator has acted, is a 503: passerelle.js and Moodle's people come again, and
/// nothing is lost. A right that is missing (42501) is among these: it goes missing between a `migrate` and its grants, and a
/// report that is repeated arrives once they are given. A schema that is missing is not: such an installation never worked, and
/// trying again cannot help.
package enum DatabaseTrouble: String, CaseIterable, Sendable {
  // No session
  case unreachable = "database_unreachable"
  case certificateRefused = "database_certificate_refused"
  case loginRefused = "database_login_refused"
  case databaseMissing = "database_missing"
  case tooManyConnections = "database_too_many_connections"
  case stopping = "database_stopping"
  case crashed = "database_crashed"
  case starting = "database_starting"
  // No time
  case slow = "database_slow"
  case cancelled = "database_cancelled"
  case lockNotHad = "database_lock_not_had"
  // Somebody else was first
  case conflict = "database_conflict"
  case deadlock = "database_deadlock"
  // No writing
  case readOnly = "database_read_only"
  case diskFull = "database_disk_full"
  case outOfMemory = "database_out_of_memory"
  case limitReached = "database_limit_reached"
  case systemError = "database_system_error"
  case rightMissing = "database_right_missing"
  // Nothing that time mends
  case schemaMissing = "database_schema_missing"
  case textRefused = "database_text_refused"
  case unexpected = "database_unexpected"

  /// Five characters, or the two of a class for all of it that has no row of its own.
  private static let states: [String: DatabaseTrouble] = [
    "08": .unreachable, "28": .loginRefused, "3D000": .databaseMissing,
    "53": .limitReached, "53100": .diskFull, "53200": .outOfMemory, "53300": .tooManyConnections,
    "57": .stopping, "57014": .cancelled, "57P01": .stopping, "57P02": .crashed, "57P03": .starting,
    "57P04": .databaseMissing, "58": .systemError,
    "25006": .readOnly, "40": .conflict, "40001": .conflict, "40P01": .deadlock, "55P03": .lockNotHad,
    "42501": .rightMissing, "3F000": .schemaMissing, "42P01": .schemaMissing, "42883": .schemaMissing,
    "42703": .schemaMissing,
    // A NUL, as a character or as the escape of JSON, which PostgreSQL's text cannot hold.
    "22021": .textRefused, "22P05": .textRefused,
    readCommittedNeeded: .conflict,
  ]

  /// What `passerelle.read_committed` raises.
  static let readCommittedNeeded = "PSA02"

  /// What an error comes from.
  package init(_ error: PostgresError) {
    if let state = error.sqlState, let trouble = Self.states[state] ?? Self.states[String(state.prefix(2))] {
      self = trouble
      return
    }
    switch error.kind {
    case .connection:
      self = error.debugDetail.contains("certificate") ? .certificateRefused : .unreachable
    case .timeout: self = .slow
    case .server, .decoding: self = .unexpected
    }
  }
}

extension DatabaseTrouble {
  /// Whether the same statement may be done a moment later, and nothing of it was done now.
  package var isWorthAnotherTry: Bool {
    switch self {
    case .conflict, .deadlock, .lockNotHad: true
    case .unreachable, .certificateRefused, .loginRefused, .databaseMissing, .tooManyConnections, .stopping, .crashed,
      .starting, .slow, .cancelled, .readOnly, .diskFull, .outOfMemory, .limitReached, .systemError, .rightMissing,
      .schemaMissing, .textRefused, .unexpected:
      false
    }
  }

  /// The HTTP status of a request that met it.
  package var status: Int {
    switch self {
    case .schemaMissing, .unexpected: 500
    case .textRefused: 400
    case .unreachable, .certificateRefused, .loginRefused, .databaseMissing, .tooManyConnections, .stopping, .crashed,
      .starting, .slow, .cancelled, .lockNotHad, .conflict, .deadlock, .readOnly, .diskFull, .outOfMemory,
      .limitReached, .systemError, .rightMissing:
      503
    }
  }

  /// Seconds after which a learner's page may come again; nil where that is no use.
  package var retryAfter: Int? {
    guard status == 503 else { return nil }
    return isLasting ? 30 : 5
  }

  /// Whether it lasts until somebody acts.
  private var isLasting: Bool {
    switch self {
    case .certificateRefused, .loginRefused, .databaseMissing, .readOnly, .diskFull, .rightMissing: true
    case .unreachable, .tooManyConnections, .stopping, .crashed, .starting, .slow, .cancelled, .lockNotHad, .conflict,
      .deadlock, .outOfMemory, .limitReached, .systemError, .schemaMissing, .textRefused, .unexpected:
      false
    }
  }

  /// The sentence for a learner.
  package var words: Words {
    if status == 503, isLasting {
      return Words(
        fr: "Le service ne peut rien enregistrer pour le moment ; l’administrateur doit intervenir. Ce qui est déjà "
          + "enregistré n’est pas perdu. Réessayez un peu plus tard.",
        en: "The service cannot record anything just now; its administrator has to act. What was recorded is not lost. "
          + "Please try again a little later.")
    }
    return Words(
      fr: "Le service est momentanément indisponible. Réessayez dans un instant.",
      en: "The service is away for a moment. Please try again shortly.")
  }

  /// The word of `/health`: ``rawValue`` without its beginning, `unavailable` when there is no session.
  package var health: String {
    switch self {
    case .unreachable: "unavailable"
    default: String(rawValue.dropFirst("database_".count))
    }
  }

  /// What it is, in an administrator's words.
  package var diagnosis: Words {
    switch self {
    case .unreachable: Words(fr: "PostgreSQL est inaccessible", en: "PostgreSQL cannot be reached")
    case .certificateRefused:
      Words(
        fr: "le certificat du serveur de base de données n’est pas accepté",
        en: "the database server's certificate is not accepted")
    case .loginRefused: Words(fr: "PostgreSQL n’accepte pas ce rôle", en: "PostgreSQL does not let this role in")
    case .databaseMissing: Words(fr: "la base n’existe pas", en: "the database does not exist")
    case .tooManyConnections: Words(fr: "toutes les connexions sont prises", en: "all connections are taken")
    case .stopping: Words(fr: "PostgreSQL est en cours d’arrêt", en: "PostgreSQL is being stopped")
    case .crashed:
      Words(
        fr: "PostgreSQL redémarre après la chute d’un de ses processus",
        en: "PostgreSQL starts again after one of its processes crashed")
    case .starting:
      Words(fr: "PostgreSQL démarre, s’arrête ou se rétablit", en: "PostgreSQL is starting, stopping or recovering")
    case .slow: Words(fr: "PostgreSQL n’a pas répondu à temps", en: "PostgreSQL did not answer in time")
    case .cancelled:
      Words(fr: "PostgreSQL a arrêté une requête trop longue", en: "PostgreSQL stopped a statement that took too long")
    case .lockNotHad:
      Words(
        fr: "quelqu’un d’autre tient un verrou depuis trop longtemps", en: "somebody else holds a lock for too long")
    case .conflict:
      Words(
        fr: "d’autres transactions modifient sans cesse les mêmes lignes",
        en: "other transactions change the same rows all the time")
    case .deadlock: Words(fr: "des transactions s’attendent l’une l’autre", en: "transactions wait for each other")
    case .readOnly: Words(fr: "ce PostgreSQL n’accepte pas d’écriture", en: "this PostgreSQL takes no writing")
    case .diskFull:
      Words(fr: "le disque du serveur de base de données est plein", en: "the database server's disk is full")
    case .outOfMemory: Words(fr: "PostgreSQL manque de mémoire", en: "PostgreSQL has not enough memory")
    case .limitReached:
      Words(fr: "PostgreSQL a atteint une de ses limites", en: "PostgreSQL has reached a limit of its own")
    case .systemError:
      Words(
        fr: "le système du serveur de base de données signale une erreur",
        en: "the database server's operating system reports an error")
    case .rightMissing:
      Words(
        fr: "il manque un droit au rôle de base de données du programme",
        en: "the program's database role lacks a right")
    case .schemaMissing:
      Words(fr: "une table ou une fonction de Passerelle manque", en: "a table or function of Passerelle is missing")
    case .textRefused:
      Words(
        fr: "un texte contient un caractère que PostgreSQL ne peut pas garder",
        en: "a text holds a character that PostgreSQL cannot keep")
    case .unexpected:
      Words(fr: "la base a donné une réponse inattendue", en: "the database answered something unexpected")
    }
  }

  /// What an administrator does about it.
  package var mend: Words {
    switch self {
    case .unreachable:
      Words(
        fr: "vérifiez PASSERELLE_DATABASE_URL, et que PostgreSQL et PgBouncer tournent",
        en: "check PASSERELLE_DATABASE_URL, and that PostgreSQL and PgBouncer are running")
    case .certificateRefused:
      Words(
        fr: "renouvelez le certificat du serveur, ou donnez à sslrootcert, dans "
          + "PASSERELLE_DATABASE_URL, l’autorité qui l’a signé",
        en:
          "renew the server's certificate, or give sslrootcert of PASSERELLE_DATABASE_URL the authority that signed it")
    case .loginRefused:
      Words(
        fr: "vérifiez le rôle et le mot de passe de PASSERELLE_DATABASE_URL, pg_hba.conf, et "
          + "l’auth_file de PgBouncer",
        en: "check role and password of PASSERELLE_DATABASE_URL, pg_hba.conf, and PgBouncer's auth_file")
    case .databaseMissing:
      Words(
        fr: "vérifiez le nom de la base dans PASSERELLE_DATABASE_URL, ou créez la base",
        en: "check the database's name in PASSERELLE_DATABASE_URL, or create the database")
    case .tooManyConnections:
      Words(
        fr: "intercalez PgBouncer (apache-conf/pgbouncer.ini), fermez les sessions inactives, ou "
          + "augmentez max_connections",
        en: "put PgBouncer between (apache-conf/pgbouncer.ini), end idle sessions, or raise max_connections")
    case .stopping:
      Words(
        fr: "attendez son démarrage ; si quelqu’un a fermé la session (pg_terminate_backend), il "
          + "n’y a rien à faire",
        en: "wait for its start; where somebody ended the session (pg_terminate_backend), there is nothing to do")
    case .crashed:
      Words(
        fr: "attendez quelques secondes ; puis cherchez la raison dans le journal de PostgreSQL",
        en: "wait some seconds; then look into PostgreSQL's log for the reason")
    case .starting:
      Words(fr: "attendez ; le journal de PostgreSQL dit où il en est", en: "wait; PostgreSQL's log says how far it is")
    case .slow:
      Words(
        fr: "cherchez dans pg_stat_activity ce qui l’occupe, et regardez la charge du serveur",
        en: "look at pg_stat_activity for what it is busy with, and at the server's load")
    case .cancelled:
      Words(
        fr: "regardez le statement_timeout du rôle et de la base, et pg_stat_activity",
        en: "look at statement_timeout of the role and the database, and at pg_stat_activity")
    case .lockNotHad:
      Words(
        fr: "cherchez qui le tient : select * from pg_stat_activity where wait_event_type = 'Lock'",
        en: "look for the holder: select * from pg_stat_activity where wait_event_type = 'Lock'")
    case .conflict:
      Words(
        fr: "laissez le rôle de Passerelle travailler au niveau habituel de PostgreSQL : alter "
          + "role RÔLE in database BASE set default_transaction_isolation = 'read committed'",
        en: "let Passerelle's role work at PostgreSQL's usual level: alter role ROLE in database DATABASE set "
          + "default_transaction_isolation = 'read committed'")
    case .deadlock:
      Words(
        fr: "relancez la commande ; le journal de PostgreSQL nomme les requêtes",
        en: "run the command again; PostgreSQL's log names the statements")
    case .readOnly:
      Words(
        fr: "dirigez PASSERELLE_DATABASE_URL vers le serveur primaire (avec plusieurs hôtes : "
          + "target_session_attrs=read-write), ou levez default_transaction_read_only",
        en:
          "point PASSERELLE_DATABASE_URL at the primary (with several hosts: target_session_attrs=read-write), or end "
          + "default_transaction_read_only")
    case .diskFull:
      Words(
        fr: "faites de la place sur le disque du serveur de base de données ; rien de ce qui a été "
          + "confirmé n’est perdu", en: "make room on the database server's disk; nothing that was acknowledged is lost"
      )
    case .outOfMemory:
      Words(
        fr: "regardez le journal de PostgreSQL ; augmentez max_locks_per_transaction s’il dit « "
          + "out of shared memory », sinon donnez de la mémoire au serveur",
        en:
          "look into PostgreSQL's log; raise max_locks_per_transaction where it says “out of shared memory”, else give "
          + "the server memory")
    case .limitReached:
      Words(
        fr: "cherchez dans le journal de PostgreSQL quelle limite c’est, et augmentez-la",
        en: "look into PostgreSQL's log for which limit it is, and raise it")
    case .systemError:
      Words(
        fr: "regardez le journal de PostgreSQL et celui du serveur de base de données",
        en: "look into PostgreSQL's log and the database server's own")
    case .rightMissing:
      Words(
        fr: "lancez passerelle migrate en tant que propriétaire des tables de Passerelle, et "
          + "accordez ce que nomme le journal",
        en: "run passerelle migrate as the owner of Passerelle's tables, and grant what the log names")
    case .schemaMissing: Words(fr: "lancez : passerelle migrate", en: "run: passerelle migrate")
    case .textRefused: Words(fr: "rien : la requête a été refusée", en: "nothing: the request was refused")
    case .unexpected:
      Words(
        fr: "regardez les journaux d’Apache et de PostgreSQL, et signalez-le",
        en: "look into the logs of Apache and PostgreSQL, and report it")
    }
  }
}
