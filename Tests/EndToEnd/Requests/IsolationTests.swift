import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// Databases whose transactions begin at another level than PostgreSQL's usual one.
@Suite(.needsStack) struct IsolationTests {
  /// A world whose database, and so every session with it, has the level.
  private func run(_ level: String, _ body: (World) throws -> Void) throws {
    try World.run(.inProcess) { world in
      try world.database.script(
        "alter database \"\(world.database.name)\" set default_transaction_isolation = '\(level)'")
      try body(world)
    }
  }

  @Test(
    "One person who opens the activity in six windows at once has one profile",
    arguments: ["read committed", "repeatable read", "serializable"])
  func oneProfile(level: String) throws {
    try run(level) { world in
      let launches = simultaneously(6) { _ in try world.launch(user: 3) }
      for launch in launches { _ = try world.code(of: try launch.get()) }
      #expect(try world.database.count("select from public.learners") == 1)
      #expect(try world.database.count("select from passerelle.identities") == 1)
      #expect(try world.database.count("select from passerelle.enrolments") == 1)
      #expect(try !world.tool.log.contains("internal_error"))
    }
  }

  @Test(
    "Grains that several people finish at the same instant all count, and each grade is sent by one at a time",
    arguments: ["read committed", "repeatable read", "serializable"])
  func noLostCount(level: String) throws {
    try run(level) { world in
      let learners = [101, 102, 103]
      let pages = try learners.map { try world.session(user: $0) }
      let reports = pages.flatMap { page in TestDatabase.grains.map { (page, $0) } }
      let answers = simultaneously(reports.count) { number in
        let (page, grain) = reports[number]
        return try page.complete(grain, score: 0.5)
      }
      for answer in answers {
        let answer = try answer.get()
        #expect(answer.status == 200, "\(answer.text)")
      }
      let sync = try world.command("grade", "sync", "--now")
      #expect(sync.status == 0, "\(sync.errorText)")
      for (learner, page) in zip(learners, pages) {
        #expect(try page.progress().json["completed"] == 4)
        #expect(world.moodle.platform.grade(user: learner)?.grade == 50)
      }
      let audit = world.moodle.platform.audit()
      #expect(audit.overlaps.isEmpty && audit.decreases.isEmpty)
      #expect(try world.database.count("select from public.progress") == 12)
      #expect(try !world.tool.log.contains("internal_error"))
    }
  }

  @Test(
    "A code, a login and a launch are good for one of those who come at once",
    arguments: ["read committed", "repeatable read", "serializable"])
  func once(level: String) throws {
    try run(level) { world in
      let code = try world.code(of: try world.launch())
      let sessions = try simultaneously(6) { _ in try world.post("/api/session", json: ["code": .string(code)]) }
        .map { try $0.get() }
      #expect(sessions.count { $0.status == 200 } == 1)
      #expect(sessions.count { Refused($0) == Refused(400, "invalid_code") } == 5)
      let attempt = try Attempt(world)
      let token = try attempt.token()
      let launches = try simultaneously(6) { _ in try attempt.present(token) }.map { try $0.get() }
      #expect(launches.count { $0.status == 303 } == 1)
      #expect(launches.count { (400...499).contains($0.status) } == 5, "\(launches.map(\.status))")
    }
  }

  @Test(
    "Doctor says at which level transactions begin, and how to mend it", arguments: ["repeatable read", "serializable"])
  func doctor(level: String) throws {
    try run(level) { world in
      let doctor = try world.command("doctor")
      #expect(doctor.text.contains("warning  writing: transactions begin at the level “\(level)”"), "\(doctor.text)")
      #expect(doctor.text.contains("set default_transaction_isolation = 'read committed'"))
    }
  }
}
