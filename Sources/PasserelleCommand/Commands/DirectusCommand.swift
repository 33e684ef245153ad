import ArgumentParser
import Directus
import Passerelle
import Postgres
import Wire

/// `passerelle directus`: what Directus knows of the collections.
struct DirectusCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "directus",
      abstract: Words(fr: "Ce que Directus sait des collections.", en: "What Directus knows of the collections."),
      subcommands: [Status.self, DirectusTrainer.self, Refresh.self, Remove.self, DirectusAdopt.self])
  }

  struct Status: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(
          fr: "Liste ce que Directus apprend des collections, et ce qui en manque.",
          en: "List what Directus is told of the collections, and what of it is missing."))
    }

    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        let connection = try Workplace(as: .owner).database.connection()
        let tables = try DirectusWork.tables(on: connection)
        let installer = try DirectusWork.installer(tables, on: connection)
        let missing = Set(try installer.missing(on: connection).map { "\($0.table.rawValue) \($0.key)" })
        listing.print(
          installer.rows.filter { listing.json || $0.table != .translations }.map { row in
            [
              "kind": .string(row.table.noun), "name": .string(row.key),
              "present": .bool(!missing.contains("\(row.table.rawValue) \(row.key)")),
            ]
          }, columns: ["kind", "name", "present"])
      }
    }
  }

  struct Refresh: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(fr: "Vide les caches d’un Directus en marche.", en: "Clear the caches of a running Directus."),
        discussion: Words(
          fr: """
            Directus garde en mémoire son schéma, ses droits et ses réglages, et ne sait rien des changements faits dans \
            la base. Le redémarrer a le même effet.
            """,
          en: """
            Directus keeps its schema, permissions and settings in memory, and knows nothing of changes made in the database. \
            Restarting it does the same.
            """))
    }

    @OptionGroup var access: DirectusAccess

    func validate() throws {
      guard access.url != nil else {
        throw ValidationError(
          Words(
            fr: "--directus-url et --directus-token-file sont nécessaires",
            en: "--directus-url and --directus-token-file are needed"))
      }
    }

    func run() throws {
      try Console.run { try access.refresh(try Workplace.settings()) }
    }
  }

  struct Remove: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(
          fr: "Retire ce que migrate et directus trainer ont mis dans les tables de Directus.",
          en: "Take away what migrate and directus trainer put into Directus's tables."),
        discussion: Words(
          fr: """
            Seules partent les lignes que cette commande y a mises ; les données des collections restent. Ce qu’un \
            administrateur avait fait avant, un dossier qui contient d’autres collections et les rôles que des personnes \
            ont sont laissés, et nommés.
            """,
          en: """
            Only rows that this command put there go; the collections' data stays. What an administrator had made before, a \
            folder that holds other collections and roles that people have are left and named.
            """))
    }

    @OptionGroup var access: DirectusAccess

    func run() throws {
      try Console.run {
        let workplace = try Workplace(as: .owner)
        let connection = try workplace.database.connection()
        let tables = try DirectusWork.tables(on: connection)
        let roles = try takeRoles(tables, workplace.environment.settings, connection)
        let metadata = try DirectusWork.installer(tables, on: connection).remove(on: connection)
        if metadata.removed.isEmpty && roles.removed.isEmpty {
          Console.say(
            Words(fr: "Directus ne contient rien de Passerelle", en: "Directus holds nothing of Passerelle’s"))
        }
        if !metadata.removed.isEmpty {
          Console.say(
            Words(fr: "retiré de Directus : \(metadata.removed)", en: "removed from Directus: \(metadata.removed)"))
        }
        for role in roles.removed {
          Console.say(
            Words(fr: "retiré de Directus : le rôle « \(role) »", en: "removed from Directus: the role “\(role)”"))
        }
        for row in metadata.left {
          Console.say(
            Words(
              fr: "laissé, car pas à Passerelle seule : \(row.table.noun) \(row.key)",
              en: "left, not Passerelle’s alone: \(row.table.noun) \(row.key)"))
        }
        for role in roles.left {
          Console.say(
            Words(
              fr: "laissé, car des personnes l’ont : le rôle « \(role) »",
              en: "left, people have it: the role “\(role)”"))
        }
        if !metadata.removed.isEmpty || !roles.removed.isEmpty || access.url != nil {
          try access.refresh(workplace.environment.settings)
        }
      }
    }

    /// Through Directus where it was named, otherwise as the owner of its tables.
    private func takeRoles(
      _ tables: SystemTables, _ settings: Settings, _ connection: Connection
    ) throws -> Trainer.Removal {
      guard try Trainer.isKnown(on: connection) else { return Trainer.Removal(removed: [], left: []) }
      guard let server = try access.server(settings) else { return try Trainer.removeAll(tables, on: connection) }
      return try door(server, connection, { door throws(TrainerDoor.Problem) in try door.removeAll() })
    }
  }
}
