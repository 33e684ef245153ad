import Store
import TestSupport
import Testing

/// A delivery crosses from SQL to the program as JSON.
@Suite(.needsStack) struct DeliveryKeyTests {
  @Test("What passerelle.delivery writes is what the program reads, key by key")
  func keys() throws {
    try World.run(.process) { world in
      _ = try world.session()
      let written: [String] = try world.database.values(
        "select json_object_keys(passerelle.delivery(e.id)) from passerelle.enrolments e")
      #expect(written.sorted() == DeliveryKey.allCases.map(\.rawValue).sorted())
    }
  }
}
