import Glibc
import Passerelle
import Wire

/// Are the settings complete, and does the settings file hold only keys that exist?
enum SettingsChecks {
  /// The world as the settings describe it; nil when they cannot be used.
  static func run(_ report: inout Report) -> Environment? {
    checkFile(&report)
    do {
      let settings = try Workplace.settings()
      report.fine("settings", "complete; base URL \(settings.baseURL)")
      if settings.allowsInsecureHTTP {
        report.doubtful(
          "settings", "http platforms and private addresses are permitted",
          mend: "remove PASSERELLE_ALLOW_INSECURE_HTTP outside of demos and tests")
      }
      if settings.minisiteURL == nil {
        report.doubtful(
          "settings", "PASSERELLE_MINISITE_URL is not set, so every module needs a URL of its own",
          mend: "set it to the mini-site's address, unless every module has a URL")
      }
      return .live(settings)
    } catch {
      report.wrong("settings", "\(error)", mend: "correct the settings file (\(path)) or the environment")
      return nil
    }
  }

  private static var path: String { Workplace.settingsFile }

  private static func checkFile(_ report: inout Report) {
    guard let file = try? SettingsFile(path: path) else { return }
    let known = Set(SettingsKey.allCases.map(\.rawValue))
    for entry in file.values where entry.name.hasPrefix("PASSERELLE_") && !known.contains(entry.name) {
      report.doubtful(
        "settings", "the file has a key \(entry.name), which nothing reads",
        mend: "check its spelling; known keys: \(known.sorted().joined(separator: ", "))")
    }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & 0o004 != 0 {
      report.doubtful(
        "settings", "\(path) can be read by everybody, and it holds PASSERELLE_SECRET",
        mend: "chown root:www-data \(path) && chmod 0640 \(path)")
    }
  }
}
