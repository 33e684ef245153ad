import Foundation
import TestSupport
import Testing

/// What the doctor says, over a whole run of the tests (`Tests/run`, which asks this when all others have ended).
@Suite struct DoctorLedgerTests {
  @Test(
    "Every sentence of the doctor was provoked once, in both languages",
    .enabled(if: Stack.optional("PASSERELLE_TEST_LEDGER") != nil, "Tests/run asks when all other tests have ended"),
    .needsMounts, .needsBareMachine)
  func everySentence() throws {
    let path = try #require(Stack.optional("PASSERELLE_TEST_LEDGER"))
    let said = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    let folder = Document.root.appendingPathComponent("Sources/PasserelleCommand/Doctor")
    var (count, unsaid) = (0, [String]())
    func ask(_ source: some StringProtocol, of file: URL) {
      for sentence in SourceSentence.all(in: String(source)) {
        count += 1
        if !said.contains(where: sentence.isSaid) { unsaid.append("\(file.lastPathComponent): \(sentence.words)") }
      }
    }
    for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    where file.pathExtension == "swift" {
      ask(try String(contentsOf: file, encoding: .utf8), of: file)
    }
    // What it says of the database stands there; what learners read of the same stands above.
    let troubles = Document.root.appendingPathComponent("Sources/Store/DatabaseTrouble.swift")
    let text = try String(contentsOf: troubles, encoding: .utf8)
    ask(text[try #require(text.range(of: "package var diagnosis")).lowerBound...], of: troubles)
    print("doctor: \(count - unsaid.count) of \(count) sentences were provoked")
    #expect(unsaid.isEmpty, "never said:\n\(unsaid.sorted().joined(separator: "\n"))")
    #expect(count > 480)
  }

  @Test("A sentence that nobody provoked is found, with and without interpolations")
  func planted() {
    let sentences = SourceSentence.all(
      in: #"""
        Words(fr: "il y en a \(n == 1 ? "un" : "deux \(more)") ici"
          + ", dit-on", en: "there \(is) \(n) here")
        Words(fr: name, en: "plain \"words\"")
        Words(fr: "« URL » de « \(name) »", en: "URL")
        """#)
    #expect(
      sentences.map(\.words) == [
        "fr: il y en a … ici, dit-on", "en: there … here", #"en: plain "words""#,
        "fr: «\u{A0}URL\u{A0}» de «\u{A0} … \u{A0}»", "en: URL",
      ])
    #expect(sentences[0].isSaid(in: "ERREUR il y en a deux autres ici, dit-on. Fin"))
    #expect(!sentences[0].isSaid(in: "il y en a un là, dit-on") && !sentences[1].isSaid(in: "here is there"))
  }
}
