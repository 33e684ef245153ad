import ArgumentParser
import Passerelle
import Postgres
import Store
import Wire

/// `passerelle module`: the mini-site's modules.
struct ModuleCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "module", abstract: "Add, list and import modules.",
      subcommands: [Add.self, List.self, Import.self])
  }

  struct Add: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: "Add a module.")
    }

    @Argument(help: "The module's name in addresses, such as “decouverte”.")
    var slug: String
    @Option(help: "The module's title for people.")
    var title: String
    @Option(help: "Where its mini-site is; PASSERELLE_MINISITE_URL when left out.")
    var url: String?
    @Option(help: "proportion, or all-or-nothing.")
    var grading: Grading = .proportion

    func run() throws {
      try Console.run {
        let module = try Catalogue.Module(
          slug: slug, title: title, url: url, grading: grading, status: .active, position: nil)
        let database = try Workplace().database
        try CatalogueChecks.expectOwn(in: database)
        guard try Modules.add(module.entry, in: database) else {
          throw CommandFailure("there is a module “\(slug)” already; change it in Directus or with module import")
        }
        print("added: module \(slug)")
      }
    }
  }

  struct List: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: "List the modules.")
    }

    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        let rows = try Modules.list(in: try Workplace().database)
        listing.print(rows.map(\.json), columns: ["slug", "title", "grading", "status", "grains", "url"])
      }
    }
  }

  struct Import: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: "Add or update modules and grains from CSV or JSON files.",
        discussion: """
          Files written by hand or by a spreadsheet, or what Directus exports of “modules” and “grains”, in any order. Rows with a \
          “module” (its slug, or its id) are grains; the others are modules. Columns: slug, title, url, grading, status, \
          position for modules; module, slug, title, weight, status, position for grains; sort is position, and a row \
          with an id that is known changes that one, its slug too. JSON may also nest grains: [{"slug": "m", "title": \
          "M", "grains": [{"slug": "a", "title": "A", "weight": 2}]}]. What a file does not name, or leaves empty, stays as it \
          is. All of the files is taken, or nothing.
          """)
    }

    @Argument(help: "Files whose names end in .csv or .json.")
    var files: [String]

    func run() throws {
      try Console.run {
        let catalogue = try CatalogueFile.read(files)
        let database = try Workplace().database
        try CatalogueChecks.expectOwn(in: database)
        try CatalogueImport.run(catalogue, in: database)
        print("imported: \(catalogue.modules.count) modules, \(catalogue.grains.count) grains")
      }
    }
  }
}

/// `passerelle grain`: the units of a module.
struct GrainCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "grain", abstract: "Add and list grains.", subcommands: [Add.self, List.self])
  }

  struct Add: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: "Add a grain to a module.")
    }

    @Argument(help: "The module's slug.")
    var module: String
    @Argument(help: "The grain's name in the mini-site's calls.")
    var slug: String
    @Option(help: "The grain's title for people.")
    var title: String
    @Option(help: "How much it counts, against the others of its module.")
    var weight: Double = 1
    @Option(help: "Its place among the others; last when left out.")
    var position: Int?

    func run() throws {
      try Console.run {
        let grain = try Catalogue.Grain(
          module: module, slug: slug, title: title, weight: weight, status: .active, position: position)
        let database = try Workplace().database
        try CatalogueChecks.expectOwn(in: database)
        try CatalogueChecks.require(module, in: database)
        guard try Grains.add(grain.entry, in: database) else {
          throw CommandFailure("module “\(module)” has a grain “\(slug)” already")
        }
        print("added: grain \(slug) of module \(module)")
      }
    }
  }

  struct List: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: "List a module's grains.")
    }

    @Argument(help: "The module's slug.")
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
