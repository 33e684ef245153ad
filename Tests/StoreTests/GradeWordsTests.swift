import Store
import Testing
import Wire

@Suite struct GradeWordsTests {
  @Test("Grains are counted with the right plural in both languages")
  func counts() {
    func words(_ completed: Int, _ total: Int) -> [String] {
      let words = GrainCount(completed: completed, total: total).words
      return [words[.french], words[.english]]
    }
    #expect(words(0, 4) == ["0 grain sur 4", "0 of 4 grains"])
    #expect(words(1, 4) == ["1 grain sur 4", "1 of 4 grains"])
    #expect(words(3, 4) == ["3 grains sur 4", "3 of 4 grains"])
    #expect(words(1, 1) == ["1 grain sur 1", "1 of 1 grain"])
  }

  @Test("A module is complete when all its grains are, and an empty one never is")
  func complete() {
    #expect(!GrainCount(completed: 3, total: 4).isComplete)
    #expect(GrainCount(completed: 4, total: 4).isComplete)
    // A grain archived after it was completed.
    #expect(GrainCount(completed: 5, total: 4).isComplete)
    #expect(!GrainCount(completed: 0, total: 0).isComplete)
  }

  @Test("Every grade status has words of its own in both languages")
  func statuses() {
    let all: [GradeStatus] = [.none, .pending, .delivered, .failed]
    for language in [Language.french, .english] {
      let words = all.map { $0.words[language] }
      #expect(Set(words).count == 4)
      #expect(words.allSatisfy { $0.hasSuffix(".") })
    }
    #expect(all.map(\.rawValue) == ["none", "pending", "delivered", "failed"])
    #expect(zip(all.map { $0.words.french }, all.map { $0.words.english }).allSatisfy { $0 != $1 })
  }
}
