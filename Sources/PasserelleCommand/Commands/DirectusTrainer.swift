import ArgumentParser
import Directus
import Passerelle
import Postgres
import Wire

/// `passerelle directus trainer`: a role for people who teach.
struct DirectusTrainer: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "trainer",
      abstract: Words(
        fr: "Crée dans Directus un rôle qui lit les collections, corrige la progression et renvoie les "
          + "notes.",
        en: "Make a role in Directus that reads the collections, corrects progress and sends grades again."),
      discussion: Words(
        fr: """
          C’est Directus qui le crée, à la demande d’un jeton d’administrateur (--directus-url et \
          --directus-token-file) ; sans eux, cette commande écrit elle-même dans les tables de Directus, ce que seul \
          leur propriétaire peut faire. Une seconde exécution ajoute ce qui manque. Donnez le rôle aux personnes dans \
          Directus : Répertoire des utilisateurs. Ses droits portent sur des collections entières : Directus 12 sans \
          licence en ignore de plus fins. À partir de la version 12, chaque personne ayant le rôle prend un siège de \
          la licence.
          """,
        en: """
          Directus makes it, asked with an administrator's token (--directus-url and --directus-token-file); without them this \
          command writes into Directus's tables itself, which only their owner may. A second run adds what is missing. Give the \
          role to people in Directus: User Directory. Its permissions cover whole collections: Directus 12 without a licence \
          ignores finer ones. From version 12 on each person with the role takes a seat of the licence.
          """))
  }

  @Option(help: .init(Words(fr: "Le nom du rôle dans Directus.", en: "What Directus calls the role.")))
  var name = "Formateur"
  @OptionGroup var access: DirectusAccess

  func validate() throws {
    guard (1...100).contains(name.count) else {
      throw ValidationError(Words(fr: "un nom a de 1 à 100 caractères", en: "a name has 1 to 100 characters"))
    }
  }

  func run() throws {
    try Console.run {
      let workplace = try Workplace(as: .owner)
      let connection = try workplace.database.connection()
      try DirectusWork.expectThere(on: connection)
      let own = try MetadataInstaller.ownCollections(on: connection)
      let trainer = Trainer(name: name, collections: own)
      if let server = try access.server(workplace.environment.settings) {
        say(try door(server, connection, { door throws(TrainerDoor.Problem) in try door.install(trainer) }), own)
        if let licence = try server.licence() { sayTaken(licence) }
      } else {
        let outcome = try trainer.install(try DirectusWork.tables(on: connection), on: connection)
        say(outcome, own)
        if outcome.isNew || outcome.permissions > 0 { try access.refresh(workplace.environment.settings) }
      }
    }
  }

  private func say(_ outcome: Trainer.Outcome, _ own: [String]) {
    guard outcome.isNew else {
      guard outcome.permissions > 0 else {
        return Console.say(
          Words(fr: "le rôle « \(name) » a tout ce qu’il lui faut", en: "the role “\(name)” has all it needs"))
      }
      return Console.say(
        Words(
          fr: "le rôle « \(name) » existait ; droits ajoutés : \(outcome.permissions)",
          en: "the role “\(name)” was there; permissions added: \(outcome.permissions)"))
    }
    let reads = own.joined(separator: ", ")
    let changes =
      own.contains("progress")
      ? Words(fr: "crée, modifie et supprime la progression, ", en: "creates, changes and deletes progress, ")
      : .same("")
    Console.say(
      Words(
        fr: "rôle « \(name) » créé : il lit \(reads) et les tableaux de bord, \(changes.french)et renvoie les notes",
        en: "made the role “\(name)”: it reads \(reads) and dashboards, \(changes.english)and sends grades again"))
  }

  private func sayTaken(_ licence: DirectusLicence) {
    let rest = licence.seats.isFull ? Words(fr: ", et il n’en reste aucun", en: ", and none is left") : .same("")
    Console.say(
      Words(
        fr:
          "sièges occupés de la licence « \(licence.name) » : \(licence.seats.words.french) ; chaque personne ayant le rôle "
          + "en prend un\(rest.french)",
        en:
          "seats of the licence “\(licence.name)” taken: \(licence.seats.words.english); each person with the role takes "
          + "one\(rest.english)"))
  }
}

/// Does something to the trainer's role through a running Directus.
func door<Value>(
  _ server: DirectusServer, _ connection: Connection, _ work: (TrainerDoor) throws(TrainerDoor.Problem) -> Value
) throws -> Value {
  do throws(TrainerDoor.Problem) { return try work(try TrainerDoor(server, on: connection)) } catch {
    switch error {
    case .server(let problem): throw problem
    case .database(let problem): throw problem
    }
  }
}
