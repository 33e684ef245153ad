import Passerelle
import Wire

/// The addresses that Moodle's tool form asks for, for LTI 1.3.
struct ToolAddresses: CustomStringConvertible {
  let toolURL: String
  let loginURL: String
  let redirectURI: String
  let jwksURL: String

  init(of settings: Settings) {
    func address(_ path: String) -> String { settings.baseURL.insertingPath(path).description }
    toolURL = address("/lti/launch")
    loginURL = address("/lti/login")
    redirectURI = address("/lti/launch")
    jwksURL = address("/lti/jwks")
  }

  var json: JSONObject {
    [
      "toolUrl": .string(toolURL), "initiateLoginUrl": .string(loginURL), "redirectionUri": .string(redirectURI),
      "publicKeysetUrl": .string(jwksURL),
    ]
  }

  var description: String {
    ToolForm(
      heading: "LTI 1.3",
      rows: [
        ("Tool URL · URL de l’outil", toolURL),
        ("LTI version · Version LTI", "LTI 1.3"),
        ("Public key type · Type de clef publique", "Keyset URL · URL jeu de clefs"),
        ("Public keyset · Jeu de clefs public", jwksURL),
        ("Initiate login URL · URL d’initiation de connexion", loginURL),
        ("Redirection URI(s) · URIs de redirection", redirectURI),
        (
          "IMS LTI Assignment and Grade Services · Services de devoirs et de notes IMS LTI",
          "Use this service for grade sync and column management · Utiliser ce service pour la synchronisation des "
            + "notes et la gestion des colonnes"
        ),
        ToolForm.sharing,
      ]
    ).description
  }
}

/// What Moodle's tool form asks for, for LTI 1.1.
struct LTI11Addresses: CustomStringConvertible {
  let launchURL: String
  let key: String
  /// What to say of the secret, which was shown once or is nobody's to show.
  let secretWords: Words

  init(of settings: Settings, key: String, secretWords: Words) {
    launchURL = settings.baseURL.insertingPath("/lti/launch").description
    self.key = key
    self.secretWords = secretWords
  }

  var description: String {
    ToolForm(
      heading: "LTI 1.1",
      rows: [
        ("Tool URL · URL de l’outil", launchURL),
        ("LTI version · Version LTI", "LTI 1.0/1.1"),
        ("Consumer key · Clef client", key),
        ("Shared secret · Secret partagé", secretWords[Console.language]),
        (
          "Accept grades from the tool · Accepter les notes de l’outil",
          "Always, or Delegate to teacher · Toujours ou Déléguer à l’enseignant"
        ),
        ToolForm.sharing,
      ]
    ).description
  }
}

/// The fields of Moodle's form “External tool configuration” in English and French, whatever the console speaks: Moodle has a
/// language of its own. With what to put in each.
private struct ToolForm: CustomStringConvertible {
  let heading: String
  let rows: [(field: String, value: String)]

  static let sharing = (
    field: "Share launcher's name and email with tool · Partager le nom et le courriel avec l’outil",
    value: "Always · Toujours "
      + Words(
        fr: "(facultatif : les activités s’ouvrent aussi sans)", en: "(optional: launches without them work too)")[
        Console.language]
  )

  var description: String {
    // A field's name that is longer than most stands in a line of its own.
    let width = 52
    let lines = rows.map { field, value in
      field.count > width
        ? "  \(field)\n  \(String(repeating: " ", count: width))  \(value)"
        : "  \(field)\(String(repeating: " ", count: width - field.count))  \(value)"
    }
    let paste = Words(
      fr: """
        \(heading) : à coller dans Moodle (Administration du site > Plugins > Outil externe > Gérer les outils > configurer
        manuellement un outil · Site administration > Plugins > External tool > Manage tools > configure a tool manually) :
        """,
      en: """
        \(heading): paste into Moodle (Site administration > Plugins > External tool > Manage tools > configure a tool
        manually · Administration du site > Plugins > Outil externe > Gérer les outils > configurer manuellement un outil):
        """)
    return "\n\(paste[Console.language])\n\(lines.joined(separator: "\n"))"
  }
}
