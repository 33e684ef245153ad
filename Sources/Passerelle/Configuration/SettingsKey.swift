import Wire

/// The names of the settings, in the environment and in the file that `PASSERELLE_CONFIG` names.
package enum SettingsKey: String, CaseIterable, Sendable {
  case databaseURL = "PASSERELLE_DATABASE_URL"
  /// Read by the administrator's command alone, and never from the file that the web server reads.
  case ownerDatabaseURL = "PASSERELLE_OWNER_DATABASE_URL"
  case baseURL = "PASSERELLE_BASE_URL"
  case secret = "PASSERELLE_SECRET"
  case minisiteURL = "PASSERELLE_MINISITE_URL"
  case allowedOrigins = "PASSERELLE_ALLOWED_ORIGINS"
  case gradeTimeout = "PASSERELLE_GRADE_TIMEOUT"
  case platformConcurrency = "PASSERELLE_PLATFORM_CONCURRENCY"
  case sessionHours = "PASSERELLE_SESSION_HOURS"
  case clockLeeway = "PASSERELLE_CLOCK_LEEWAY"
  case allowInsecureHTTP = "PASSERELLE_ALLOW_INSECURE_HTTP"
  case allowPrivateHosts = "PASSERELLE_ALLOW_PRIVATE_HOSTS"
  case httpsProxy = "PASSERELLE_HTTPS_PROXY"
  case noProxy = "PASSERELLE_NO_PROXY"
  case minisiteOrigins = "PASSERELLE_MINISITE_ORIGINS"
  case metricsToken = "PASSERELLE_METRICS_TOKEN"
  case caDir = "PASSERELLE_CA_DIR"
  case logLevel = "PASSERELLE_LOG_LEVEL"
  case logFile = "PASSERELLE_LOG_FILE"
  case institution = "PASSERELLE_INSTITUTION"
  case logoURL = "PASSERELLE_LOGO_URL"
  case colour = "PASSERELLE_COLOUR"
  case accessibilityURL = "PASSERELLE_ACCESSIBILITY_URL"
  case accessibilityLevel = "PASSERELLE_ACCESSIBILITY_LEVEL"

  /// What a good value looks like, for the message about a bad one.
  package var example: String {
    switch self {
    case .databaseURL: "postgresql://passerelle@/passerelle?host=/var/run/postgresql&port=6432"
    case .ownerDatabaseURL: "postgresql://passerelle:PASSWORD@/passerelle?host=/var/run/postgresql"
    case .baseURL: "https://lti.example.org/passerelle"
    case .secret: "the 64 characters that `openssl rand -hex 32` prints"
    case .minisiteURL: "https://www.example.org/grains/"
    case .allowedOrigins: "https://www.example.org,https://preview.example.org"
    case .gradeTimeout: "8 (seconds, 1 to 120)"
    case .platformConcurrency: "16 (requests, 1 to 1000)"
    case .sessionHours: "8 (hours, 1 to 720)"
    case .clockLeeway: "60 (seconds, 0 to 600)"
    case .allowInsecureHTTP: "1, or leave it out"
    case .allowPrivateHosts: "moodle.school.example, 10.20.0.0/16, fd00::/8"
    case .httpsProxy: "http://proxy.example.org:3128, or http://user:password@proxy.example.org:3128"
    case .noProxy: "moodle.school.example, .lan.example.org, 10.0.0.0/8"
    case .minisiteOrigins:
      "https://www.example.org,https://lessons.example.org, that of PASSERELLE_MINISITE_URL among them"
    case .metricsToken: "the 64 characters that `openssl rand -hex 32` prints"
    case .caDir: "/etc/ssl/certs"
    case .logLevel: "error, warning, info or debug"
    case .logFile: "/var/log/passerelle/passerelle.log"
    case .institution: "Université de Provence"
    case .logoURL: "https://www.example.org/logo.svg"
    case .colour: "#0b57d0"
    case .accessibilityURL: "https://www.example.org/accessibilite"
    case .accessibilityLevel: "none, partial or full"
    }
  }
}

/// Why the program cannot start. The value itself is never repeated: it may be a secret.
package enum SettingsProblem: Explained, Equatable, Sendable, CustomStringConvertible {
  /// A required setting is absent or empty.
  case missing(SettingsKey)
  /// A setting has a value that cannot be used.
  case malformed(SettingsKey)
  /// An http URL without `PASSERELLE_ALLOW_INSECURE_HTTP=1`.
  case insecure(SettingsKey)
  /// The file that `PASSERELLE_CONFIG` names cannot be read.
  case fileUnreadable(path: String, errno: Int32)
  /// A line of that file is not `KEY=VALUE`.
  case fileLine(path: String, line: Int)

  /// One sentence that names the setting, with an example.
  package var words: Words {
    switch self {
    case .missing(let key):
      Words(
        fr: "\(key.rawValue) n’est pas défini. Exemple : \(key.example)",
        en: "\(key.rawValue) is not set. Example: \(key.example)")
    case .malformed(let key):
      Words(
        fr: "\(key.rawValue) a une valeur inutilisable. Exemple : \(key.example)",
        en: "\(key.rawValue) has a value that cannot be used. Example: \(key.example)")
    case .insecure(let key):
      Words(
        fr:
          "\(key.rawValue) est une URL http ; prenez https, ou PASSERELLE_ALLOW_INSECURE_HTTP=1 pour une démonstration. "
          + "Exemple : \(key.example)",
        en: "\(key.rawValue) is an http URL; use https, or set PASSERELLE_ALLOW_INSECURE_HTTP=1 for a demo. "
          + "Example: \(key.example)")
    case .fileUnreadable(let path, let errno):
      Words(
        fr: "Le fichier de réglages \(path) est illisible (errno \(errno)).",
        en: "The settings file \(path) cannot be read (errno \(errno)).")
    case .fileLine(let path, let line):
      Words(
        fr: "La ligne \(line) du fichier de réglages \(path) n’est pas de la forme CLEF=VALEUR.",
        en: "Line \(line) of the settings file \(path) is not KEY=VALUE.")
    }
  }
}
