import Glibc
import Passerelle
import Postgres
import Store

/// What most commands start from: the settings and the database.
struct Workplace {
  let environment: Environment
  let database: Database

  /// Where the settings file is when nothing says otherwise.
  static let standardSettingsFile = "/etc/passerelle/passerelle.env"

  /// Reads the settings as the CGI does, and the standard file when `PASSERELLE_CONFIG` names none.
  static func settings() throws(SettingsProblem) -> Settings {
    try Settings.ofProcess { name in
      if let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty { return value }
      return name == "PASSERELLE_CONFIG" && access(standardSettingsFile, R_OK) == 0 ? standardSettingsFile : nil
    }
  }

  /// Opens the database with an administrator's patience: migrations may have to wait for locks.
  init() throws {
    var environment = Environment.live(try Self.settings())
    let settings = environment.settings
    environment.connect = { () throws(PostgresError) in
      try Connection(
        conninfo: settings.databaseURL, applicationName: "passerelle-admin", connectTimeout: 10_000,
        queryTimeout: 300_000)
    }
    self.environment = environment
    database = Database(saysLevel: true, open: environment.connect)
  }

  /// Makes the tool's key when there is none yet, and answers its id then.
  func makeFirstKey() throws -> String? {
    guard try ToolKeys.signing(in: database) == nil else { return nil }
    let key = try ToolKeys.New(environment.settings.sealer)
    return try ToolKeys.addFirst(key, in: database) ? key.kid : nil
  }
}
