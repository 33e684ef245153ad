import ArgumentParser
import Foundation
import Passerelle
import Store
import Wire

/// `passerelle package`: makes a mini-site of a SCORM package.
struct PackageCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "package",
      abstract: Words(
        fr: "Dépaquette un paquet SCORM dans un dossier, écrit ses pages, et ajoute son module et ses "
          + "grains.", en: "Unpack a SCORM package into a folder, write its pages, and add its module and grains."),
      discussion: Words(
        fr: """
          Chaque unité (SCO) d’imsmanifest.xml devient un grain avec une page à elle. Un paquet exécute des scripts \
          faits par d’autres : publiez le dossier sous un nom d’hôte à lui, jamais sous celui de Passerelle. Rien \
          n’est écrit, et rien n’est ajouté, si quoi que ce soit de l’archive n’est pas digne de confiance.
          """,
        en: """
          Each unit (SCO) of imsmanifest.xml becomes a grain with a page of its own. A package runs scripts that somebody else \
          made: publish the folder under a host name of its own, never under that of Passerelle. Nothing is written, and \
          nothing added, when anything of the archive cannot be trusted.
          """))
  }

  @Argument(help: .init(Words(fr: "Le paquet, un fichier ZIP.", en: "The package, a ZIP file.")))
  var file: String
  @Option(help: .init(Words(fr: "Un nouveau dossier pour le mini-site.", en: "A new folder for the mini-site.")))
  var to: String
  @Option(
    help: .init(
      Words(
        fr: "Le nom du module dans les adresses ; sinon tiré du titre du paquet.",
        en: "The module's name in addresses; made from the package's title when left out.")))
  var module: String?
  @Option(
    help: .init(
      Words(
        fr: "Où le dossier sera publié ; sinon PASSERELLE_MINISITE_URL.",
        en: "Where the folder will be published; PASSERELLE_MINISITE_URL when left out.")))
  var url: String?
  @Option(
    help: .init(
      Words(
        fr: "La langue de ses pages, par exemple fr ; sinon celle du manifeste.",
        en: "The language of its pages, such as fr; the manifest's own when left out.")))
  var language: String?

  func run() throws {
    try Console.run {
      let archive = try PackageArchive(try Console.contents(of: file))
      guard let entry = archive.entries.first(where: { $0.name == "imsmanifest.xml" }) else {
        throw CommandFailure(
          Words(
            fr: "l’archive n’a pas d’imsmanifest.xml à sa racine : ce n’est pas un paquet SCORM",
            en: "the archive has no imsmanifest.xml at its top: it is no SCORM package"))
      }
      let manifest = try ScormManifest(try archive.contents(of: entry))
      guard !manifest.units.isEmpty else {
        throw CommandFailure(
          Words(
            fr: "imsmanifest.xml ne nomme aucune unité qui parle SCORM",
            en: "imsmanifest.xml names no unit that speaks to SCORM"))
      }
      let title = manifest.title.isEmpty ? manifest.units[0].title : manifest.title
      let module = module ?? Self.slug(title, or: "module")
      let units = try Self.pages(of: manifest, in: archive)

      let workplace = try Workplace()
      try CatalogueChecks.expectOwn(in: workplace.database)
      let settings = workplace.environment.settings
      var catalogue = Catalogue()
      catalogue.modules = [
        try Catalogue.Module(
          slug: module, title: title.isEmpty ? module : title, url: url, grading: nil, scope: nil, status: .active,
          position: nil)
      ]
      catalogue.grains = try units.enumerated().map { index, unit in
        try Catalogue.Grain(
          module: module, slug: unit.slug, title: unit.title, weight: nil, status: .active, position: index + 1)
      }
      let pages = PackagePage.all(
        module: module, title: title, language: language ?? manifest.language, units: units, version: manifest.version,
        tag: try ScriptCommand.tag(settings))
      let skipped = try Self.unpack(archive, pages, to: to)
      do { try CatalogueImport.run(catalogue, in: workplace.database) } catch {
        try? FileManager.default.removeItem(atPath: to)
        throw error
      }
      report(manifest, module, units, skipped, settings)
    }
  }

  // MARK: - Units

  /// The units with distinct slugs; fails when a start page is not in the archive.
  private static func pages(of manifest: ScormManifest, in archive: PackageArchive) throws -> [PackagePage.Unit] {
    let names = Set(archive.entries.map(\.name))
    var slugs: Set<String> = ["index"]
    return try manifest.units.enumerated().map { index, unit in
      let path = unit.href.prefix { $0 != "?" && $0 != "#" }
      guard names.contains(path.removingPercentEncoding ?? String(path)) else {
        throw CommandFailure(
          Words(
            fr: "la page de départ « \(unit.href) » de « \(unit.title) » n’est pas dans l’archive",
            en: "the start page “\(unit.href)” of “\(unit.title)” is not in the archive"))
      }
      var slug = slug(unit.title, or: "unit-\(index + 1)")
      while !slugs.insert(slug).inserted { slug += "-\(index + 1)" }
      return .init(slug: slug, title: unit.title.isEmpty ? slug : unit.title, source: "content/" + unit.href)
    }
  }

  /// A title as a slug: letters without their accents, digits, and dashes between.
  private static func slug(_ title: String, or other: String) -> String {
    let plain = title.folding(options: [.diacriticInsensitive, .caseInsensitive], locale: nil).lowercased()
    let words = plain.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let slug = String(words.joined(separator: "-").prefix(60))
    return slug.isEmpty ? other : slug
  }

  // MARK: - The folder

  /// Unpacks beside the folder and renames it at the end, so that it is there whole or not at all; answers what was left
  /// out because a web server might run or obey it.
  private static func unpack(_ archive: PackageArchive, _ pages: [(name: String, html: String)], to folder: String)
    throws
    -> [String]
  {
    let files = FileManager.default
    let target = URL(fileURLWithPath: folder, isDirectory: true)
    guard !files.fileExists(atPath: target.path) else {
      throw CommandFailure(Words(fr: "\(folder) existe déjà", en: "\(folder) is there already"))
    }
    let stage = target.deletingLastPathComponent().appendingPathComponent(
      ".\(target.lastPathComponent).\(UUID().uuidString)")
    var skipped: [String] = []
    do {
      defer { try? files.removeItem(at: stage) }
      let content = stage.appendingPathComponent("content")
      try files.createDirectory(at: content, withIntermediateDirectories: true)
      var bar = ProgressBar(Words(fr: "dépaquetage", en: "unpack"))
      for entry in archive.entries {
        guard !isObeyed(entry) else {
          skipped.append(entry.name)
          continue
        }
        let place = entry.path.reduce(content) { $0.appendingPathComponent($1) }
        try files.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(try archive.contents(of: entry)).write(to: place, options: .withoutOverwriting)
        bar.advance(of: archive.entries.count)
      }
      bar.finish()
      for page in pages { try Data(page.html.utf8).write(to: stage.appendingPathComponent(page.name)) }
      try files.moveItem(at: stage, to: target)
    } catch let error as CocoaError {
      throw CommandFailure(
        Words(
          fr: "impossible d’écrire \(folder) : \(error.localizedDescription)",
          en: "\(folder) cannot be written: \(error.localizedDescription)"))
    }
    return skipped
  }

  /// Whether a web server may take a file for its own: settings, and programs. No package needs either.
  private static func isObeyed(_ entry: PackageArchive.Entry) -> Bool {
    guard let name = entry.path.last?.lowercased() else { return true }
    let programs = [
      ".php", ".phtml", ".phar", ".cgi", ".pl", ".py", ".sh", ".asp", ".aspx", ".jsp", ".shtml", ".htaccess",
    ]
    return entry.path.contains { $0.hasPrefix(".") } || name == "web.config" || programs.contains { name.hasSuffix($0) }
  }

  private func report(
    _ manifest: ScormManifest, _ module: String, _ units: [PackagePage.Unit], _ skipped: [String], _ settings: Settings
  ) {
    Console.say(
      Words(
        fr: "écrit : \(to), SCORM \(manifest.version ?? "d’une version inconnue")",
        en: "written: \(to), SCORM \(manifest.version ?? "of an unknown version")"))
    Console.say(Words(fr: "ajouté : le module \(module)", en: "added: module \(module)"))
    for (unit, described) in zip(units, manifest.units) {
      let mastery =
        described.masteryScore.map { Words(fr: ", acquis à partir de \($0)", en: ", passed from \($0)") } ?? .same("")
      let objectives =
        described.objectives.isEmpty
        ? Words.same("")
        : Words(fr: ", \(described.objectives.count) objectifs", en: ", \(described.objectives.count) objectives")
      Console.say(
        Words(
          fr: "ajouté : le grain \(unit.slug) (\(unit.title)\(mastery.french)\(objectives.french))",
          en: "added: grain \(unit.slug) (\(unit.title)\(mastery.english)\(objectives.english))"))
    }
    for name in skipped {
      Console.note(
        Words(
          fr: "omis, car un serveur web pourrait l’exécuter ou lui obéir : \(name)",
          en: "left out, because a web server might run or obey it: \(name)"))
    }
    let address = url.flatMap { WebURL(written: $0) } ?? settings.minisiteURL
    if let origin = address?.origin, origin == settings.baseURL.origin {
      Console.note(
        Words(
          fr: "\(origin) est l’adresse même de Passerelle : un script du paquet pourrait lire le tableau "
            + "de bord d’un enseignant qui l’ouvre ; publiez le dossier sous un autre nom d’hôte",
          en:
            "\(origin) is Passerelle's own address: a script in the package could read the dashboard of a teacher who "
            + "opens it; publish the folder under another host name"))
    }
  }
}
