import Foundation
import Passerelle
import Wire

/// What an author should know of a mini-site's pages, compared with the catalogue.
struct SiteChecks {
  let settings: Settings
  /// The modules that are active, with their grains' slugs.
  let modules: [(slug: String, url: String?, grains: [String])]
  /// The module that the site is for, where it is known.
  let module: String?

  private var base: Origin { settings.baseURL.origin }

  func run(_ crawl: SiteCrawl, _ report: inout Report) {
    for page in crawl.missing {
      let from =
        page.from.map {
          Words(fr: ", où mène \($0.absoluteString)", en: ", to which \($0.absoluteString) leads")
        } ?? .same("")
      report.wrong(
        .same("page"),
        Words {
          "\(page.url.absoluteString)\(from[$0])\($0 == .french ? " :" : ":") \(page.reason[$0])"
        }, mend: Words(fr: "corrigez l’adresse, ou publiez la page", en: "correct the address, or publish the page"))
    }
    if crawl.isCut {
      report.doubtful(
        .pages,
        Words(
          fr: "il y en a plus que les \(crawl.pages.count) examinées",
          en: "there are more than the \(crawl.pages.count) that were looked at"),
        mend: Words(fr: "--limit en examine davantage", en: "--limit looks at more"))
    }
    for page in crawl.pages {
      script(page, &report)
      headers(page, &report)
      mixed(page, &report)
    }
    grains(crawl.pages, &report)
    if let first = crawl.pages.first, let origin = SiteCrawl.origin(of: first.url) { origins(origin, &report) }
    if !crawl.pages.isEmpty {
      report.fine(.pages, Words(fr: "\(crawl.pages.count) examinées", en: "\(crawl.pages.count) looked at"))
    }
  }

  // MARK: - A page

  private func attributes(_ page: SiteCrawl.Page, _ name: String) -> [String] {
    page.tags.compactMap { $0["data-passerelle-\(name)"] }
  }

  private func script(_ page: SiteCrawl.Page, _ report: inout Report) {
    let address = page.url.absoluteString
    let scripts = page.tags.enumerated().filter { $0.element.name == "script" && $0.element["src"] != nil }
    let own = scripts.first { _, tag in
      guard let source = tag["src"].flatMap({ URL(string: $0, relativeTo: page.url)?.absoluteURL }) else {
        return false
      }
      return source.lastPathComponent.hasPrefix("passerelle") && SiteCrawl.origin(of: source) == base
    }
    let uses = page.tags.contains { $0.attributes.keys.contains { $0.hasPrefix("data-passerelle-") } }
    guard let (index, tag) = own else {
      let isModule = page.tags.contains { $0.name == "script" && $0["type"] == "module" }
      guard uses else { return }
      if isModule {
        report.doubtful(
          .script,
          Words(
            fr: "\(address) n’a pas de script de \(settings.baseURL), mais des modules, qui l’importent "
              + "peut-être", en: "\(address) has no script of \(settings.baseURL) but modules, which may import it"),
          mend: Words(fr: "rien, s’ils le font", en: "nothing, if they do"))
      } else {
        report.wrong(
          .script,
          Words(
            fr: "\(address) utilise les attributs de Passerelle sans son script",
            en: "\(address) uses Passerelle's attributes without its script"),
          mend: Words(
            fr: "mettez dans son en-tête la ligne qu’affiche « passerelle script »",
            en: "put the line that “passerelle script” prints into its head"))
      }
      return
    }
    if scripts.contains(where: { $0.offset < index && $0.element["defer"] == nil && $0.element["async"] == nil }) {
      report.doubtful(
        .script,
        Words(
          fr: "\(address) charge d’autres scripts avant celui de Passerelle",
          en: "\(address) loads other scripts before Passerelle's"),
        mend: Words(
          fr: "mettez celui de Passerelle en premier, pour qu’aucun routeur ne lise l’adresse avant lui",
          en: "put Passerelle's first, so that no router reads the address before it"))
    }
    guard let hash = tag["integrity"] else { return }
    let name = (tag["src"] ?? "").split(separator: "/").last.map { $0.prefix { $0 != "?" } } ?? ""
    if let file = ScriptFile(name: String(name)) {
      if !hash.split(separator: " ").contains(where: { $0 == file.integrity }) {
        report.wrong(
          .script,
          Words(
            fr: "\(address) nomme une autre empreinte que celle de \(name)",
            en: "\(address) names another hash than that of \(name)"),
          mend: Words(
            fr: "prenez la ligne qu’affiche « passerelle script »", en: "take the line that “passerelle script” prints")
        )
      } else if !file.isImmutable {
        report.doubtful(
          .script,
          Words(
            fr: "\(address) nomme une empreinte pour \(name), qui change à chaque mise à jour",
            en: "\(address) names a hash for \(name), which changes with each update"),
          mend: Words(
            fr: "prenez la ligne qu’affiche « passerelle script »", en: "take the line that “passerelle script” prints")
        )
      }
    }
    if tag["crossorigin"] == nil {
      report.wrong(
        .script,
        Words(
          fr: "\(address) nomme une empreinte sans crossorigin : les navigateurs refusent le script",
          en: "\(address) names a hash but no crossorigin, so browsers refuse the script"),
        mend: Words(fr: "ajoutez crossorigin à la ligne", en: "add crossorigin to the line"))
    }
  }

  private func headers(_ page: SiteCrawl.Page, _ report: inout Report) {
    let address = page.url.absoluteString
    if let field = page.fields["X-Frame-Options"] {
      report.wrong(
        .frame,
        Words(
          fr: "\(address) envoie X-Frame-Options: \(field) : Moodle ne peut pas l’afficher dans un cadre",
          en: "\(address) sends X-Frame-Options: \(field), so that Moodle cannot show it in a frame"),
        mend: Words(
          fr: "retirez ce champ ; frame-ancestors, dans une Content-Security-Policy, peut nommer vos Moodle",
          en: "take the field away; frame-ancestors in a Content-Security-Policy can name your Moodle sites"))
    }
    let metas = page.tags.filter { $0.name == "meta" && $0["http-equiv"]?.lowercased() == "content-security-policy" }
      .compactMap { $0["content"] }
    for policy in page.fields.values("Content-Security-Policy") + metas {
      var directives: [String: [String]] = [:]
      for directive in policy.split(separator: ";") {
        let words = directive.split(separator: " ").map(String.init)
        if let name = words.first?.lowercased(), directives[name] == nil { directives[name] = Array(words.dropFirst()) }
      }
      for name in ["script-src", "connect-src"] {
        guard let sources = directives[name] ?? directives["default-src"], !allows(sources, name, page.url) else {
          continue
        }
        report.wrong(
          .policy,
          Words(
            fr: "\(address) a une Content-Security-Policy dont \(name) ne nomme pas \(base)",
            en: "\(address) has a Content-Security-Policy whose \(name) does not name \(base)"),
          mend: Words(fr: "ajoutez \(base) à son \(name)", en: "add \(base) to its \(name)"))
      }
    }
  }

  private func allows(_ sources: [String], _ name: String, _ page: URL) -> Bool {
    sources.contains { source in
      let source = source.lowercased()
      if source == "*" || source == "\(settings.baseURL.scheme.rawValue):" { return true }
      if source == "'self'" { return SiteCrawl.origin(of: page) == base }
      if name == "script-src", source.hasPrefix("'nonce-") || source == "'strict-dynamic'" || source.hasPrefix("'sha") {
        return true
      }
      if source.hasPrefix("*.") { return settings.baseURL.host.lowercased().hasSuffix(source.dropFirst()) }
      return source == settings.baseURL.host.lowercased()
        || source == base.description || source.hasPrefix(base.description + "/")
    }
  }

  /// What a page over https loads over http, browsers block or warn of.
  private func mixed(_ page: SiteCrawl.Page, _ report: inout Report) {
    guard page.url.scheme == "https" else { return }
    for tag in page.tags where tag.name != "a" {
      let loaded = tag.name == "link" ? tag["href"] : tag["src"] ?? tag["data-src"] ?? tag["data"]
      guard let loaded, loaded.lowercased().hasPrefix("http://") else { continue }
      report.wrong(
        .mixedContent,
        Words(fr: "\(page.url.absoluteString) charge \(loaded)", en: "\(page.url.absoluteString) loads \(loaded)"),
        mend: Words(fr: "chargez-le en https", en: "load it over https"))
    }
  }

  // MARK: - The site

  private func grains(_ pages: [SiteCrawl.Page], _ report: inout Report) {
    var named: Set<String> = []
    for page in pages {
      let claimed = attributes(page, "module").first
      if let claimed, !modules.contains(where: { $0.slug == claimed }) {
        report.wrong(
          .module,
          Words(
            fr: "\(page.url.absoluteString) nomme le module « \(claimed) », qui n’existe pas",
            en: "\(page.url.absoluteString) names module “\(claimed)”, which there is not"),
          mend: Words(
            fr: "connus : \(modules.map(\.slug).joined(separator: ", "))",
            en: "known: \(modules.map(\.slug).joined(separator: ", "))"))
        continue
      }
      if let claimed, let module, claimed != module {
        report.wrong(
          .module,
          Words(
            fr: "\(page.url.absoluteString) impose le module « \(claimed) », et son adresse est celle de « "
              + "\(module) »",
            en: "\(page.url.absoluteString) insists on module “\(claimed)”, and its address is that of “\(module)”"),
          mend: Words(
            fr: "corrigez data-passerelle-module, ou l’URL du module",
            en: "correct data-passerelle-module, or the module's URL"))
      }
      guard let module = claimed ?? module, let known = modules.first(where: { $0.slug == module })?.grains else {
        continue
      }
      let here = Set(attributes(page, "grain") + attributes(page, "start"))
      named.formUnion(here.map { "\(module) \($0)" })
      for slug in here.subtracting(known).sorted() {
        report.wrong(
          .grain,
          Words(
            fr: "\(page.url.absoluteString) nomme le grain « \(slug) », que le module « \(module) » n’a pas",
            en: "\(page.url.absoluteString) names grain “\(slug)”, which module “\(module)” does not have"),
          mend: Words(fr: "connus : \(known.joined(separator: ", "))", en: "known: \(known.joined(separator: ", "))"))
      }
    }
    let concerned = Set(pages.compactMap { attributes($0, "module").first } + [module].compactMap(\.self))
    if concerned.isEmpty {
      report.doubtful(
        .module,
        Words(
          fr: "on ne sait pas à quel module ce site est destiné", en: "it is not known which module this site is for"),
        mend: Words(
          fr: "donnez cette adresse à ses modules (module add --url), ou nommez-en un avec --module",
          en: "give its modules this address (module add --url), or name one with --module"))
    }
    for (slug, _, grains) in modules where concerned.contains(slug) {
      for grain in grains where !named.contains("\(slug) \(grain)") {
        report.doubtful(
          .grain,
          Words(
            fr: "aucune page ne nomme le grain « \(grain) » du module « \(slug) »",
            en: "no page names grain “\(grain)” of module “\(slug)”"),
          mend: Words(
            fr: "rien, si un script le fait ; sinon personne ne peut le terminer",
            en: "nothing, if a script does; otherwise nobody can complete it"))
      }
    }
  }

  private func origins(_ origin: Origin, _ report: inout Report) {
    let urls = modules.compactMap { $0.url.flatMap { WebURL(written: $0)?.origin } }
    if origin == base {
      report.doubtful(
        .origin,
        Words(
          fr: "le mini-site a l’adresse même de Passerelle : des scripts de son contenu pourraient lire le "
            + "tableau de bord d’un enseignant qui l’ouvre",
          en:
            "the mini-site has Passerelle's own address: scripts in its content could read the dashboard of a teacher who opens it"
        ),
        mend: Words(fr: "publiez-le sous un nom d’hôte à lui", en: "publish it under a host name of its own"))
    } else if origin != settings.minisiteURL?.origin, !settings.allowedOrigins.contains(origin), !urls.contains(origin)
    {
      report.wrong(
        .origin,
        Words(
          fr: "les pages de \(origin) ne peuvent pas appeler Passerelle",
          en: "pages of \(origin) may not call Passerelle"),
        mend: Words(
          fr: "donnez cette adresse à un module, ou définissez PASSERELLE_MINISITE_URL ou "
            + "PASSERELLE_ALLOWED_ORIGINS",
          en: "give a module this address, or set PASSERELLE_MINISITE_URL or PASSERELLE_ALLOWED_ORIGINS"))
    }
  }
}
