/// What the web server's role may do: read and write the tables that statements of a request and of the administrator's
/// everyday commands touch, and nothing else. It owns nothing, makes nothing, and has no business in Directus's tables.
///
/// `WebRightsTests` compares this with what functions and statements do. Functions need no list: they work with the rights of
/// whoever calls them, and whoever may not enter schema passerelle finds none. Those that work as their owner are the triggers,
/// which nobody calls, and what adopted tables are written by (module Adoption), which is granted one by one.
package enum WebRights {
  /// A table or view, and the rights on it, as SQL names both.
  package struct Right: Hashable, Sendable {
    /// `passerelle.sessions`.
    package let relation: String
    /// `select`, `insert`, `update` or `delete`.
    package let privilege: String

    /// One right.
    package init(_ relation: String, _ privilege: String) {
      self.relation = relation
      self.privilege = privilege
    }
  }

  /// The rights where none of the four roles lives in a table of an institution's own.
  package static let own: [Right] = tables.flatMap { relation, privileges in
    privileges.split(separator: " ").map { Right(relation, String($0)) }
  }

  /// The five tables in schema public.
  static let collections = SeamRole.allCases.map(\.rawValue) + ["grades"]

  /// Functions for the owner alone, by name: whoever is erased is erased by `passerelle learner erase`, and an activity or
  /// a platform forgotten by `passerelle activity forget` and `platform remove`.
  static let ownersFunctions = [
    "activity_forget", "join_activities", "join_enrolments", "learner_delete", "learner_drop", "learner_forget",
    "merge_learners", "platform_merge", "platform_remove", "progress_give",
  ]

  /// The rights where these roles live elsewhere: their tables are read through views and written by functions.
  package static func rights(adopted: Set<SeamRole>) -> [Right] {
    own.filter { right in !adopted.contains { right.relation == "public.\($0.rawValue)" } }
  }

  private static let tables: [(String, String)] = [
    ("passerelle.access_tokens", "select insert update delete"),
    ("passerelle.activities", "select insert update"),
    ("passerelle.adoption", "select"),
    ("passerelle.codes", "select insert update delete"),
    ("passerelle.consumers", "select insert update"),
    ("passerelle.corrections", "select insert update"),
    ("passerelle.counters", "select insert update"),
    ("passerelle.deployments", "select insert update"),
    ("passerelle.enrolments", "select insert update delete"),
    ("passerelle.grain_rows", "select"),
    ("passerelle.group_names", "select insert update delete"),
    ("passerelle.heartbeats", "select insert update"),
    ("passerelle.identities", "select insert update"),
    ("passerelle.invites", "select insert update delete"),
    ("passerelle.key_sets", "select insert update"),
    ("passerelle.learner_rows", "select"),
    ("passerelle.login_states", "select insert update delete"),
    ("passerelle.members", "select insert delete"),
    ("passerelle.membership_lists", "select insert update delete"),
    ("passerelle.migrations", "select"),
    ("passerelle.module_rows", "select"),
    ("passerelle.nonces", "select insert delete"),
    ("passerelle.platform_calls", "select insert update"),
    ("passerelle.platforms", "select insert update"),
    ("passerelle.progress_rows", "select"),
    ("passerelle.recounts", "select insert update delete"),
    ("passerelle.registrations", "select insert update"),
    ("passerelle.roster_horizon", "select insert update"),
    ("passerelle.roster_marks", "select insert delete"),
    ("passerelle.runs", "select insert"),
    ("passerelle.sessions", "select insert update delete"),
    ("passerelle.states", "select insert update"),
    ("passerelle.tool_keys", "select insert update"),
    ("public.grades", "select insert update delete"),
    ("public.grains", "select insert update"),
    ("public.learners", "select insert update"),
    ("public.modules", "select insert update"),
    ("public.progress", "select insert update delete"),
  ]
}
