import DemoMoodle
import TestSupport
import Testing
import Wire

/// The main job, once through.
@Suite(.needsStack) struct JourneyTests {
  @Test(
    "A learner launched from Moodle completes four grains and finds the grade in the gradebook",
    arguments: Stage.journeys)
  func journey(stage: Stage) throws {
    try World.run(stage) { world in
      let launch = try world.launch(user: 3)
      #expect(launch.final?.response.status == 303)
      #expect(launch.location?.description.hasPrefix(World.minisite + "#passerelle=") == true)
      let page = try MiniSite(world, code: try world.code(of: launch))
      #expect(page.opened.at("learner.name") == "Éloïse Lefèvre")
      #expect(page.opened["role"] == "learner")
      #expect(page.opened.at("module.slug") == "decouverte")
      for (done, grain) in TestDatabase.grains.enumerated() {
        let answer = try page.complete(grain)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(try answer.json.at("grade.status") == "delivered")
        #expect(try answer.json.at("grade.score") == .number(Double(done + 1) * 25))
        // Before the answer, not soon after it.
        #expect(world.moodle.platform.grade(user: 3)?.grade == Double(done + 1) * 25)
      }
      let row = try #require(world.moodle.platform.grade(user: 3))
      #expect(row.comment == "4 of 4 grains")
      #expect(row.completion == "COMPLETE")
    }
  }
}
