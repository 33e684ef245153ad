import Wire

@testable import DemoMoodle

/// What a teacher, another tool or an earlier score did in the gradebook, without a request.
extension Platform {
  /// A score as it is stored, with a date of its own.
  func storeScore(user: Int, lineItem: Int, given: Double, timestamp: Int64) {
    state.withLock { state in
      guard let item = state.gradebook.lineItem(lineItem) else { return }
      _ = state.gradebook.store(
        Gradebook.Score(user: user, timestamp: timestamp, given: given, maximum: item.maximum, comment: ""), in: item,
        now: timestamp, milliseconds: timestamp * 1000)
    }
  }

  /// One more column that is linked to an activity, as a tool makes it.
  @discardableResult
  func linkLineItem(to instance: Int, tag: String = "extra") -> Int {
    let typeID = tool.typeID
    return state.withLock { state in
      state.gradebook.add(
        LineItem(
          id: 0, origin: .tool(typeID: typeID), label: "Extra", maximum: 10, resourceID: "", tag: tag,
          resourceLinkID: String(instance))
      ).id
    }
  }

  /// Removes a column, with its grades.
  func deleteLineItem(_ id: Int) { state.withLock { $0.gradebook.delete(id) } }

  /// Gives a column another maximum, which rescales its grades.
  func setMaximum(_ maximum: Double, ofLineItem id: Int) {
    state.withLock { state in
      guard var item = state.gradebook.lineItem(id) else { return }
      item.maximum = maximum
      state.gradebook.update(item)
    }
  }

  /// The columns in order, course total included.
  var lineItems: [LineItem] { state.withLock { $0.gradebook.lineItems } }

  /// Somebody's grade in a column.
  func grade(user: Int, lineItem: Int) -> Grade? {
    state.withLock { $0.gradebook.grade(user: user, lineItem: lineItem) }
  }
}
