import Wire

/// Whose house people are in, as the settings say it: what pages of ours show beside what they are about.
package struct House: Equatable, Sendable {
  /// How far pages keep to the RGAA, as a declaration of accessibility words it (French decree 2019-768, article 5).
  package enum Accessibility: String, CaseIterable, Sendable {
    case none, partial, full

    /// The sentence that every page shows.
    var words: Words {
      switch self {
      case .none: Words(fr: "Accessibilité : non conforme", en: "Accessibility: not compliant")
      case .partial: Words(fr: "Accessibilité : partiellement conforme", en: "Accessibility: partially compliant")
      case .full: Words(fr: "Accessibilité : totalement conforme", en: "Accessibility: fully compliant")
      }
    }
  }

  /// A colour as `#rrggbb`.
  package struct Colour: Equatable, Sendable {
    let text: String

    /// Nil for anything else: it becomes part of a style sheet.
    package init?(_ text: String) {
      let digits = text.utf8.dropFirst()
      guard text.utf8.first == UInt8(ascii: "#"), digits.count == 6, Hex.decode(String(Substring(digits))) != nil else {
        return nil
      }
      self.text = text
    }
  }

  /// The institution's name.
  package var institution: String?
  /// The address of its logo.
  package var logo: WebURL?
  /// Its colour, for a band at the top; nothing is told by it alone.
  package var colour: Colour?
  /// The declaration of accessibility.
  package var declaration: WebURL?
  /// The level that the declaration states.
  package var accessibility: Accessibility?

  /// Nobody's in particular.
  package static let none = House()

  /// What stands above a page.
  func header() -> String {
    guard institution != nil || logo != nil else { return "" }
    let picture = logo.map { "<img src=\"\(HTML.attribute($0.description))\" alt=\"\" height=\"32\">" } ?? ""
    return "<p class=\"house\">\(picture)\(institution.map { "<span>\(HTML.text($0))</span>" } ?? "")</p>"
  }

  /// What stands below it.
  func footer(_ language: Language) -> String {
    guard declaration != nil || accessibility != nil else { return "" }
    let words = (accessibility?.words ?? Words(fr: "Accessibilité", en: "Accessibility"))[language]
    let text = HTML.text(words)
    let link = declaration.map {
      "<a href=\"\(HTML.attribute($0.description))\" target=\"_blank\" rel=\"noopener\">\(text)</a>"
    }
    return "<footer>\(link ?? text)</footer>"
  }

  /// The rules for both.
  var style: String {
    var rules = ""
    if institution != nil || logo != nil {
      rules += ".house{display:flex;gap:.6rem;align-items:center;margin:0 0 1rem;font-weight:600}"
    }
    if declaration != nil || accessibility != nil { rules += "footer{margin-top:1.5rem;font-size:.875rem}" }
    if let colour { rules += "body{border-top:.3rem solid \(colour.text)}" }
    return rules
  }
}
