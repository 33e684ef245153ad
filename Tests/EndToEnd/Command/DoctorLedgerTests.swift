import Foundation
import TestSupport
import Testing

/// What the doctor says, over a whole run of the tests (`Tests/run`, which asks this when all others have ended).
@Suite struct DoctorLedgerTests {
  /// The sentences that no test provokes yet. A new sentence needs a test; nothing may be added here.
  private static func known() throws -> Set<String> {
    let file = Document.root.appendingPathComponent("Tests/Fixtures/doctor/unprovoked.txt")
    return Set(try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init))
  }

  @Test(
    "Every sentence of the doctor was provoked once, in both languages, but for those that are listed",
    .enabled(if: Stack.optional("PASSERELLE_TEST_LEDGER") != nil, "Tests/run asks when all other tests have ended"))
  func everySentence() throws {
    let path = try #require(Stack.optional("PASSERELLE_TEST_LEDGER"))
    let said = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    let folder = Document.root.appendingPathComponent("Sources/PasserelleCommand/Doctor")
    var (count, unsaid) = (0, [String]())
    for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    where file.pathExtension == "swift" {
      for sentence in SourceSentence.all(in: try String(contentsOf: file, encoding: .utf8)) {
        count += 1
        if !said.contains(where: sentence.isSaid) { unsaid.append("\(file.lastPathComponent): \(sentence.words)") }
      }
    }
    let new = try Set(unsaid).subtracting(Self.known())
    print("doctor: \(count - unsaid.count) of \(count) sentences were provoked")
    #expect(new.isEmpty, "never said:\n\(new.sorted().joined(separator: "\n"))")
    #expect(count > 400)
  }

  @Test("A sentence that nobody provoked is found, with and without interpolations")
  func planted() {
    let sentences = SourceSentence.all(
      in: #"""
        Words(fr: "il y en a \(n == 1 ? "un" : "deux \(more)") ici"
          + ", dit-on", en: "there \(is) \(n) here")
        Words(fr: name, en: "plain \"words\"")
        """#)
    #expect(sentences.map(\.words) == ["fr: il y en a … ici, dit-on", "en: there … here", #"en: plain "words""#])
    #expect(sentences[0].isSaid(in: "ERREUR il y en a deux autres ici, dit-on. Fin"))
    #expect(!sentences[0].isSaid(in: "il y en a un là, dit-on") && !sentences[1].isSaid(in: "here is there"))
  }
}
