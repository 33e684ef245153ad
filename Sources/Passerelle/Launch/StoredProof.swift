import CGI
import Wire

/// The two pages that carry the browser's proof through a frame in which cookies may be refused.
///
/// `/lti/login` keeps the proof in the tab's `sessionStorage`, which every engine partitions by the embedding site and
/// none refuses to a frame; `/lti/launch` reads it there and posts it back. Only a script of this origin can read it, and
/// the launch takes it only from a page of this origin, so nobody can bring another browser's proof along.
enum StoredProof {
  /// The form field in which the proof comes back.
  static let field = "passerelle_proof"

  /// Keeps `proof` under the state's name and goes on to the platform, by itself or by a link.
  static func keep(_ proof: String, named name: String, thenOpen next: WebURL, language: Language) -> Page {
    Page(
      language: language, title: title,
      body: { language in
        """
        <h1>\(HTML.text(title[language]))</h1>
        <p id="keep" data-name="\(HTML.attribute(name))" data-proof="\(HTML.attribute(proof))">\
        <a href="\(HTML.attribute(next.description))">\(HTML.text(goOn[language]))</a></p>
        """
      },
      script: """
        (()=>{const p=document.getElementById("keep");try{sessionStorage.setItem(p.dataset.name,p.dataset.proof)}\
        catch{}location.replace(p.querySelector("a").href)})();
        """)
  }

  /// Takes the proof from where ``keep(_:named:thenOpen:language:)`` left it, and posts the launch again with it.
  static func present(named name: String, idToken: String, state: String, to launch: WebURL, language: Language) -> Page
  {
    Page(
      language: language, title: title,
      body: { language in
        """
        <h1>\(HTML.text(title[language]))</h1>
        <form id="present" method="post" action="\(HTML.attribute(launch.description))" data-name="\(HTML.attribute(name))">
        <input type="hidden" name="id_token" value="\(HTML.attribute(idToken))">
        <input type="hidden" name="state" value="\(HTML.attribute(state))">
        <input type="hidden" name="\(field)" value="">
        <noscript><p>\(HTML.text(needsScript[language]))</p></noscript>
        </form>
        """
      },
      script: """
        (()=>{const f=document.getElementById("present"),n=f.dataset.name;\
        try{f.elements.\(field).value=sessionStorage.getItem(n)??"";sessionStorage.removeItem(n)}catch{}f.submit()})();
        """)
  }

  private static let title = Words(fr: "Ouverture de l’activité…", en: "Opening the activity…")
  private static let goOn = Words(fr: "Continuer", en: "Go on")
  private static let needsScript = Words(
    fr: "Autorisez JavaScript, ou ouvrez l’activité dans une nouvelle fenêtre.",
    en: "Allow JavaScript, or open the activity in a new window.")
}
