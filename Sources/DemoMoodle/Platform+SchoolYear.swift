import Wire

/// What a school year does to a course, as a real Moodle does it.
extension Platform {
  /// "Reset course" with all grades: every column is empty and stays.
  package func resetCourse() {
    state.withLock { state in
      for item in state.gradebook.lineItems { state.gradebook.reset(lineItem: item.id) }
    }
  }

  /// "Delete all items and grades" of Moodle 5.1: each activity's column is made anew under another id, and launches name none from
  /// then on; the list of line items does.
  package func deleteItemsAndGrades() {
    state.withLock { state in
      for activity in state.activities where activity.acceptsGrades {
        for item in state.gradebook.lineItems(linkedTo: activity.instance) { state.gradebook.delete(item.id) }
        state.gradebook.addColumn(of: activity, isNamed: false)
      }
    }
  }

  /// An activity's column under another id, which launches name: a course restored over itself.
  package func remakeColumn(cmid: Int) {
    state.withLock { state in
      guard let activity = state.activities.first(where: { $0.cmid == cmid }) else { return }
      for item in state.gradebook.lineItems(linkedTo: activity.instance) { state.gradebook.delete(item.id) }
      state.gradebook.addColumn(of: activity)
    }
  }

  /// "Duplicate", and a course's copy: another activity of the same settings, with a column of its own.
  @discardableResult
  package func copyActivity(cmid: Int) -> Activity? { activity(cmid: cmid).map { addNewActivity($0) } }

  /// An activity is deleted: its columns, and those linked to it, go with it.
  package func deleteActivity(cmid: Int) {
    state.withLock { state in
      guard let activity = state.activities.first(where: { $0.cmid == cmid }) else { return }
      for item in state.gradebook.lineItems(linkedTo: activity.instance) { state.gradebook.delete(item.id) }
      state.activities.removeAll { $0.cmid == cmid }
    }
  }

  /// The recycle bin gives an activity back under its ids; its column is another, and empty.
  package func restoreActivity(_ activity: Activity) { addActivity(activity) }

  /// The activity has another `resource_link.id` from now on, and the same column: what Moodle's `core_ltix` will do.
  package func renumberActivity(cmid: Int, to instance: Int) {
    state.withLock { state in
      guard let index = state.activities.firstIndex(where: { $0.cmid == cmid }) else { return }
      state.gradebook.renumber(state.activities[index].instance, to: instance)
      state.activities[index].instance = instance
    }
  }
}
