import ArgumentParser
import Directus
import Passerelle
import Wire

/// `passerelle directus`: what Directus knows of the collections.
struct DirectusCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "directus", abstract: "What Directus knows of the collections.",
      subcommands: [Status.self, DirectusTrainer.self, Refresh.self, Remove.self, DirectusAdopt.self])
  }

  struct Status: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: "List what Directus is told of the collections, and what of it is missing.")
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
        abstract: "Clear the caches of a running Directus.",
        discussion: """
          Directus keeps its schema, permissions and settings in memory, and knows nothing of changes made in the database. \
          Restarting it does the same.
          """)
    }

    @OptionGroup var access: DirectusAccess

    func validate() throws {
      guard access.url != nil else { throw ValidationError("--directus-url and --directus-token-file are needed") }
    }

    func run() throws {
      try Console.run { try access.refresh(try Workplace.settings()) }
    }
  }

  struct Remove: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: "Take away what migrate and directus trainer put into Directus's tables.",
        discussion: """
          Only rows that this command put there go; the collections' data stays. What an administrator had made before, a \
          folder that holds other collections and roles that people have are left and named.
          """)
    }

    @OptionGroup var access: DirectusAccess

    func run() throws {
      try Console.run {
        let workplace = try Workplace(as: .owner)
        let connection = try workplace.database.connection()
        let tables = try DirectusWork.tables(on: connection)
        let roles = try Trainer.removeAll(tables, on: connection)
        let metadata = try DirectusWork.installer(tables, on: connection).remove(on: connection)
        if metadata.removed.isEmpty && roles.removed.isEmpty { print("Directus holds nothing of Passerelle’s") }
        if !metadata.removed.isEmpty { print("removed from Directus: \(metadata.removed)") }
        for role in roles.removed { print("removed from Directus: the role “\(role)”") }
        for row in metadata.left { print("left, not Passerelle’s alone: \(row.table.noun) \(row.key)") }
        for role in roles.left { print("left, people have it: the role “\(role)”") }
        if !metadata.removed.isEmpty || !roles.removed.isEmpty || access.url != nil {
          try access.refresh(workplace.environment.settings)
        }
      }
    }
  }
}
