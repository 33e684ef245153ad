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
      report.fine(
        .settings, Words(fr: "complets ; URL de base \(settings.baseURL)", en: "complete; base URL \(settings.baseURL)")
      )
      if settings.allowsInsecureHTTP {
        report.doubtful(
          .settings,
          Words(
            fr: "les plateformes en http et les adresses privées sont admises",
            en: "http platforms and private addresses are permitted"),
          mend: Words(
            fr: "retirez PASSERELLE_ALLOW_INSECURE_HTTP hors des démonstrations et des essais",
            en: "remove PASSERELLE_ALLOW_INSECURE_HTTP outside of demos and tests"))
      }
      if settings.minisiteURL == nil {
        report.doubtful(
          .settings,
          Words(
            fr: "PASSERELLE_MINISITE_URL n’est pas défini : chaque module a besoin d’une URL à lui",
            en: "PASSERELLE_MINISITE_URL is not set, so every module needs a URL of its own"),
          mend: Words(
            fr: "donnez-lui l’adresse du mini-site, sauf si chaque module a une URL",
            en: "set it to the mini-site's address, unless every module has a URL"))
      }
      return .live(settings)
    } catch {
      report.wrong(.settings, error.words, mend: mend(error))
      return nil
    }
  }

  private static func mend(_ problem: SettingsProblem) -> Words {
    switch problem {
    case .fileUnreadable(let path, EACCES):
      Words(
        fr: "lancez la commande en tant que root ou comme l’utilisateur du serveur web : runuser -u "
          + "www-data -- passerelle doctor. \(path) doit appartenir à root:www-data, mode 0640",
        en:
          "run it as root or as the web server's user: runuser -u www-data -- passerelle doctor. \(path) should be root:www-data, 0640"
      )
    case .fileUnreadable(let path, ENOENT):
      Words(
        fr: "créez \(path) : \(Installation.settingsMaker) le fait, et n’en écrase jamais un",
        en: "make \(path): \(Installation.settingsMaker) does, and never overwrites one")
    case .missing where access(path, F_OK) != 0 && errno == ENOENT:
      Words(
        fr: "il n’y a pas de fichier de réglages \(path) : \(Installation.settingsMaker) en crée un ; ou "
          + "définissez PASSERELLE_CONFIG",
        en: "there is no settings file \(path): \(Installation.settingsMaker) makes one; or set PASSERELLE_CONFIG")
    default:
      Words(
        fr: "corrigez le fichier de réglages (\(path)) ou l’environnement",
        en: "correct the settings file (\(path)) or the environment")
    }
  }

  private static var path: String { Workplace.settingsFile }

  private static func checkFile(_ report: inout Report) {
    guard let file = try? SettingsFile(path: path) else { return }
    let known = Set(SettingsKey.allCases.map(\.rawValue))
    for entry in file.values where entry.name.hasPrefix("PASSERELLE_") && !known.contains(entry.name) {
      report.doubtful(
        .settings,
        Words(
          fr: "le fichier contient une clef \(entry.name), que rien ne lit",
          en: "the file has a key \(entry.name), which nothing reads"),
        mend: Words(
          fr: "vérifiez son orthographe ; clefs connues : \(known.sorted().joined(separator: ", "))",
          en: "check its spelling; known keys: \(known.sorted().joined(separator: ", "))"))
    }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & 0o004 != 0 {
      report.doubtful(
        .settings,
        Words(
          fr: "\(path) est lisible par tout le monde, et contient PASSERELLE_SECRET",
          en: "\(path) can be read by everybody, and it holds PASSERELLE_SECRET"),
        mend: .same("chown root:www-data \(path) && chmod 0640 \(path)"))
    }
  }
}
