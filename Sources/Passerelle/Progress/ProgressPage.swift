import Wire

/// The two pages that show progress: a teacher's dashboard, and a learner's own page. Everything they show comes from the
/// API, with the session of the code in their fragment; the pages themselves are the same for everybody.
enum ProgressPage {
  /// How far everybody is, for teachers; calls the API at `api`, an address that ends in a slash.
  static func dashboard(api: String, language: Language) -> Page {
    make(
      title: Words(fr: "Tableau de bord", en: "Dashboard"), api: api, script: PageResources.dashboardScript,
      language: language)
  }

  /// One's own progress; calls the API at `api`, an address that ends in a slash.
  static func me(api: String, language: Language) -> Page {
    make(
      title: Words(fr: "Ma progression", en: "My progress"), api: api, script: PageResources.meScript,
      language: language)
  }

  private static func make(title: Words, api: String, script: String, language: Language) -> Page {
    var page = Page(
      language: language, title: title,
      body: { language in
        """
        <div data-api="\(HTML.attribute(api))">
        <h1>\(HTML.text(title[language]))</h1>
        <noscript><p>\(HTML.text(needsScript[language]))</p></noscript>
        </div>
        """
      }, script: script)
    page.style = PageResources.progressStyle
    page.callsAPI = true
    return page
  }

  private static let needsScript = Words(
    fr: "Autorisez JavaScript pour voir la progression.", en: "Allow JavaScript to see the progress.")
}
