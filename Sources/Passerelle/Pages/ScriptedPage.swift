import Wire

/// The pages that their scripts fill: a teacher's dashboard, a learner's own page, and the choice of content. Everything
/// they show comes from the API, with the session of the code in their fragment; the pages themselves are the same for
/// everybody. `api` is the API's address and ends in a slash.
enum ScriptedPage {
  /// How far everybody is, for teachers.
  static func dashboard(api: String, language: Language) -> Page {
    var page = make(
      title: Words(fr: "Tableau de bord", en: "Dashboard"), needsScript: showsProgress, api: api,
      script: PageResources.dashboardScript, language: language)
    page.style = PageResources.dashboardStyle
    return page
  }

  /// One's own progress.
  static func me(api: String, house: House, language: Language) -> Page {
    var page = make(
      title: Words(fr: "Ma progression", en: "My progress"), needsScript: showsProgress, api: api,
      script: PageResources.meScript, language: language, house: house)
    page.style = PageResources.progressStyle
    return page
  }

  /// Where a teacher chooses modules and grains.
  static func deepLink(api: String, language: Language) -> Page {
    make(
      title: Words(fr: "Choisir un contenu", en: "Choose content"),
      needsScript: Words(
        fr: "Autorisez JavaScript pour choisir un contenu.", en: "Allow JavaScript to choose content."),
      api: api, script: PageResources.deepLinkScript, language: language)
  }

  private static func make(
    title: Words, needsScript: Words, api: String, script: String, language: Language,
    house: House = .none
  ) -> Page {
    // An attestation is signed with these.
    var data = house.institution.map { " data-institution=\"\(HTML.attribute($0))\"" } ?? ""
    data += house.logo.map { " data-logo=\"\(HTML.attribute($0.description))\"" } ?? ""
    let signature = data
    var page = Page(
      language: language, title: title,
      body: { language in
        """
        <div data-api="\(HTML.attribute(api))"\(signature)>
        <h1>\(HTML.text(title[language]))</h1>
        <noscript><p>\(HTML.text(needsScript[language]))</p></noscript>
        </div>
        """
      }, script: script)
    page.callsAPI = true
    return page
  }

  private static let showsProgress = Words(
    fr: "Autorisez JavaScript pour voir la progression.", en: "Allow JavaScript to see the progress.")
}
