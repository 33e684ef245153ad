/// The custom parameters of an activity that this tool reads.
enum CustomParameter {
  /// The module's slug.
  static var module: String { "module" }
  /// The module's slug once more, for activities whose tool sets ``module`` itself: Moodle lets a parameter of the tool
  /// replace the activity's own of the same name.
  static var chosenModule: String { "passerelle_module" }
  /// The slug of one of the module's grains: where to open first.
  static var grain: String { "grain" }
  /// Where the tool asks for the person's groups, with ``groupsVariable`` as its value.
  static var groups: String { "groups" }
  /// What Moodle replaces by the ids of the person's groups in the course, separated by commas.
  static var groupsVariable: String { "$Moodle.Person.userGroupIds" }
  /// The slug of the grain that the activity is about, which the content chooser writes: graded, shown and completed as that grain.
  static var chosenGrain: String { "passerelle_grain" }
  /// Where the tool asks for the courses that the activity's course was copied from, with ``historyVariable`` as its value.
  static var history: String { "context_id_history" }
  /// What a platform replaces by the ids of those courses, the nearest first, separated by commas (LTI 1.3 Core, appendix C.2).
  static var historyVariable: String { "$Context.id.history" }
}
