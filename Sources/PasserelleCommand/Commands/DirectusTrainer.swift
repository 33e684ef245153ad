import ArgumentParser
import Directus

/// `passerelle directus trainer`: a role for people who teach.
struct DirectusTrainer: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "trainer",
      abstract: "Make a role in Directus that reads the collections and corrects progress.",
      discussion: """
        A second run adds what is missing. Give the role to people in Directus: User Directory. Its permissions cover whole \
        collections: Directus 12 without a licence ignores finer ones. From version 12 on each person with the role takes a \
        seat of the licence.
        """)
  }

  @Option(help: "What Directus calls the role.")
  var name = "Formateur"
  @OptionGroup var access: DirectusAccess

  func validate() throws {
    guard (1...100).contains(name.count) else { throw ValidationError("a name has 1 to 100 characters") }
  }

  func run() throws {
    try Console.run {
      let workplace = try Workplace(as: .owner)
      let connection = try workplace.database.connection()
      let tables = try DirectusWork.tables(on: connection)
      // An institution gives roles for collections that it adopted itself.
      let own = try MetadataInstaller.ownCollections(on: connection)
      let outcome = try Trainer(tables, name: name, readable: own, editable: own.filter { $0 == "progress" })
        .install(on: connection)
      print(
        outcome.isNew
          ? "made the role “\(name)”: it reads \(own.joined(separator: ", "))"
            + (own.contains("progress") ? " and changes progress" : "")
          : outcome.permissions > 0
            ? "the role “\(name)” was there; permissions added: \(outcome.permissions)"
            : "the role “\(name)” has all it needs")
      if outcome.isNew || outcome.permissions > 0 || access.url != nil {
        try access.refresh(workplace.environment.settings)
      }
    }
  }
}
