import CGI
import JOSE
import Wire

/// A page for people: French and English, readable in Moodle's iframe, no request beyond itself.
struct Page {
  let language: Language
  let title: Words
  /// Finished HTML; whoever makes it escapes with ``HTML``.
  let body: (Language) -> String
  /// A script that runs when the page is read. It holds nothing that came from outside; that stands in the body.
  var script: String?
  /// What a page looks like beyond what all pages have in common.
  var style = ""
  /// Whether the script calls this script's own API.
  var callsAPI = false

  /// The page as a response. `frameAncestors` nil leaves that directive out.
  func response(status: Int, frameAncestors: [Origin]?, house: House = .none) -> Response {
    let style = Self.style + self.style + house.style
    let html = """
      <!doctype html>
      <html lang="\(language.rawValue)">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="robots" content="noindex">
      <title>\(HTML.text(title[language])) – Passerelle</title>
      <style>\(style)</style>
      </head>
      <body><main>\(house.header())
      \(body(language))
      \(house.footer(language))</main>\(script.map { "<script>\($0)</script>" } ?? "")</body>
      </html>

      """
    var response = Response.html(html, status: status)
    var policy = "default-src 'none'; style-src 'sha256-\(Self.digest(style))'; base-uri 'none'"
    if let logo = house.logo { policy += "; img-src \(logo.origin)" }
    if let script {
      // No form-action: engines apply it to the redirects that follow a form, too, which lead to the mini-site.
      policy += "; script-src 'sha256-\(Self.digest(script))'"
      if callsAPI { policy += "; connect-src 'self'" }
    } else {
      policy += "; form-action 'none'"
    }
    if let frameAncestors {
      policy += "; frame-ancestors 'self'"
      for origin in frameAncestors { policy += " \(origin)" }
    }
    response.fields.set("Content-Security-Policy", policy)
    response.fields.set("Vary", "Accept, Accept-Language")
    return response
  }

  /// The words of a refusal in both languages, the person's first, with the code, the id that the log has and the way back.
  static func refusal(_ refusal: Refusal, _ id: RequestID, returnURL: WebURL?) -> (Language) -> String {
    { language in
      let other: Language = language == .french ? .english : .french
      let code = Words(fr: "Code", en: "Code")
      let reference = Words(fr: "Référence", en: "Reference")
      let back = Words(fr: "Retourner dans Moodle", en: "Go back to Moodle")
      var html = """
        <h1>\(HTML.text(refusal.title[language]))</h1>
        <p>\(HTML.text(refusal.words[language]))</p>
        <p lang="\(other.rawValue)" class="other">\(HTML.text(refusal.words[other]))</p>
        <p>\(HTML.text(code[language])) : <code>\(HTML.text(refusal.code))</code> · \
        \(HTML.text(reference[language])) : <code>\(HTML.text(id.text))</code></p>
        """
      if let advice = refusal.notice.advice {
        let heading = Words(fr: "Pour l’administrateur", en: "For the administrator")
        html +=
          "\n<details><summary>\(HTML.text(heading[language]))</summary><p>\(HTML.text(advice[language]))</p></details>"
      }
      if let returnURL {
        html += """

          <p><a href="\(HTML.attribute(returnURL.description))" target="_top">\(HTML.text(back[language]))</a></p>
          """
      }
      return html
    }
  }

  private static let style = """
    :root{color-scheme:light dark}body{margin:0;font:1rem/1.5 system-ui,sans-serif;background:#f6f7f9;color:#1d2433}\
    main{max-width:34rem;margin:2rem auto;padding:1.5rem 2rem;background:#fff;border-radius:.75rem;\
    box-shadow:0 1px 4px #0002}h1{font-size:1.3rem;margin-top:0}.other{color:#5a6478;font-size:.9rem}\
    code{background:#eef0f4;padding:.1rem .4rem;border-radius:.3rem}a{color:#0b57d0}\
    fieldset{border:0;margin:0;padding:0}ul{list-style:none;padding-left:0}li{margin:.4rem 0}\
    label{display:inline-block}details{margin-left:1.6rem}\
    button{font:inherit;padding:.45rem 1rem;border:1px solid #0b57d0;border-radius:.5rem;background:#0b57d0;color:#fff;\
    cursor:pointer}button[type=button]{background:none;color:#0b57d0}button:hover{filter:brightness(1.1)}\
    :focus-visible{outline:3px solid #0b57d0;outline-offset:2px}li>strong{font-weight:600}ol li{margin:.6rem 0}\
    [role=alert]{color:#b3261e}[role=alert]:empty{display:none}\
    @media (prefers-color-scheme:dark){body{background:#12151c;color:#e7eaf0}main{background:#1c212c}\
    .other{color:#a5aec0}code{background:#2a3140}a{color:#8ab4f8}[role=alert]{color:#f2b8b5}\
    button{background:#8ab4f8;border-color:#8ab4f8;color:#12151c}button[type=button]{background:none;color:#8ab4f8}\
    :focus-visible{outline-color:#8ab4f8}}
    """

  private static func digest(_ text: String) -> String { Base64.encode(SHA256.hash(Array(text.utf8))) }
}
