import ArgumentParser
import Passerelle
import Postgres
import Store
import Wire

/// `passerelle module`: the mini-site's modules.
struct ModuleCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "module",
      abstract: Words(fr: "Ajoute, liste et importe des modules.", en: "Add, list and import modules."),
      subcommands: [Add.self, List.self, Import.self])
  }

  struct Add: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: Words(fr: "Ajoute un module.", en: "Add a module."))
    }

    @Argument(
      help: .init(
        Words(
          fr: "Le nom du module dans les adresses, par exemple « decouverte ».",
          en: "The module's name in addresses, such as “decouverte”.")))
    var slug: String
    @Option(help: .init(Words(fr: "Le titre du module, pour les personnes.", en: "The module's title for people.")))
    var title: String
    @Option(
      help: .init(
        Words(
          fr: "Où est son mini-site ; sinon PASSERELLE_MINISITE_URL.",
          en: "Where its mini-site is; PASSERELLE_MINISITE_URL when left out.")))
    var url: String?
    @Option(help: .init(Words(fr: "proportion, ou all-or-nothing.", en: "proportion, or all-or-nothing.")))
    var grading: Grading = .proportion
    @Option(
      help: .init(
        Words(
          fr: "learner : ce qui est fait est fait, dans toutes les activités ; activity : chaque activité "
            + "compte sa propre progression.",
          en: "learner: done is done, in every activity; activity: each activity counts its own progress.")))
    var scope: Scope = .learner

    func run() throws {
      try Console.run {
        let module = try Catalogue.Module(
          slug: slug, title: title, url: url, grading: grading, scope: scope, status: .active, position: nil)
        let database = try Workplace().database
        try CatalogueChecks.expectOwn(in: database)
        guard try Modules.add(module.entry, in: database) else {
          throw CommandFailure(
            Words(
              fr: "il y a déjà un module « \(slug) » ; modifiez-le dans Directus ou avec module import",
              en: "there is a module “\(slug)” already; change it in Directus or with module import"))
        }
        Console.say(Words(fr: "ajouté : le module \(slug)", en: "added: module \(slug)"))
      }
    }
  }

  struct List: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: Words(fr: "Liste les modules.", en: "List the modules."))
    }

    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        let rows = try Modules.list(in: try Workplace().database)
        listing.print(rows.map(\.json), columns: ["slug", "title", "grading", "scope", "status", "grains", "url"])
      }
    }
  }

  struct Import: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(
          fr: "Ajoute ou met à jour des modules et des grains depuis des fichiers CSV ou JSON.",
          en: "Add or update modules and grains from CSV or JSON files."),
        discussion: Words(
          fr: """
            Des fichiers écrits à la main ou par un tableur, ou ce que Directus exporte de « modules » et « grains », \
            dans n’importe quel ordre. Les lignes qui ont un « module » (son slug, ou son id) sont des grains ; les \
            autres, des modules. Colonnes : slug, title, url, grading, scope, status, position pour les modules ; \
            module, slug, title, weight, status, position pour les grains ; sort vaut position, et une ligne dont l’id \
            est connu modifie celui-là, slug compris. Le JSON peut aussi imbriquer les grains : [{"slug": "m", "title": \
            "M", "grains": [{"slug": "a", "title": "A", "weight": 2}]}]. Ce qu’un fichier ne nomme pas, ou laisse vide, \
            reste tel quel. Les fichiers sont pris en entier, ou pas du tout.
            """,
          en: """
            Files written by hand or by a spreadsheet, or what Directus exports of “modules” and “grains”, in any order. Rows with a \
            “module” (its slug, or its id) are grains; the others are modules. Columns: slug, title, url, grading, scope, status, \
            position for modules; module, slug, title, weight, status, position for grains; sort is position, and a row \
            with an id that is known changes that one, its slug too. JSON may also nest grains: [{"slug": "m", "title": \
            "M", "grains": [{"slug": "a", "title": "A", "weight": 2}]}]. What a file does not name, or leaves empty, stays as it \
            is. All of the files is taken, or nothing.
            """))
    }

    @Argument(
      help: .init(
        Words(fr: "Des fichiers dont le nom finit par .csv ou .json.", en: "Files whose names end in .csv or .json.")))
    var files: [String]

    func run() throws {
      try Console.run {
        let catalogue = try CatalogueFile.read(files)
        let database = try Workplace().database
        try CatalogueChecks.expectOwn(in: database)
        let before = try Modules.list(in: database)
        try CatalogueImport.run(catalogue, in: database)
        for module in try Modules.list(in: database) {
          guard let scope = Scope(rawValue: module.scope),
            before.contains(where: { $0.slug == module.slug && $0.scope != module.scope })
          else { continue }
          Console.say(Words { "\(module.slug)\($0 == .french ? " :" : ":") \(scope.wordsOfChange[$0])" })
        }
        Console.say(
          Words(
            fr: "importés : \(catalogue.modules.count) modules, \(catalogue.grains.count) grains",
            en: "imported: \(catalogue.modules.count) modules, \(catalogue.grains.count) grains"))
      }
    }
  }
}

/// `passerelle grain`: the units of a module.
struct GrainCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "grain", abstract: Words(fr: "Ajoute et liste des grains.", en: "Add and list grains."),
      subcommands: [Add.self, List.self])
  }

  struct Add: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: Words(fr: "Ajoute un grain à un module.", en: "Add a grain to a module."))
    }

    @Argument(help: .init(Words(fr: "Le slug du module.", en: "The module's slug.")))
    var module: String
    @Argument(
      help: .init(
        Words(fr: "Le nom du grain dans les appels du mini-site.", en: "The grain's name in the mini-site's calls.")))
    var slug: String
    @Option(help: .init(Words(fr: "Le titre du grain, pour les personnes.", en: "The grain's title for people.")))
    var title: String
    @Option(
      help: .init(
        Words(
          fr: "Combien il compte, par rapport aux autres de son module.",
          en: "How much it counts, against the others of its module.")))
    var weight = DecimalText(1)
    @Option(
      help: .init(
        Words(
          fr: "Sa place parmi les autres ; le dernier si elle n’est pas donnée.",
          en: "Its place among the others; last when left out.")))
    var position: Int?

    func run() throws {
      try Console.run {
        let grain = try Catalogue.Grain(
          module: module, slug: slug, title: title, weight: weight.value, status: .active, position: position)
        let database = try Workplace().database
        try CatalogueChecks.expectOwn(in: database)
        try CatalogueChecks.require(module, in: database)
        guard try Grains.add(grain.entry, in: database) else {
          throw CommandFailure(
            Words(
              fr: "le module « \(module) » a déjà un grain « \(slug) »",
              en: "module “\(module)” has a grain “\(slug)” already"))
        }
        Console.say(
          Words(fr: "ajouté : le grain \(slug) du module \(module)", en: "added: grain \(slug) of module \(module)"))
      }
    }
  }

  struct List: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: Words(fr: "Liste les grains d’un module.", en: "List a module's grains."))
    }

    @Argument(help: .init(Words(fr: "Le slug du module.", en: "The module's slug.")))
    var module: String
    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        let database = try Workplace().database
        try CatalogueChecks.require(module, in: database)
        let rows = try Grains.list(of: module, in: database)
        listing.print(rows.map(\.json), columns: ["slug", "title", "weight", "status", "position"])
      }
    }
  }
}

extension Grading: ExpressibleByArgument {}
extension Scope: ExpressibleByArgument {}
