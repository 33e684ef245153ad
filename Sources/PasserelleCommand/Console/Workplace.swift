import Glibc
import Passerelle
import Postgres
import Store
import Wire

/// What most commands start from: the settings and the database.
struct Workplace {
  let environment: Environment
  let database: Database

  /// As whom a command works in the database.
  enum DatabaseRole {
    /// As the web server does.
    case web
    /// As the owner of the tables.
    case owner
  }

  /// Where the settings file is when nothing says otherwise.
  static let standardSettingsFile = "/etc/passerelle/passerelle.env"

  /// Where the settings file is, if there is one.
  static var settingsFile: String {
    getenv("PASSERELLE_CONFIG").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? standardSettingsFile
  }

  /// Reads the settings as the CGI does, and the standard file when `PASSERELLE_CONFIG` names none.
  static func settings() throws(SettingsProblem) -> Settings {
    try Settings.ofProcess { name in
      if let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty { return value }
      guard name == "PASSERELLE_CONFIG" else { return nil }
      // One that is there and closed to this user is not the same as none.
      return access(standardSettingsFile, R_OK) == 0 || errno == EACCES ? standardSettingsFile : nil
    }
  }

  /// Opens the database with an administrator's patience: migrations may have to wait for locks.
  init(as role: DatabaseRole = .web) throws {
    var environment = Environment.live(try Self.settings())
    let url =
      role == .owner ? try Self.ownersURL() ?? environment.settings.databaseURL : environment.settings.databaseURL
    environment.connect = { () throws(PostgresError) in
      try Connection(
        conninfo: url, applicationName: "passerelle-admin", connectTimeout: 10_000, queryTimeout: 300_000)
    }
    self.environment = environment
    database = Database(saysLevel: true, open: environment.connect)
  }

  /// The owner's own connection; nil where the web server's role owns the tables.
  private static func ownersURL() throws -> String? {
    switch try OwnerConnection.find() {
    case .same: nil
    case .apart(let url): url
    case .closed(let path):
      throw CommandFailure(
        Words(
          fr: "ceci se fait en tant que propriétaire des tables, dont la connexion est dans \(path) ; seul "
            + "root peut le lire : lancez la commande en tant que root",
          en:
            "this is done as the owner of the tables, whose connection is in \(path); only root may read it: run it as root"
        )
      )
    }
  }

  /// Makes the tool's key when there is none yet, and answers its id then.
  func makeFirstKey() throws -> String? {
    guard try ToolKeys.signing(in: database) == nil else { return nil }
    let key = try ToolKeys.New(environment.settings.sealer)
    return try ToolKeys.addFirst(key, in: database) ? key.kid : nil
  }
}
