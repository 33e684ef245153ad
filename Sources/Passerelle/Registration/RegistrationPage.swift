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
  ///   - isUpdate: whether the platform's client was registered before: Moodle then keeps its card, active as it was, and sets back
  ///     where the tool is offered.
  static func make(
    platform: String, origin: Origin, isDeployed: Bool, isReplacement: Bool, isUpdate: Bool, language: Language
  ) -> Page {
    Page(
      language: language, title: title,
      body: { language in
        var html = """
          <h1>\(HTML.text(title[language]))</h1>
          <p>\(HTML.text(platform)) ↔ Passerelle ✓</p>
          <p>\(HTML.text((isUpdate ? updated : left)[language]))</p>
          <ol>
          """
        if !isUpdate { html += "\n<li><strong>\(HTML.text(activate[language]))</strong></li>" }
        html += """

          <li>\(HTML.text(offer[language]))</li>
          </ol>
          <p>\(HTML.text(perCourse[language]))</p>
          """
        if isReplacement { html += "\n<p role=\"alert\">\(HTML.text(replaced[language]))</p>" }
        if !isDeployed { html += "\n<p>\(HTML.text(notDeployed[language]))</p>" }
        html += """

          <p id="close" data-origin="\(HTML.attribute(origin.description))" hidden>\
          <button type="button">\(HTML.text(close[language]))</button></p>
          """
        return html
      },
      script: """
        (()=>{const p=document.getElementById("close"),to=opener??(parent===window?null:parent);if(!to)return;\
        p.querySelector("button").addEventListener("click",\
        ()=>to.postMessage({subject:"org.imsglobal.lti.close"},p.dataset.origin));p.hidden=false})();
        """)
  }

  private static let title = Words(fr: "Passerelle est enregistrée", en: "Passerelle is registered")
  private static let left = Words(
    fr: "Il reste deux choses à faire dans Moodle, dans la liste des outils, sur la fiche « Passerelle » :",
    en: "Two things are left to do in Moodle, in the list of tools, on the card “Passerelle”:")
  private static let updated = Words(
    fr:
      "L’outil était déjà enregistré ; il vient d’être mis à jour. Moodle a remis à zéro où il est proposé, et ses paramètres "
      + "personnalisés. Il reste une chose à faire, dans la liste des outils, sur la fiche « Passerelle » :",
    en:
      "The tool was registered already; it has just been updated. Moodle has set back where it is offered, and its custom "
      + "parameters. One thing is left to do, in the list of tools, on the card “Passerelle”:")
  private static let activate = Words(fr: "choisissez « Activer » ;", en: "choose “Activate”;")
  private static let offer = Words(
    fr:
      "pour que les enseignants trouvent l’outil, ouvrez le crayon et donnez à « Utilisation de la configuration de l’outil » "
      + "la valeur « Afficher dans le sélecteur d’activité et en tant qu’outil préconfiguré ».",
    en:
      "for teachers to find the tool, open the pencil and set “Tool configuration usage” to “Show in activity chooser and as a "
      + "preconfigured tool”.")
  private static let perCourse = Words(
    fr: "Ou bien chaque enseignant l’ajoute à son cours : Plus › Outils externes LTI.",
    en: "Or each teacher adds it to a course: More › LTI External tools.")
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
}
