/// The scripts and styles of the pages for people, put together from their files.
enum PageResources {
  /// The page on which a teacher chooses content.
  static var deepLinkScript: String { script(PackageResources.deep_link_js) }
  /// A teacher's page.
  static var dashboardScript: String {
    script(PackageResources.progress_js, PackageResources.class_js, PackageResources.dashboard_js)
  }
  /// A learner's page.
  static var meScript: String { script(PackageResources.progress_js, PackageResources.me_js) }
  /// The same, and what the teacher's page has beside.
  static var dashboardStyle: String { progressStyle + String(decoding: PackageResources.dashboard_css, as: UTF8.self) }
  /// What the teacher's page and the learner's page look like.
  static var progressStyle: String { String(decoding: PackageResources.progress_css, as: UTF8.self) }

  /// One function of what every page has in common and of `parts`, so that their names are nobody else's.
  private static func script(_ parts: [UInt8]...) -> String {
    let bytes = ([PackageResources.page_js] + parts).joined()
    return "(() => {\n" + String(decoding: Array(bytes), as: UTF8.self) + "})();\n"
  }
}
