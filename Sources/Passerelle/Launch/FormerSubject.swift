import LTI
import Postgres
import Store

/// The id that an LTI 1.3 launch says its person had in LTI 1.1 (claim `lti1p1`): proven by the signature of a consumer key of
/// the same platform it leads to the same learner; without that proof the launch goes on as if it said nothing.
enum FormerSubject {
  /// Nothing to ask the database where the claim is missing or names the same id: that is one profile already.
  static func connect(
    _ message: LaunchMessage, _ context: Launches.Context, _ exchange: Exchange
  ) throws(Refusal) {
    guard let claim = message.migration, let former = claim.userID, former != message.subject,
      let platform = context.platform, let clientID = context.clientID
    else { return }
    if let reason = try doubt(claim, platform: platform, clientID: clientID, exchange) {
      exchange.environment.log(.warning, "lti1p1 claim ignored platform=\(platform): \(reason)")
      return
    }
    let known = try exchange.database { (database) throws(PostgresError) in
      try Identities.join(message, formerly: former, platform: platform, in: database)
    }
    tell(known, exchange)
  }

  /// Why the claim is not believed; nil when it is.
  private static func doubt(
    _ claim: MigrationClaim, platform: String, clientID: ClientID, _ exchange: Exchange
  ) throws(Refusal) -> String? {
    guard let key = claim.consumerKey else { return "it names no consumer key" }
    let found = try exchange.database { (database) throws(PostgresError) in try Consumers.find(key, in: database) }
    guard let consumer = found, consumer.platform == platform else { return "its consumer key is not this platform's" }
    guard let secret = consumer.secret(exchange.settings.sealer) else {
      return "the secret of its consumer key does not open with PASSERELLE_SECRET"
    }
    let isSigned = claim.isSigned(with: secret, clientID: clientID)
    return isSigned ? nil : "its signature is missing or not that of its consumer key"
  }

  private static func tell(_ known: Identities.Known, _ exchange: Exchange) {
    let log = exchange.environment.log
    let other = known.other ?? ""
    switch known.outcome {
    case .known: break
    case .created, .linked: log(.info, "lti1p1 claim: two ids lead to one learner=\(known.learner)")
    case .joined:
      log(
        .warning,
        "lti1p1 claim: two learners were one person; learner=\(known.learner) has everything now, other=\(other) had no "
          + "progress and has no id at this platform any more")
    case .different:
      log(
        .warning,
        "lti1p1 claim: two learners with progress are said to be one person, learner=\(known.learner) and "
          + "other=\(other); nothing was changed. To join them, give the progress of one to the other in Directus "
          + "(column learner of progress); the next launch joins the one that has none left")
    }
  }
}
