import CGI
import Wire

/// The page on which a teacher chooses modules and grains. Everything it shows comes from the API, with the session of
/// the code in its fragment; the page itself is the same for everybody.
enum DeepLinkPage {
  /// The page, which calls the API at `api`, an address that ends in a slash.
  static func make(api: String, language: Language) -> Page {
    var page = Page(
      language: language, title: title,
      body: { language in
        """
        <div data-api="\(HTML.attribute(api))">
        <h1>\(HTML.text(title[language]))</h1>
        <noscript><p>\(HTML.text(needsScript[language]))</p></noscript>
        </div>
        """
      }, script: PageResources.deepLinkScript)
    page.callsAPI = true
    return page
  }

  private static let title = Words(fr: "Choisir un contenu", en: "Choose content")
  private static let needsScript = Words(
    fr: "Autorisez JavaScript pour choisir un contenu.", en: "Allow JavaScript to choose content.")
}
