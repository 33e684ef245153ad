import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle sweep`: deletes what has expired. Nothing depends on it but the size of the tables.
struct Sweep: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      abstract: Words(
        fr: "Supprime états, codes, sessions, jetons, invitations et listes de membres périmés.",
        en: "Delete expired states, codes, sessions, tokens, invites and lists of members."))
  }

  func run() throws {
    try Console.run {
      let workplace = try Workplace()
      let swept = try Housekeeping.sweep(workplace.database)
      try tellStaff(workplace)
      Console.say(
        Words(
          fr: "supprimés : \(swept.states) états, \(swept.codes) codes, \(swept.sessions) sessions, "
            + "\(swept.tokens) jetons, \(swept.memberships) listes de membres, \(swept.invites) invitations",
          en:
            "deleted: \(swept.states) states, \(swept.codes) codes, \(swept.sessions) sessions, \(swept.tokens) tokens, "
            + "\(swept.memberships) lists of members, \(swept.invites) invites"))
    }
  }

  /// Says beside each module in Directus whether its address can be used, by the settings as they are now.
  private func tellStaff(_ workplace: Workplace) throws {
    for module in try Modules.list(in: workplace.database) where module.status == CatalogueStatus.active.rawValue {
      var problem: MinisiteAddress.Problem?
      do { _ = try MinisiteAddress.of(module.url, workplace.environment.settings) } catch { problem = error }
      try Modules.say(problem?.words, ofAddressOf: module.slug, in: workplace.database)
    }
  }
}
