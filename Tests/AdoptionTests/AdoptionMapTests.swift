import Adoption
import Testing

/// The map's own grammar: what it means, and what is refused with its line before any database is asked.
@Suite struct AdoptionMapTests {
  private func problems(_ text: String) -> [MapProblem] {
    do throws(MapProblems) {
      _ = try AdoptionMap(parsing: text)
      return []
    } catch {
      return error.problems
    }
  }

  private static let learners = "[learners]\ntable = t\nname = n\ncreate = yes\n"

  @Test("Comments, empty lines, quoted names and lines of any system's ending are read")
  func grammar() throws {
    let text = """
      \u{FEFF}# people
      [learners]   # ours
      table="Nos apprenants"\r
      name = "nom # complet"
      email= mail
      match = "matricule" holds subject

      [progress]
      table = p
      learner = a holds code
      grain = "or"
      completed = statut is "terminé" or ok else "en cours"
      score = note out of 20
      """
    #expect(problems(text).isEmpty)
    #expect(try AdoptionMap(parsing: text).roles == [.learners, .progress])
  }

  @Test(
    "What is no map is refused on its line",
    arguments: [
      ("", 1, "names no role"),
      ("table = t\n", 1, "before the first role"),
      ("[people]\ntable = t\n" + learners, 1, "no role [people]"),
      (learners + "[learners]\n", 5, "stands on line 1 already"),
      (learners + "colour = red\n", 5, "no key “colour”"),
      (learners + "name = again\n", 5, "stands on line 3 already"),
      (learners + "email\n", 5, "key = value"),
      (learners + "email =\n", 5, "given no value"),
      (learners + "email = \"unclosed\n", 5, "quote is not closed"),
      (learners + "email = \"\"\n", 5, "empty"),
      (learners + "email = two words\n", 5, "takes one name"),
      (learners + "match = email\n", 5, "needs “email”"),
      (learners + "match = nom is subject\n", 5, "“match” is “email”"),
      ("[learners]\ntable = t\nname = n\ncreate = maybe\n", 4, "“yes” or “no”"),
      ("[learners]\ntable = t\nname = n\n", 1, "no launch could succeed"),
      ("[learners]\nname = n\ncreate = yes\n", 1, "lacks “table”"),
      ("[learners]\ntable = t\ncreate = yes\n", 1, "either “name”"),
      ("[learners]\ntable = t\ngiven_name = p\ncreate = yes\n", 3, "both “given_name” and “family_name”"),
      (learners + "[modules]\ntable = m\ntitle = t\n", 5, "[modules] needs [grains]"),
      (learners + "[grains]\ntable = g\nmodule = m\ntitle = t\n", 5, "[grains] needs [modules]"),
      ("[progress]\ntable = p\nlearner = l\ngrain = g\ncompleted = c\n", 1, "[progress] needs [learners]"),
      (learners + "[progress]\ntable = p\nlearner = l\ngrain = g\n", 5, "lacks “completed”"),
      (learners + "[progress]\ntable = p\nlearner = l of m\ngrain = g\ncompleted = c\n", 7, "holds"),
      (learners + "[progress]\ntable = p\nlearner = l\ngrain = g\ncompleted = c is\n", 9, "COLUMN is WORD else WORD"),
      (learners + "[progress]\ntable = p\nlearner = l\ngrain = g\ncompleted = c is a else a\n", 9, "both yes and no"),
      (
        learners + "[progress]\ntable = p\nlearner = l\ngrain = g\ncompleted = c\nscore = s of 20\n", 10,
        "out of MAXIMUM"
      ),
      (
        learners + "[progress]\ntable = p\nlearner = l\ngrain = g\ncompleted = c\nscore = s out of 0\n", 10,
        "out of MAXIMUM"
      ),
    ] as [(String, Int, String)])
  func refused(text: String, line: Int, words: String) {
    let problems = problems(text)
    #expect(problems.count == 1 && problems.first?.line == line, "\(problems)")
    #expect(problems.first?.problem.english.contains(words) == true, "\(problems)")
  }

  @Test("Every problem of a map is named at once, in the order of its lines")
  func all() {
    let problems = problems("[learners]\ncolour = red\ntable = t\nname = n\nemail =\ncreate = yes\n[people]\n")
    #expect(problems.map(\.line) == [2, 5, 7])
  }
}
