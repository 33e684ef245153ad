import Testing
import Wire

/// Titles in several languages, as Moodle sends them.
@Suite struct TitleTextTests {
  static let titles: [(String, String, String)] = [
    ("Chimie", "Chimie", "Chimie"),
    ("{mlang fr}Été{mlang}{mlang en}Summer{mlang}", "Été", "Summer"),
    ("1. {mlang en}Summer{mlang}{mlang fr}Été{mlang} !", "1. Été !", "1. Summer !"),
    ("{mlang other}Sommer{mlang}{mlang en}Summer{mlang}", "Sommer", "Summer"),
    ("{mlang de}Sommer{mlang}{mlang it}Estate{mlang}", "Sommer", "Sommer"),
    ("{mlang en,fr_ca}Both{mlang}", "Both", "Both"),
    // What the filter would not understand is shown as it is.
    ("{mlang fr}Été", "{mlang fr}Été", "{mlang fr}Été"),
    ("{mlang}Été{mlang}", "{mlang}Été{mlang}", "{mlang}Été{mlang}"),
  ]

  @Test("The reader's part is read, else that for other, else the first", arguments: titles)
  func reading(title: String, french: String, english: String) {
    #expect(TitleText.read(title, in: .french) == french)
    #expect(TitleText.read(title, in: .english) == english)
  }
}
