import TestSupport
import Testing
import Wire

/// `passerelle privacy register`: the entry for the register of processing.
@Suite(.needsStack) struct RegisterTests {
  @Test(
    "It names every table and column about a person that the database has, the Moodles and the settings",
    arguments: Shape.allCases)
  func register(shape: Shape) throws {
    try World.run(.inProcess, settings: [("PASSERELLE_SESSION_HOURS", "5")], on: shape) { world in
      _ = try world.session()
      let run = try world.command("privacy", "register")
      #expect(run.status == 0, "\(run.errorText)")
      #expect(run.text.contains("Moodle (\(world.moodle.url))") && run.text.contains("5 heures"))
      #expect(run.text.contains("PASSERELLE_ALLOW_INSECURE_HTTP"))
      #expect(!run.text.contains("à décrire"), "\(run.text)")
      for (table, columns) in PersonalColumns.tables where shape == .own {
        #expect(run.text.contains("`\(table)`"), "\(table)")
        for column in columns.keys { #expect(run.text.contains(column), "\(table).\(column)") }
      }
      if shape != .own { #expect(run.text.contains("collection de l’établissement")) }
      try world.database.execute("create table passerelle.later (learner uuid, mood text)")
      #expect(try world.command("privacy", "register").text.contains("`passerelle.later` : [à décrire"))
    }
  }
}
