import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle platform invite`: a one-time address with which a Moodle registers itself.
struct PlatformInvite: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "invite",
      abstract: Words(
        fr: "Crée une adresse à usage unique avec laquelle un Moodle s’enregistre lui-même.",
        en: "Make a one-time address with which a Moodle registers itself."),
      discussion: Words(
        fr: """
          Collez l’adresse dans Moodle : Administration du site > Plugins > Modules d’activités > Outil externe > \
          Gérer les outils, champ « URL de l’outil… », bouton « Ajouter LTI Advantage ». Activez-y ensuite le nouvel \
          outil, et permettez aux enseignants de le trouver : le crayon sur sa fiche, « Utilisation de la \
          configuration de l’outil », « Afficher dans le sélecteur d’activité et en tant qu’outil préconfiguré ». Ou bien \
          chaque enseignant l’ajoute à son cours : « Plus › Outils externes LTI ».
          """,
        en: """
          Paste the address into Moodle: Site administration > Plugins > Activity modules > External tool > Manage tools, \
          field “Tool URL…”, button “Add LTI Advantage”. Then activate the new tool there, and let teachers find it: the pencil on its \
          card, “Tool configuration usage”, “Show in activity chooser and as a preconfigured tool”. Or each teacher adds it to a \
          course: “More › LTI External tools”.
          """))
  }

  @Option(
    help: .init(
      Words(
        fr: "Combien de temps elle sert : 30m, 24h, 7d ; au plus 90d.",
        en: "How long it can be used: 30m, 24h, 7d; at most 90d.")))
  var expires = Lifetime(seconds: 86400)
  @Option(
    help: .init(
      Words(
        fr: "N’admet que cette plateforme (son nom, émetteur ou identifiant), et remplace les adresses "
          + "qu’on lui connaît.",
        en: "Let in this platform alone (its name, issuer or id), and replace the addresses that are known of it.")))
  var replace: String?
  @OptionGroup var listing: ListingOptions

  func run() throws {
    try Console.run {
      let workplace = try Workplace()
      let replaced = try replace.map { try workplace.platform($0) }
      let made = try Invites.make(seconds: expires.seconds, replacing: replaced?.id, in: workplace.database)
      let url = workplace.environment.settings.baseURL.insertingPath("/lti/register")
        .addingQueryItems([("invite", made.invite)])
      if listing.json {
        let answer: JSONValue = [
          "invite": .string(made.invite), "url": .string(url.description), "expiresAt": .string(made.expiresAt),
        ]
        print(answer.encoded)
      } else {
        Console.say(
          Words(
            fr: "\(url)\n\nCollez-la dans le champ « URL de l’outil… » de Moodle. Elle sert une fois, "
              + "jusqu’au \(made.expiresAt).",
            en: "\(url)\n\nPaste it into Moodle's “Tool URL…” field. It works once, until \(made.expiresAt)."))
        Console.say(
          Words(
            fr: """

              Puis, sur la fiche du nouvel outil : « Activer » (“Activate”) ; et pour que les enseignants le trouvent, le crayon, \
              « Utilisation de la configuration de l’outil » (“Tool configuration usage”) : « Afficher dans le sélecteur d’activité \
              et en tant qu’outil préconfiguré » (“Show in activity chooser and as a preconfigured tool”). Ou bien chaque enseignant \
              l’ajoute à son cours : « Plus › Outils externes LTI » (“More › LTI External tools”).
              """,
            en: """

              Then, on the new tool's card: “Activate” (« Activer »); and for teachers to find it the pencil, “Tool configuration \
              usage” (« Utilisation de la configuration de l’outil »): “Show in activity chooser and as a preconfigured tool” \
              (« Afficher dans le sélecteur d’activité et en tant qu’outil préconfiguré »). Or each teacher adds it to a course: \
              “More › LTI External tools” (« Plus › Outils externes LTI »).
              """))
        if let replaced {
          Console.say(
            Words(
              fr: "Elle ne vaut que pour \(replaced.name), et remplace les adresses qu’on lui connaît.",
              en: "It is for \(replaced.name) alone, and replaces the addresses that are known of it."))
        }
      }
    }
  }
}

/// A span of time as people write it: a number and `s`, `m`, `h` or `d`.
struct Lifetime: ExpressibleByArgument, CustomStringConvertible {
  /// How long, in seconds; from 1 to 90 days.
  let seconds: Int

  init(seconds: Int) { self.seconds = seconds }

  init?(argument: String) {
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
    guard let last = argument.last, let unit = units[last], let count = Int(argument.dropLast()) else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    guard !overflow, (1...(90 * 86400)).contains(product) else { return nil }
    seconds = product
  }

  /// In the largest unit that divides it.
  var description: String {
    if seconds % 86400 == 0, seconds > 86400 { return "\(seconds / 86400)d" }
    if seconds % 3600 == 0 { return "\(seconds / 3600)h" }
    return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
  }

  var defaultValueDescription: String { description }
}
