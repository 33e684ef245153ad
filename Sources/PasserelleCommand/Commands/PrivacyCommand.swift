import Adoption
import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle privacy`: what whoever answers for personal data needs.
struct PrivacyCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "privacy",
      abstract: Words(
        fr: "Ce dont a besoin qui répond des données personnelles.", en: "What whoever answers for personal data needs."
      ), subcommands: [Register.self])
  }

  /// `passerelle privacy register`: the entry for the register of processing (GDPR, article 30), in French.
  struct Register: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(
          fr: "Affiche, en français, la fiche du registre des traitements (article 30 du RGPD).",
          en: "Print, in French, the entry for the register of processing (article 30 of the GDPR)."),
        discussion: Words(
          fr: "Conforme à cette base et à ses réglages. Ce que seul l’établissement sait est entre "
            + "crochets.",
          en: "True to this database and its settings. What only the institution knows stands in brackets."))
    }

    func run() throws {
      try Console.run {
        let workplace = try Workplace(as: .owner)
        let database = workplace.database
        let adopted = try Adopted.read(on: database.connection())
        let entry = RegisterEntry(
          held: try Store.Register.held(in: database), sources: try Store.Register.sources(in: database),
          people: try Store.Register.people(in: database),
          adopted: adopted.map { found in
            AdoptionMap.Role.allCases.compactMap { role in found.tables[role].map { "public.\($0)" } }
          } ?? [], settings: workplace.environment.settings)
        print(entry.text, terminator: "")
      }
    }
  }
}

/// The entry as Markdown.
struct RegisterEntry {
  let held: [Store.Register.Held]
  let sources: [Store.Register.Source]
  let people: Int
  /// The institution's own tables in which people or progress are.
  let adopted: [String]
  let settings: Settings

  /// What each table says of a person, and until when it is kept. A table that is not here is named all the same.
  static let meanings: [String: String] = [
    "public.learners":
      "nom, prénom, nom de famille, adresse électronique, langue, dernière visite (repris de Moodle ou corrigés par le "
      + "personnel) ; jusqu’à l’effacement",
    "public.progress": "grains commencés et terminés, scores, dates, activité ; jusqu’à l’effacement",
    "public.grades": "notes dues et envoyées à Moodle, essais, dernière erreur ; jusqu’à l’effacement",
    "passerelle.identities":
      "identifiant de la personne dans Moodle et ce que Moodle a dit en dernier ; jusqu’à l’effacement",
    "passerelle.enrolments":
      "activités ouvertes, rôles, dates d’ouverture, adresses des services de Moodle, état des envois ; jusqu’à l’effacement",
    "passerelle.members": "liste des inscrits d’un cours, pour le tableau de bord ; un jour",
    "passerelle.runs": "parcours mis de côté quand la personne recommence ; jusqu’à l’effacement",
    "passerelle.states": "petit état gardé par le mini-site (réponses, page) ; jusqu’à l’effacement",
    "passerelle.corrections": "qui a corrigé un grain, et pourquoi ; jusqu’à l’effacement",
    "passerelle.own_learners": "table des apprenants d’avant l’adoption, gardée vide",
    "passerelle.own_progress": "table de la progression d’avant l’adoption, gardée vide",
    "passerelle.codes": "codes d’ouverture à usage unique (empreinte) ; une minute",
  ]

  /// The whole entry.
  var text: String {
    let moodles = sources.map { "\($0.name) (\($0.issuer))" }.joined(separator: ", ")
    let source = moodles.isEmpty ? "aucun Moodle n’est encore enregistré" : moodles
    let hours = settings.sessionHours
    var lines = [
      "# Fiche du registre des traitements : Passerelle", "",
      "Établie par `passerelle privacy register` d’après la base et les réglages de ce serveur (RGPD, article 30).", "",
      "- **Responsable du traitement** : [nom et coordonnées de l’établissement ; délégué à la protection des données]",
      "- **Finalités** : reconnaître les apprenants qui arrivent de Moodle, enregistrer leur progression dans le mini-site, "
        + "envoyer leurs notes à Moodle, montrer aux enseignants où en est chacun",
      "- **Base légale** : [mission d’intérêt public, ou autre]",
      "- **Personnes concernées** : apprenants et enseignants venus de Moodle ; \(people) fiches en ce moment",
      "- **Source des données** : \(source) ; le mini-site ; le personnel",
      "- **Destinataires** : les enseignants du cours (tableau de bord), le personnel habilité dans Directus, "
        + "Moodle (les notes) ; aucun autre, et rien n’est transmis hors de ces systèmes par Passerelle",
      "- **Adresse du service** : \(settings.baseURL)", "", "## Données et durées", "",
    ]
    for table in held {
      lines.append(
        "- `\(table.table)` : \(meaning(of: table.table)). Colonnes : \(table.columns.joined(separator: ", "))")
    }
    for table in adopted {
      lines.append("- `\(table)`, collection de l’établissement : ce qu’il y conserve lui-même [durée]")
    }
    lines += [
      "",
      "Suppression : à la demande (`passerelle learner erase`), et après une absence (`passerelle learner expire`, minuterie "
        + "livrée désactivée : [durée décidée par l’établissement]). Hors de cette base : journaux du serveur web, sauvegardes, "
        + "révisions de Directus [durées].", "", "## Mesures de sécurité", "",
      "- échanges signés avec Moodle (LTI), "
        + (settings.allowsInsecureHTTP
          ? "**http et adresses privées admis par les réglages (PASSERELLE_ALLOW_INSECURE_HTTP)**" : "https exigé"),
      "- clés et secrets scellés (AES-256-GCM) ; jetons gardés en empreinte (SHA-256) ; sessions de \(hours) heures",
      "- rôles de base de données distincts pour le serveur web, Directus et le propriétaire",
      "- ni nom ni adresse dans le journal du programme", "",
    ]
    return lines.joined(separator: "\n")
  }

  private func meaning(of table: String) -> String {
    if table == "passerelle.sessions" {
      return "sessions ouvertes (empreinte du jeton, rôle, adresse de retour) ; \(settings.sessionHours) heures"
    }
    return Self.meanings[table] ?? "[à décrire : table inconnue de cette version de la fiche]"
  }
}
