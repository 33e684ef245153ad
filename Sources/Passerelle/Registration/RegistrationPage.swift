import CGI
import Wire

/// What an administrator sees in the platform's frame when the registration is done: what is left to do, and the way
/// back. The platform closes the frame when it is told so (LTI Dynamic Registration 1.0, section 3.7); Moodle then
/// shows the new tool, pending, with its “Activate” button.
enum RegistrationPage {
  /// - Parameters:
  ///   - platform: the name by which the platform is known here.
  ///   - origin: the platform's origin, the only one that is told.
  ///   - isDeployed: whether the platform named a deployment.
  ///   - isReplacement: whether addresses that were known were replaced.
  static func make(
    platform: String, origin: Origin, isDeployed: Bool, isReplacement: Bool, language: Language
  ) -> Page {
    Page(
      language: language, title: title,
      body: { language in
        var html = """
          <h1>\(HTML.text(title[language]))</h1>
          <p>\(HTML.text(platform)) ↔ Passerelle ✓</p>
          <p><strong>\(HTML.text(activate[language]))</strong></p>
          """
        if isReplacement { html += "\n<p role=\"alert\">\(HTML.text(replaced[language]))</p>" }
        if !isDeployed { html += "\n<p>\(HTML.text(notDeployed[language]))</p>" }
        html += """

          <p id="close" data-origin="\(HTML.attribute(origin.description))" hidden>\
          <button type="button">\(HTML.text(close[language]))</button> \
          <span>\(HTML.text(closesItself[language]))</span></p>
          """
        return html
      },
      script: """
        (()=>{const p=document.getElementById("close"),to=opener??(parent===window?null:parent);if(!to)return;\
        const end=()=>to.postMessage({subject:"org.imsglobal.lti.close"},p.dataset.origin);\
        const timer=setTimeout(end,10000),stay=()=>{clearTimeout(timer);p.querySelector("span").hidden=true};\
        p.querySelector("button").addEventListener("click",end);p.hidden=false;\
        for(const name of ["pointerdown","keydown","wheel"])addEventListener(name,stay)})();
        """)
  }

  private static let title = Words(fr: "Passerelle est enregistrée", en: "Passerelle is registered")
  private static let activate = Words(
    fr:
      "Il reste une chose à faire : dans la liste des outils de Moodle, trouvez la fiche « Passerelle » et choisissez "
      + "« Activer ».",
    en: "One thing is left to do: in Moodle’s list of tools, find the card “Passerelle” and choose “Activate”.")
  private static let notDeployed = Words(
    fr: "La plateforme n’a pas donné de numéro de déploiement. La première ouverture sera refusée, et le journal dira "
      + "comment accepter ce numéro.",
    en:
      "The platform gave no deployment id. The first launch will be refused, and the log will say how to accept the id."
  )
  private static let replaced = Words(
    fr:
      "Attention : les adresses de cette plateforme, déjà connues ici, viennent d’être remplacées. Si vous n’avez pas demandé "
      + "ce remplacement, prévenez l’administrateur de Passerelle.",
    en:
      "Warning: this platform’s addresses, which were known here, have just been replaced. If you did not ask for that, tell "
      + "Passerelle’s administrator.")
  private static let close = Words(fr: "Retourner à la liste des outils", en: "Go back to the list of tools")
  private static let closesItself = Words(
    fr: "Cette page se ferme d’elle-même dans dix secondes.", en: "This page closes by itself in ten seconds.")
}
