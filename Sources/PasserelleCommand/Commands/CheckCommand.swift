import ArgumentParser
import Foundation
import Passerelle
import Store
import Wire

/// `passerelle check`: looks at a mini-site as its learners' browsers will, and tells its author what to mend.
struct CheckCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "check",
      abstract: Words(
        fr: "Examine les pages d’un mini-site : script, grains, modules, contenu mixte, en-têtes.",
        en: "Look at a mini-site's pages: script, grains, modules, mixed content, headers."),
      discussion: Words(
        fr: """
          Suit les liens de la page dans sa propre origine et son dossier. Code de sortie 0 quand rien n’est faux (les \
          avertissements sont permis), 1 sinon.
          """,
        en: """
          Follows the links of the page on its own origin and in its folder. Exit status 0 when nothing is wrong (warnings \
          allowed), 1 otherwise.
          """))
  }

  @Argument(
    help: .init(
      Words(fr: "L’adresse de la première page du mini-site.", en: "The address of the mini-site's first page.")))
  var url: String
  @Option(
    help: .init(
      Words(
        fr: "Le module auquel le site est destiné ; sinon celui dont c’est l’URL, ou le seul.",
        en: "The module that the site is for; otherwise the one whose URL it is, or the only one.")))
  var module: String?
  @Option(help: .init(Words(fr: "Au plus tant de pages.", en: "At most so many pages.")))
  var limit = 200
  @OptionGroup var listing: ListingOptions

  func run() throws {
    try Console.run {
      guard let address = WebURL(written: url)?.description, let start = URL(string: address) else {
        throw CommandFailure(
          Words(fr: "« \(url) » n’est pas une URL http ou https", en: "“\(url)” is not an http or https URL"))
      }
      guard limit > 0 else {
        throw CommandFailure(Words(fr: "--limit doit être supérieur à 0", en: "--limit must be above 0"))
      }
      let workplace = try Workplace()
      let modules = try Modules.list(in: workplace.database).filter { $0.status == "active" }.map { module in
        (
          slug: module.slug, url: module.url,
          grains: try Grains.list(of: module.slug, in: workplace.database).filter { $0.status == "active" }.map(\.slug)
        )
      }
      if let module, !modules.contains(where: { $0.slug == module }) {
        throw CommandFailure(
          Words(
            fr: "il n’y a pas de module « \(module) » ; connus : "
              + "\(modules.map(\.slug).joined(separator: ", "))",
            en: "there is no module “\(module)”; known: \(modules.map(\.slug).joined(separator: ", "))"))
      }
      let nearest = modules.map { (slug: $0.slug, url: $0.url.flatMap { WebURL(written: $0)?.description } ?? "") }
        .filter { !$0.url.isEmpty && address.hasPrefix($0.url) }.max { $0.url.count < $1.url.count }
      let settings = workplace.environment.settings
      var report = Report()
      SiteChecks(
        settings: settings, modules: modules,
        module: module ?? nearest?.slug ?? (modules.count == 1 ? modules[0].slug : nil)
      ).run(SiteCrawl(start, limit: limit, settings: settings), &report)
      try report.finish(listing)
    }
  }
}
