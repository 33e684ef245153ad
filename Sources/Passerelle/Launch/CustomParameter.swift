/// The custom parameters of an activity that this tool reads.
enum CustomParameter {
  /// The module's slug.
  static var module: String { "module" }
  /// The module's slug once more, for activities whose tool sets ``module`` itself: Moodle lets a parameter of the tool
  /// replace the activity's own of the same name.
  static var chosenModule: String { "passerelle_module" }
  /// The slug of one of the module's grains.
  static var grain: String { "grain" }
}
