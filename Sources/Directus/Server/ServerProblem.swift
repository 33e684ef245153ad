import Wire

/// Why a running Directus did not do what it was asked. Never holds the token or anything that was answered.
package enum ServerProblem: Explained, Equatable, Sendable, CustomStringConvertible {
  /// No usable answer came.
  case unreachable(TransportFailure)
  /// It does not take the token for an administrator's (401, 403).
  case tokenRefused
  /// What answers there is no Directus, or not its root.
  case notDirectus
  /// It is of a version before 10.
  case tooOld(String)
  /// Its licence allows no more of something, in Directus's own code (`LIMIT_EXCEEDED`, `RESOURCE_RESTRICTED`).
  case licence(String)
  /// It answered with this status.
  case status(Int)

  init(answer response: HTTPResponse) {
    let code = try? JSONValue(parsing: response.body)["errors"]?.arrayValue?.first?["extensions"]?["code"]?.stringValue
    self =
      switch (response.status, code) {
      case (403, "LIMIT_EXCEEDED"?), (403, "RESOURCE_RESTRICTED"?): .licence(code ?? "")
      case (401, _), (403, _): .tokenRefused
      case (300..<400, _), (404, _), (405, _): .notDirectus
      default: .status(response.status)
      }
  }

  /// In words for the administrator.
  package var words: Words {
    switch self {
    case .unreachable(let failure):
      Words(
        fr: "Directus est inaccessible : \(failure.words.french)",
        en: "Directus cannot be reached: \(failure.words.english)")
    case .tokenRefused:
      Words(
        fr: "Directus refuse le jeton : il faut le jeton statique d’un utilisateur administrateur dans Directus",
        en: "Directus refuses the token: it must be a static token of a user who is an administrator in Directus")
    case .notDirectus:
      Words(
        fr: "ce qui répond là n’est pas Directus : l’adresse est celle que les gens ouvrent, sans /admin ni la suite",
        en: "what answers there is not Directus: the address is the one people open, without /admin and what follows it"
      )
    case .tooOld(let version):
      Words(
        fr: "c’est Directus \(version) ; Passerelle connaît la version 10 à partir de 10.3, la 11 et la 12",
        en: "this is Directus \(version); Passerelle knows 10.3 and later, 11 and 12")
    case .licence(let code):
      Words(
        fr:
          "la licence de Directus ne le permet pas (\(code)) : passerelle doctor --directus-url URL --directus-token-file "
          + "FICHIER dit ce qui en est utilisé",
        en:
          "Directus's licence does not allow it (\(code)): passerelle doctor --directus-url URL --directus-token-file FILE "
          + "says what of it is taken")
    case .status(let status): Words(fr: "Directus répond \(status)", en: "Directus answers \(status)")
    }
  }
}
