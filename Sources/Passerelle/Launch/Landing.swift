import CGI
import LTI
import Store
import Wire

/// Where an accepted launch goes, in whichever version of LTI it came.
enum Landing {
  /// The places of a message that may name the module, in the order in which they count.
  static func moduleChoice(_ message: LaunchMessage) -> Launches.ModuleChoice {
    func named(_ value: String?) -> String? {
      guard let value, !value.isEmpty else { return nil }
      return value
    }
    // Moodle sends the tool's URL as a teacher typed it.
    let target = WebURL(typed: message.targetLinkURI)
    return Launches.ModuleChoice(
      custom: named(message.custom[CustomParameter.module]) ?? named(message.custom[CustomParameter.chosenModule]),
      query: named(target?.queryItems.first { $0.name == "module" }?.value),
      path: target.flatMap { $0.path.split(separator: "/").last.map(String.init) })
  }

  /// Where the person goes, with the code in the fragment, which no server and no referrer sees: a teacher to the
  /// dashboard, whatever grain the activity opens, and everybody else to the mini-site.
  static func response(
    _ recorded: Launches.Recorded, _ message: LaunchMessage, code: String, _ exchange: Exchange
  ) throws(Refusal) -> Response {
    let place =
      message.isInstructor
      ? exchange.settings.baseURL.insertingPath("/dashboard")
      : try minisite(recorded, grain: message.custom[CustomParameter.grain].flatMap { Slug($0) }, exchange)
    exchange.environment.log(
      .info, "launch accepted module=\(recorded.moduleSlug ?? "") instructor=\(message.isInstructor)")
    return .redirect(303, to: place.carrying(code: code))
  }

  private static func minisite(
    _ recorded: Launches.Recorded, grain: Slug?, _ exchange: Exchange
  ) throws(Refusal) -> WebURL {
    guard let url = minisite(of: recorded.moduleURL, exchange) else {
      throw .noMinisite(module: recorded.moduleSlug ?? "")
    }
    guard let grain else { return url }
    return url.addingQueryItems([("grain", grain.value)])
  }

  /// The mini-site of a module: where its own URL says, or else the settings; nil when neither does.
  static func minisite(of moduleURL: String?, _ exchange: Exchange) -> WebURL? {
    moduleURL.flatMap { WebURL($0) } ?? exchange.settings.minisiteURL
  }
}
