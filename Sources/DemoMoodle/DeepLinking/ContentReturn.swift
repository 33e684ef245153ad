import JOSE
import Wire

extension Platform {
  /// contentitem_return.php: takes the tool's signed choice (LTI Deep Linking 2.0 §3.1.2), the form field `JWT`.
  ///
  /// Signature, `iss` and `exp` are checked; `aud`, `nonce`, `data`, the deployment and the message type are not. Moodle
  /// hands what was chosen to the form of an activity; here it is also saved, so that the course shows it.
  func contentItemReturn(_ request: MoodleRequest) -> MoodleResponse {
    guard let person = sessionPerson(request), let session = session(request) else {
      guard request.postValue("repost") == nil else { return .redirect(to: wwwroot + "/login/index.php") }
      return repost(request)
    }
    guard let tool = request.queryValue("id").flatMap({ Int($0) }).flatMap({ tool(typeID: $0) }) else {
      return Pages.moodleError("The tool type was not found.", site: configuration.siteName)
    }
    let claims: JSONValue
    switch deepLinkingResponse(request.postValue("JWT") ?? "", from: tool) {
    case .accepted(let accepted): claims = accepted
    case .refused(let page): return page
    }
    guard request.queryValue("sesskey") == session.sesskey else { return wrongSesskey() }
    guard person.mayEditCourse else { return notPermitted("Manage activities") }

    let error = claims[Claim.deepLinking + "errormsg"]?.stringValue ?? ""
    let items = error.isEmpty ? claims[Claim.contentItems]?.arrayValue ?? [] : []
    let forms = items.map { ContentItemForm($0, tool: tool) }
    for form in forms { addNewActivity(form.activity) }
    let data: JSONValue =
      forms.isEmpty ? .null : forms.count == 1 ? forms[0].json : ["multiple": .array(forms.map(\.json))]
    return .html(
      Pages.chosen(
        data, error: error, message: claims[Claim.deepLinking + "msg"]?.stringValue, wwwroot: wwwroot,
        newest: forms.isEmpty ? nil : activities.last?.cmid, frame: frame(request)))
  }

  private enum Choice {
    case accepted(JSONValue)
    case refused(MoodleResponse)
  }

  private func deepLinkingResponse(_ jwt: String, from tool: Tool) -> Choice {
    func refused(_ words: String) -> Choice { .refused(Pages.moodleError(words, site: configuration.siteName)) }
    let parts = jwt.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let payload = Base64URL.decode(parts[1]), let claims = try? JSONValue(parsing: payload)
    else { return refused("Exception - Wrong number of segments") }
    guard claims["iss"]?.stringValue == tool.clientID, !tool.isLTI11 else {
      return refused("Consumer key is incorrect.")
    }
    do {
      try verify(jwt, of: tool)
    } catch let refusal as AssertionRefusal {
      return refused("Exception - \(refusal.words)")
    } catch {
      return .refused(keySetUnusable())
    }
    return .accepted(claims)
  }
}

extension Pages {
  /// What the frame shows when the tool's choice came back: the data for the form in a script, and the way to the course.
  static func chosen(
    _ data: JSONValue, error: String, message: String?, wwwroot: String, newest: Int?, frame: Frame
  ) -> String {
    let course = wwwroot + "/course/view.php?id=\(Course.id)" + (newest.map { "&cm=\($0)" } ?? "")
    let words =
      !error.isEmpty
      ? error
      : newest == nil
        ? frame.say("Rien n’a été choisi.", "Nothing was chosen.")
        : message ?? frame.say("Le contenu choisi est dans le cours.", "The chosen content is in the course.")
    // An error stays to be read; otherwise the whole page goes to the course, as Moodle's dialogue closes.
    let leave = error.isEmpty ? "top.location.href = \(HTML.scriptJSON(.string(course)));" : ""
    return """
      <!DOCTYPE html>
      <html lang="\(frame.language.rawValue)"><head><meta charset="utf-8"><title>\(HTML.text(words))</title>
      <style>\(style)</style></head><body><main><p\(error.isEmpty ? "" : " class=\"errormessage\"")>\(HTML.text(words))</p>
      <script id="returned" type="application/json">\(HTML.scriptJSON(data))</script><script>\(leave)</script>
      <p><a href="\(HTML.attribute(course))" target="_top">\(HTML.text(Course.fullName))</a></p></main></body></html>
      """
  }
}
