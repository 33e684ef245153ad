import Wire

/// The HTML that every page shares, and the small forms that carry a launch.
enum Pages {
  /// Who looks, in which language, at which site.
  struct Frame {
    var language: Language
    var siteName: String
    var person: Person?
    var people: [Person]
    /// The language was chosen on a page, and lasts from page to page.
    var languageIsChosen = false

    /// One of two texts.
    func say(_ french: String, _ english: String) -> String { language == .french ? french : english }
  }

  /// Moodle's bare self-posting form: no html element, fields as hidden inputs, a script that submits it.
  ///
  /// Moodle spells the encoding attribute differently in its two forms, hence `encodingAttribute`.
  static func autoForm(
    name: String, encodingAttribute: String, action: String, _ fields: [(String, String)]
  ) -> String {
    "<form action=\"\(HTML.attribute(action))\" name=\"\(name)\" id=\"\(name)\" method=\"post\" "
      + "\(encodingAttribute)=\"application/x-www-form-urlencoded\">\n"
      + fields.map { "  <input type=\"hidden\" name=\"\(HTML.attribute($0))\" value=\"\(HTML.attribute($1))\"/>\n" }
      .joined()
      + "</form>\n<script type=\"text/javascript\">\n//<![CDATA[\ndocument.\(name).submit();\n//]]>\n</script>\n"
  }

  /// auth.php without a session cookie: the same request posted again, now as a same-site request.
  static func repost(to target: String, fields: [(String, String)]) -> String {
    let inputs = (fields + [("repost", "true")])
      .map { "<input type=\"hidden\" name=\"\(HTML.attribute($0))\" value=\"\(HTML.attribute($1))\"/>" }.joined()
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>Repost</title></head><body>
      <form action="\(HTML.attribute(target))" method="post" id="postform">\(inputs)
      <noscript><button type="submit">Continue</button></noscript></form>
      <script>document.getElementById("postform").submit();</script>
      </body></html>
      """
  }

  /// Moodle's error page: always 404, words in the middle.
  static func moodleError(_ words: String, site: String) -> MoodleResponse {
    .html(
      """
      <!DOCTYPE html>
      <html dir="ltr" lang="en"><head><meta charset="utf-8"><title>Error | \(HTML.text(site))</title>
      <style>\(style)</style></head><body><main>
      <p class="errormessage">\(HTML.text(words))</p>
      <p><a href="/course/view.php?id=\(Course.id)">Continue</a></p>
      </main></body></html>
      """, status: 404)
  }

  /// A whole page: heading, switch between people, content.
  static func page(title: String, frame: Frame, here: String, content: String) -> String {
    let chosenLanguage = frame.languageIsChosen ? "&amp;lang=\(frame.language.rawValue)" : ""
    let others = frame.people.map { person in
      let current = person.id == frame.person?.id ? " aria-current=\"true\"" : ""
      return
        "<a href=\"\(HTML.attribute(here))\(chosenLanguage)&amp;user=\(person.id)\"\(current)>\(HTML.text(person.name)) "
        + "<small>\(HTML.text(roleName(person.role, frame: frame)))</small></a>"
    }.joined(separator: "\n")
    let who = frame.person.map { HTML.text($0.name) } ?? frame.say("personne", "nobody")
    return """
      <!DOCTYPE html>
      <html lang="\(frame.language.rawValue)"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(HTML.text(title)) | \(HTML.text(frame.siteName))</title><style>\(style)</style></head><body>
      <header><strong>\(HTML.text(frame.siteName))</strong>
      <span class="grow">\(frame.say("Vous êtes", "You are")) <b>\(who)</b></span>
      <a href="\(HTML.attribute(here))&amp;lang=\(frame.language == .french ? "en" : "fr")" \
      lang="\(frame.language == .french ? "en" : "fr")">\(frame.language == .french ? "English" : "Français")</a></header>
      <nav aria-label="\(frame.say("Changer de personne", "Be somebody else"))">\(others)</nav>
      <main>\(content)</main></body></html>
      """
  }

  static func roleName(_ role: Person.Role, frame: Frame) -> String {
    switch role {
    case .student: frame.say("étudiant", "student")
    case .editingTeacher: frame.say("enseignant", "teacher")
    case .nonEditingTeacher: frame.say("tuteur", "non-editing teacher")
    case .manager: frame.say("gestionnaire", "manager")
    case .administrator: frame.say("administrateur", "administrator")
    case .outsider: frame.say("non inscrit", "not enrolled")
    }
  }

  static let style = """
    :root{font:16px/1.5 system-ui,sans-serif;color:#1d2125;background:#f4f6f8}body{margin:0}
    header{display:flex;gap:1rem;align-items:center;background:#0f6cbf;color:#fff;padding:.6rem 1.2rem}
    header a{color:#fff}.grow{flex:1;text-align:right}
    nav{display:flex;flex-wrap:wrap;gap:.4rem;padding:.6rem 1.2rem;background:#fff;border-bottom:1px solid #d5dbe1}
    nav a{padding:.15rem .6rem;border:1px solid #ccd3da;border-radius:1rem;text-decoration:none;color:#0f4c85}
    nav a[aria-current]{background:#0f6cbf;color:#fff}nav small{opacity:.75}
    main{max-width:70rem;margin:0 auto;padding:1rem 1.2rem 3rem}
    section{background:#fff;border:1px solid #d5dbe1;border-radius:.5rem;padding:.8rem 1.2rem;margin:1rem 0}
    iframe{width:100%;height:600px;border:1px solid #ccd3da;border-radius:.3rem;background:#fff}
    table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #e3e8ec}
    .activities{list-style:none;padding:0}.activities li{margin:.3rem 0}.activities small{color:#56606a}
    .activities a[aria-current]{font-weight:700;color:inherit;text-decoration:none}
    section h1,section h2{margin:.3rem 0 .6rem}form label input[type=url]{font:inherit;padding:.25rem .4rem;max-width:100%}
    td.grade{font-variant-numeric:tabular-nums;font-weight:600}tr.fresh td{background:#e6f6e6;transition:background 2s}
    .fields label{display:block;margin:.5rem 0}.tool th{width:16rem}.state{font-weight:600}
    .button,button{display:inline-block;background:#0f6cbf;color:#fff;border:0;border-radius:.3rem;padding:.35rem .8rem;
    font:inherit;text-decoration:none;cursor:pointer}
    .errormessage{background:#fde8e8;border:1px solid #e5a0a0;padding:1rem;border-radius:.4rem}
    """
}
