import TestSupport
import Testing

/// What `passerelle doctor` says where collections of an institution's own are adopted.
@Suite(.needsStack) struct DoctorAdoptionTests {
  @Test("The doctor says whose collections are in use, what of them does not fit any more, and what may surprise")
  func doctor() throws {
    try World.run(.event, on: .french) { world in
      func findings() throws -> [Examination.Finding] { try Examination(world).findings(of: "adoption") }
      let fine = try findings()
      #expect(fine.count == 1 && fine.first?.state == "ok", "\(fine)")
      #expect(fine.first?.words.contains("progress live in public.progressions") == true)

      try world.database.execute("update public.grains set code = 'tout à la fin' where code = 'bilan'")
      let surprising = try findings()
      #expect(
        surprising.first
          == .init(
            "warning", "adoption", "1 grains have a slug that no page can report",
            mend: "see Sources/Adoption/README.md"))
      #expect(surprising.dropFirst() == fine[...])

      try world.database.script(
        """
        drop trigger passerelle_updated on public.progressions;
        drop index public.passerelle_progress_learner;
        alter table public.apprenants rename column courriel to mel;
        """)
      let wrong = try findings()
      #expect(wrong.contains { $0.words.contains("has no column “courriel”") }, "\(wrong)")
      try world.database.script("alter table public.apprenants rename column mel to courriel")
      #expect(
        try findings().contains(
          .init(
            "wrong", "adoption",
            "the index on public.progressions, by which a learner's rows are found, is gone or a former release's",
            mend: "run: passerelle migrate")))
      #expect(
        try findings().contains(
          .init(
            "wrong", "adoption",
            "trigger passerelle_updated of public.progressions is gone or disabled: edits do not count",
            mend: "mend the table; or give the collections back and adopt them anew (passerelle directus adopt --undo)")
        ))
    }
  }
}
