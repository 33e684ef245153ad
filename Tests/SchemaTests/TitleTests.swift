import Postgres
import TestSupport
import Testing

/// A title in several languages where nothing is known of who reads it: in Directus, and in what the command lists.
@Suite(.needsPostgres) struct TitleTests {
  @Test("It is read for `other`, else in its first language; what stands outside is for everybody")
  func titles() throws {
    let database = try ScratchDatabase()
    let titles = [
      ("{mlang fr}Été{mlang}{mlang en}Summer{mlang} 2026", "Été 2026"),
      ("{mlang de, at}A{mlang}{mlang other}B{mlang}", "B"),
      ("Avant {mlang de}Sommer{mlang} après", "Avant Sommer après"),
      ("Sans langue", "Sans langue"), ("{mlang fr}jamais fermé", "{mlang fr}jamais fermé"),
      ("{MLANG es}Dos{MLANG}", "Dos"),
    ]
    for (title, words) in titles {
      let read: String =
        try database.connection.query("select passerelle.title_text(\(title)) as title").first?.get("title") ?? ""
      #expect(read == words, "\(title)")
    }
    #expect(
      try database.value(
        "select passerelle.title_of('{mlang es}Dos{mlang}', null, '{mlang es}Curso{mlang}') = 'Dos · Curso'"))
  }
}
