import Wire

/// Where a module's mini-site is, and whether a launch may lead there.
package enum MinisiteAddress {
  /// Why an address is not used.
  package enum Problem: Error, Equatable, Sendable {
    /// It is no http or https URL.
    case unusable
    /// `PASSERELLE_MINISITE_ORIGINS` does not name its origin.
    case forbidden(Origin)
  }

  /// The address of a module's own, or the settings' where it has none; nil when neither is set. An address that cannot be used is
  /// refused and never replaced by the other: a launch would lead to another site without a word.
  package static func of(_ moduleURL: String?, _ settings: Settings) throws(Problem) -> WebURL? {
    guard let moduleURL, !moduleURL.isEmpty else { return settings.minisiteURL }
    guard let url = WebURL(written: moduleURL) else { throw .unusable }
    if let origins = settings.minisiteOrigins, !origins.contains(url.origin) { throw .forbidden(url.origin) }
    return url
  }
}

extension MinisiteAddress.Problem {
  /// What staff read beside the module, and the administrator in `doctor`.
  package var words: Words {
    switch self {
    case .unusable:
      Words(
        fr: "L’adresse de ce module n’est pas utilisable : ses activités ne s’ouvrent pas. Corrigez-la.",
        en: "This module’s address cannot be used: its activities do not open. Correct it.")
    case .forbidden(let origin):
      Words(
        fr:
          "L’adresse de ce module mène à \(origin), que les réglages n’autorisent pas (PASSERELLE_MINISITE_ORIGINS) : "
          + "ses activités ne s’ouvrent pas.",
        en: "This module’s address leads to \(origin), which the settings do not allow (PASSERELLE_MINISITE_ORIGINS): "
          + "its activities do not open.")
    }
  }
}
