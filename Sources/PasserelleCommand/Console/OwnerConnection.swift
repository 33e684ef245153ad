import Glibc
import Passerelle
import Wire

/// How the role is reached that owns Passerelle's tables.
///
/// `PASSERELLE_OWNER_DATABASE_URL` comes from the environment, or from `owner.env` beside the settings file, which root alone
/// reads. That file belongs to the database of the settings file: where the environment names another database, it is not read.
enum OwnerConnection {
  /// The web server's role owns the tables, too.
  case same
  /// A connection of the owner's own.
  case apart(url: String)
  /// There is a file for it, which this user may not read.
  case closed(path: String)

  /// Looks for it. Throws when the file cannot be understood, or when the setting stands where the web server reads it.
  static func find() throws -> OwnerConnection {
    if let url = variable(SettingsKey.ownerDatabaseURL.rawValue) { return .apart(url: url) }
    if let misplaced { throw CommandFailure(misplaced) }
    guard variable(SettingsKey.databaseURL.rawValue) == nil else { return .same }
    do throws(SettingsProblem) {
      let url = try SettingsFile(path: path)[SettingsKey.ownerDatabaseURL.rawValue]
      return url.flatMap { $0.isEmpty ? nil : .apart(url: $0) } ?? .same
    } catch {
      switch error {
      case .fileUnreadable(_, ENOENT), .fileUnreadable(_, ENOTDIR): return .same
      case .fileUnreadable(let path, EACCES): return .closed(path: path)
      default: throw error
      }
    }
  }

  /// The setting in the file that the web server reads, too, in words; nil where it does not stand there.
  static var misplaced: Words? {
    let settings = Workplace.settingsFile
    guard let file = try? SettingsFile(path: settings),
      file[SettingsKey.ownerDatabaseURL.rawValue]?.isEmpty == false
    else { return nil }
    return
      Words(
        fr: "\(SettingsKey.ownerDatabaseURL.rawValue) se trouve dans \(settings), que lit le serveur web "
          + "; déplacez la ligne dans \(path) (propriétaire root, mode 0600)",
        en:
          "\(SettingsKey.ownerDatabaseURL.rawValue) stands in \(settings), which the web server reads; move the line to "
          + "\(path) (owner root, mode 0600)")
  }

  /// Where the owner's file is.
  static var path: String {
    let settings = Workplace.settingsFile
    guard let slash = settings.lastIndex(of: "/") else { return "owner.env" }
    return settings[...slash] + "owner.env"
  }

  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
    return value
  }
}
