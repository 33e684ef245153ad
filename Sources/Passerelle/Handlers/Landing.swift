import CGI
import LTI
import Learning
import Wire

/// Where an accepted launch goes, in whichever version of LTI it came.
enum Landing {
  /// The places of a message that may name the module, in the order in which they count.
  static func moduleChoice(_ message: LaunchMessage) -> Launches.ModuleChoice {
    func named(_ value: String?) -> String? {
      guard let value, !value.isEmpty else { return nil }
      return value
    }
    let target = WebURL(message.targetLinkURI)
    return Launches.ModuleChoice(
      custom: named(message.custom[CustomParameter.module]) ?? named(message.custom[CustomParameter.chosenModule]),
      query: named(target?.queryItems.first { $0.name == "module" }?.value),
      path: target.flatMap { $0.path.split(separator: "/").last.map(String.init) })
  }

  /// The mini-site's address with the code in the fragment, which no server and no referrer sees.
  static func response(
    _ recorded: Launches.Recorded, _ message: LaunchMessage, code: String, _ exchange: Exchange
  ) throws(Refusal) -> Response {
    guard var url = recorded.moduleURL.flatMap({ WebURL($0) }) ?? exchange.settings.minisiteURL else {
      throw .noMinisite(module: recorded.moduleSlug ?? "")
    }
    if let grain = message.custom[CustomParameter.grain].flatMap({ Slug($0) }) {
      url = url.addingQueryItems([("grain", grain.value)])
    }
    exchange.environment.log(
      .info, "launch accepted module=\(recorded.moduleSlug ?? "") instructor=\(message.isInstructor)")
    let fragment = url.fragment.map { $0.isEmpty ? "" : $0 + "&" } ?? ""
    return .redirect(303, to: url.withFragment("\(fragment)passerelle=\(code)"))
  }
}
