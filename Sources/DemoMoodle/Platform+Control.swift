import Wire

/// One line of the gradebook as people see it.
package struct GradebookRow: Sendable, Equatable {
  /// The person's id.
  package var user: Int
  /// The person's name.
  package var name: String
  /// The grade item.
  package var lineItem: Int
  /// The column's heading.
  package var label: String
  /// The activity's instance id (`resource_link.id`); nil for a column that the tool made.
  package var activity: Int?
  /// The grade that counts; nil for none.
  package var grade: Double?
  /// The column's maximum.
  package var maximum: Double
  /// The comment.
  package var comment: String?
  /// Seconds since 1970 of the stored grade.
  package var timestamp: Int64?
  /// `INCOMPLETE`, `COMPLETE`, `COMPLETE_PASS`, `COMPLETE_FAIL`; nil where completion is not tracked.
  package var completion: String?
}

/// What a soak test asks about the whole run.
package struct Audit: Sendable, Equatable {
  /// Scores for one person in one column that overlapped in time.
  package var overlaps: [Overlap]
  /// Grades of one person, in whatever columns, that overlapped in time.
  package var crossings: [Overlap]
  /// Grades that fell or were erased by a score.
  package var decreases: [GradeChange]
  /// How many faults struck, by service and fault.
  package var injected: [String: Int]
  /// All faults that struck.
  package var injectedTotal: Int
}

extension Platform {
  /// The gradebook: every gradable person in every column but the course total, in the order of people.
  package func gradebook() -> [GradebookRow] {
    state.withLock { state in
      let items = state.gradebook.lineItems.filter { $0.origin != .courseTotal }
      return state.people.filter(\.isGradable).flatMap { person in
        items.map { item in
          let grade = state.gradebook.grade(user: person.id, lineItem: item.id)
          let activity = state.activities.first { $0.instance == item.activityInstance }
          return GradebookRow(
            user: person.id, name: person.name, lineItem: item.id, label: item.label, activity: item.activityInstance,
            grade: grade?.final, maximum: item.maximum, comment: grade?.feedback, timestamp: grade?.timeModified,
            completion: activity.flatMap { Self.completion(of: $0, person: person, grade: grade, viewed: state.viewed) }
          )
        }
      }
    }
  }

  /// One person's line for an activity, by instance id; nil when it has no column or the person is not gradable.
  package func grade(user: Int, activity instance: Int = 1) -> GradebookRow? {
    gradebook().first { $0.user == user && $0.activity == instance }
  }

  private static func completion(
    of activity: Activity, person: Person, grade: Grade?, viewed: Set<Viewing>
  ) -> String? {
    switch activity.completion {
    case .none: nil
    case .receiveGrade: grade?.final == nil ? "INCOMPLETE" : "COMPLETE"
    case .passingGrade(let pass): grade?.final.map { $0 >= pass ? "COMPLETE_PASS" : "COMPLETE_FAIL" } ?? "INCOMPLETE"
    case .view: viewed.contains(Viewing(user: person.id, cmid: activity.cmid)) ? "COMPLETE" : "INCOMPLETE"
    }
  }

  /// The requests to the services, the token endpoint and the key set, in order of arrival.
  package func requests() -> [LoggedRequest] { state.withLock { $0.log.entries } }

  /// The run so far: overlaps, grades that fell, faults that struck.
  package func audit() -> Audit {
    state.withLock { state in
      Audit(
        overlaps: state.log.overlaps, crossings: state.log.crossings,
        decreases: state.gradebook.changes.filter(\.isDecrease),
        injected: state.faults.injected, injectedTotal: state.faults.injectedTotal)
    }
  }

  /// Reads or changes the faults.
  @discardableResult
  package func withFaults<Result: Sendable>(_ change: (inout FaultPlan) -> Result) -> Result {
    state.withLock { state in
      var plan = state.faults
      let result = change(&plan)
      state.faults = plan
      return result
    }
  }

  /// Adds faults for the next requests to a service, one each.
  package func injectNext(_ faults: Fault..., at endpoint: Endpoint) {
    state.withLock { $0.faults.queue(faults, for: endpoint) }
  }

  /// A teacher types a grade: it stands, whatever scores come.
  package func overrideGrade(user: Int, lineItem: Int, grade: Double, comment: String? = nil) {
    let now = now().seconds
    state.withLock {
      $0.gradebook.override(user: user, lineItem: lineItem, final: grade, feedback: comment, now: now)
    }
  }

  /// Locks or unlocks a column, or one person's grade in it.
  package func setLocked(_ locked: Bool, lineItem: Int, user: Int? = nil) {
    state.withLock { state in
      if let user {
        state.gradebook.setLocked(locked, user: user, lineItem: lineItem)
      } else {
        state.gradebook.setLocked(locked, lineItem: lineItem)
      }
    }
  }

  /// Empties a column, or one person's grade in it, as "reset course" does.
  package func resetGrades(lineItem: Int, user: Int? = nil) {
    state.withLock { $0.gradebook.reset(lineItem: lineItem, user: user) }
  }

  /// Enrols, suspends or unenrols somebody.
  package func setEnrolment(_ enrolment: Person.Enrolment, user: Int) {
    state.withLock { state in
      guard let index = state.people.firstIndex(where: { $0.id == user }) else { return }
      state.people[index].enrolment = enrolment
    }
  }

  /// Changes somebody's account: a name, an address, a language.
  package func changePerson(_ id: Int, _ change: (inout Person) -> Void) {
    guard var person = person(id) else { return }
    change(&person)
    let changed = person
    state.withLock { state in
      guard let index = state.people.firstIndex(where: { $0.id == id }) else { return }
      state.people[index] = changed
    }
  }

  /// Changes an activity's settings; its column keeps its label and maximum.
  package func changeActivity(cmid: Int, _ change: (inout Activity) -> Void) {
    guard var activity = activity(cmid: cmid) else { return }
    change(&activity)
    let changed = activity
    state.withLock { state in
      guard let index = state.activities.firstIndex(where: { $0.cmid == cmid }) else { return }
      state.activities[index] = changed
      if changed.acceptsGrades, state.gradebook.lineItem(ofActivity: changed.instance) == nil {
        state.gradebook.addColumn(of: changed)
      } else if !changed.acceptsGrades, let column = state.gradebook.lineItem(ofActivity: changed.instance) {
        state.gradebook.delete(column.id)
      }
    }
  }

  /// Adds an activity to the course.
  package func addActivity(_ activity: Activity) {
    state.withLock { state in
      state.activities.append(activity)
      if activity.acceptsGrades { state.gradebook.addColumn(of: activity) }
    }
  }

  /// Adds an activity and gives it the next free ids; its own `cmid` and `instance` are not looked at.
  /// - Returns: the activity as it was added.
  @discardableResult
  package func addNewActivity(_ activity: Activity) -> Activity {
    var added = activity
    state.withLock { state in
      added.cmid = (state.activities.map(\.cmid).max() ?? 1) + 1
      added.instance = (state.activities.map(\.instance).max() ?? 0) + 1
      state.activities.append(added)
      if added.acceptsGrades { state.gradebook.addColumn(of: added) }
    }
    return added
  }

  /// The course's activities, in order.
  package var activities: [Activity] { state.withLock { $0.activities } }

  /// What is kept for anybody in a column, also for those whom the gradebook does not show, such as teachers.
  package func storedGrade(user: Int, lineItem: Int) -> Grade? {
    state.withLock { $0.gradebook.grade(user: user, lineItem: lineItem) }
  }

  /// Makes every access token worthless, as an expiry would.
  package func revokeTokens() { state.withLock { $0.accessTokens = [:] } }

  /// Forgets the tools' cached key sets.
  package func forgetToolKeys() { state.withLock { $0.toolKeys = [:] } }
}
