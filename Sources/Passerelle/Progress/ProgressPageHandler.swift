import CGI
import Wire

/// `/dashboard` and `/me`: the pages; what they show is asked for by their scripts.
enum ProgressPageHandler {
  static func dashboard(_ exchange: Exchange) throws(Refusal) -> Response {
    ScriptedPage.dashboard(api: exchange.apiAddress, language: exchange.language)
      .response(status: 200, frameAncestors: exchange.frameAncestors, house: exchange.settings.house)
  }

  static func me(_ exchange: Exchange) throws(Refusal) -> Response {
    ScriptedPage.me(api: exchange.apiAddress, house: exchange.settings.house, language: exchange.language)
      .response(status: 200, frameAncestors: exchange.frameAncestors, house: exchange.settings.house)
  }
}
