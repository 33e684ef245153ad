import Passerelle
import Postgres
import Store
import Wire

/// Do mini-sites have an address of their own? Their content runs scripts, and what others made runs theirs.
enum OriginChecks {
  static func run(_ report: inout Report, _ environment: Environment, _ database: Database) {
    let settings = environment.settings
    var origins: [Origin]
    do throws(PostgresError) { origins = try Origins.ofModules(in: database) } catch {
      return report.wrong(.minisite, error)
    }
    if let origin = settings.minisiteURL?.origin { origins.append(origin) }
    guard origins.contains(settings.baseURL.origin) else { return }
    report.doubtful(
      .minisite,
      Words(
        fr: "des pages de \(settings.baseURL.origin), l’adresse même de Passerelle, sont un mini-site : "
          + "un script de leur contenu pourrait lire le tableau de bord d’un enseignant qui les ouvre",
        en:
          "pages of \(settings.baseURL.origin), Passerelle's own address, are a mini-site: a script in their content could read "
          + "the dashboard of a teacher who opens it"),
      mend: Words(
        fr: "publiez les mini-sites sous un nom d’hôte à eux (PASSERELLE_MINISITE_URL, URL des modules)",
        en: "publish mini-sites under a host name of their own (PASSERELLE_MINISITE_URL, the modules' URLs)"))
  }
}
