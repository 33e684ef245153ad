import CGI
import LTI
import Postgres
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
      path: target.flatMap { $0.path.split(separator: "/").last.map(String.init) },
      grain: named(message.custom[CustomParameter.chosenGrain]))
  }

  /// The courses that this one was copied from, the nearest first, as far as the platform says. One that does not know the variable
  /// sends it as it was written.
  static func history(_ message: LaunchMessage) -> [String]? {
    guard let value = message.custom[CustomParameter.history], value != CustomParameter.historyVariable else {
      return nil
    }
    // Moodle's ids are numbers, in which nothing is encoded.
    let courses = value.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    return courses.isEmpty ? nil : Array(courses.prefix(20))
  }

  /// Asks the platform, before an activity is taken to be another that has the same line item; what cannot be read in time the
  /// verification reads later.
  static func ask(_ question: FormerLink.Question?, _ exchange: Exchange) throws(Refusal) -> FormerLink.Answer {
    guard let question else { return .unread }
    let environment = exchange.environment
    return try exchange.database { (database) throws(PostgresError) in
      FormerLinkReader(
        environment: environment, tokens: AccessTokenSource(environment: environment, database: database),
        deadline: Deadline(milliseconds: min(patience, environment.settings.gradeTimeout))
      ).ask(question)
    }
  }

  /// How long a launch waits for its learner's grades to be delivered; what is not done by then the timer does.
  private static var patience: Int { 2000 }

  /// Delivers what the learner is owed by this launch. That it could not be done is no reason to refuse the launch.
  static func deliver(_ recorded: Launches.Recorded, _ exchange: Exchange) {
    do throws(Refusal) { _ = try GradeCourier.deliverNow(recorded.deliveries, within: patience, exchange) } catch {
      exchange.environment.log(.warning, "grade left to the timer after a launch: \(error.code) \(error.detail)")
    }
  }

  /// The groups of the course that the person is in, by the platform's ids; nil where it does not say. A platform that does not
  /// know the variable sends its name.
  static func groups(_ message: LaunchMessage) -> [String]? {
    guard let value = message.custom[CustomParameter.groups], value.utf8.first != UInt8(ascii: "$") else { return nil }
    let ids = value.split(whereSeparator: { $0 == "," || $0.isWhitespace }).map(String.init)
    return Array(Set(ids.filter { $0.utf8.count <= 40 }).sorted().prefix(200))
  }

  /// Where the person goes, with the code in the fragment, which no server and no referrer sees: a teacher to the
  /// dashboard, whatever grain the activity opens, and everybody else to the mini-site.
  static func response(
    _ recorded: Launches.Recorded, _ message: LaunchMessage, code: String, _ exchange: Exchange
  ) throws(Refusal) -> Response {
    let place =
      message.isInstructor
      ? exchange.settings.baseURL.insertingPath("/dashboard")
      : try minisite(
        recorded,
        grain: (message.custom[CustomParameter.chosenGrain] ?? message.custom[CustomParameter.grain]).flatMap {
          Slug($0)
        },
        exchange)
    exchange.environment.log(
      .info, "launch accepted module=\(recorded.moduleSlug ?? "") instructor=\(message.isInstructor)")
    return .redirect(303, to: place.carrying(code: code))
  }

  private static func minisite(
    _ recorded: Launches.Recorded, grain: Slug?, _ exchange: Exchange
  ) throws(Refusal) -> WebURL {
    let module = recorded.moduleSlug ?? ""
    let address: WebURL?
    do { address = try MinisiteAddress.of(recorded.moduleURL, exchange.settings) } catch {
      tellStaff(error, module, exchange)
      throw .minisiteUnusable(module: module, error)
    }
    guard let url = address else { throw .noMinisite(module: module) }
    guard let grain else { return url }
    return url.addingQueryItems([("grain", grain.value)])
  }

  /// A launch that was refused for it shows staff why, beside the module in Directus; `sweep` does so for all modules.
  private static func tellStaff(_ problem: MinisiteAddress.Problem, _ module: String, _ exchange: Exchange) {
    let said = exchange.askingDatabase { (database) throws(PostgresError) in
      try Modules.say(problem.words, ofAddressOf: module, in: database)
    }
    if case .failure(let error) = said { exchange.environment.log(.warning, "module notice not written \(error)") }
  }
}
