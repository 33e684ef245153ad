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
  case caDir = "PASSERELLE_CA_DIR"
  case logLevel = "PASSERELLE_LOG_LEVEL"

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
    case .caDir: "/etc/ssl/certs"
    case .logLevel: "error, warning, info or debug"
    }
  }
}

/// Why the program cannot start. The value itself is never repeated: it may be a secret.
package enum SettingsProblem: Error, Equatable, Sendable, CustomStringConvertible {
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
  package var description: String {
    switch self {
    case .missing(let key): "\(key.rawValue) is not set. Example: \(key.example)"
    case .malformed(let key): "\(key.rawValue) has a value that cannot be used. Example: \(key.example)"
    case .insecure(let key):
      "\(key.rawValue) is an http URL; use https, or set PASSERELLE_ALLOW_INSECURE_HTTP=1 for a demo. Example: \(key.example)"
    case .fileUnreadable(let path, let errno): "The settings file \(path) cannot be read (errno \(errno))."
    case .fileLine(let path, let line): "Line \(line) of the settings file \(path) is not KEY=VALUE."
    }
  }
}
