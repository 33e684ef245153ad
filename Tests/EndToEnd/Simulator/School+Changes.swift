import DemoMoodle
import Foundation
import Postgres
import Wire

/// What happens beside the programs: Moodle's changes, staff's edits, trouble on the way, and time.
extension School {
  private var platform: Platform { world.moodle.platform }

  /// Moodle changes on its own; nothing happens where the course has no such activity now.
  func make(_ change: Change) {
    switch change {
    case .resetCourse:
      platform.resetCourse()
      locked { $0.changed.formUnion($0.slots.indices) }
    case .deleteItemsAndGrades:
      platform.deleteItemsAndGrades()
      for slot in locked({ Array($0.slots.indices) }) { columnIsNew(slot) }
    case .remakeColumn(let slot):
      guard let activity = activityInMoodle(slot) else { return }
      platform.remakeColumn(cmid: activity.cmid)
      columnIsNew(slot)
    case .copy(let slot):
      let original = activityInMoodle(slot)
      let copy = locked { state -> Activity? in
        var copy = original ?? state.slots[slot].former
        // No id comes twice, as in Moodle.
        copy.cmid = 100 + state.slots.count
        copy.instance = Self.freshInstance(state)
        // Where there is nothing to copy, no step will find anything at this place.
        state.slots.append(
          Slot(
            activity: original.map { _ in copy }, former: copy, instances: original.map { _ in [copy.instance] } ?? []))
        return original.map { _ in copy }
      }
      if let copy { platform.addActivity(copy) }
    case .delete(let slot):
      guard let activity = activityInMoodle(slot) else { return }
      platform.deleteActivity(cmid: activity.cmid)
      columnIsNew(slot)
      locked { state in
        state.slots[slot].activity = nil
        state.slots[slot].former = activity
        state.slots[slot].wasDeleted = true
      }
    case .restore(let slot):
      let former = locked { state -> Activity? in
        guard state.slots.indices.contains(slot), state.slots[slot].activity == nil,
          !state.slots[slot].instances.isEmpty
        else { return nil }
        return state.slots[slot].former
      }
      guard let former else { return }
      platform.restoreActivity(former)
      locked { $0.slots[slot].activity = former }
    case .renumber(let slot):
      guard let activity = activityInMoodle(slot), locked({ $0.slots[slot].isKnown }) else { return }
      let instance = locked { Self.freshInstance($0) }
      platform.renumberActivity(cmid: activity.cmid, to: instance)
      locked { state in
        state.slots[slot].activity?.instance = instance
        state.slots[slot].instances.append(instance)
        state.slots[slot].isRenumbered = true
      }
    case .override(let user, let slot, let grade):
      guard let column = column(slot) else { return }
      platform.overrideGrade(user: user, lineItem: column.id, grade: grade)
    case .enrol(let user): platform.setEnrolment(.active, user: user)
    case .unenrol(let user): platform.setEnrolment(.none, user: user)
    case .revokeTokens: platform.revokeTokens()
    }
  }

  private static func freshInstance(_ state: State) -> Int { 1 + (state.slots.flatMap(\.instances).max() ?? 0) }

  private func activityInMoodle(_ slot: Int) -> Activity? {
    locked { $0.slots.indices.contains(slot) ? $0.slots[slot].activity : nil }
  }

  /// The activity's line item is another: who had another id since the last launch, too, cannot be recognised any more.
  private func columnIsNew(_ slot: Int) {
    locked { state in
      state.changed.insert(slot)
      state.slots[slot].isKnown = false
      guard state.slots[slot].isRenumbered else { return }
      state.slots[slot].mayBeTwo = true
      for place in state.floors.keys where place.slot == slot { state.floors[place] = nil }
      state.launched = state.launched.filter { $0.slot != slot }
    }
  }

  /// The activity's own column.
  func column(_ slot: Int) -> LineItem? {
    guard let activity = activityInMoodle(slot) else { return nil }
    return platform.lineItems.first { $0.activityInstance == activity.instance }
  }

  // MARK: - Staff

  /// What staff edit, as Directus would write it.
  func make(_ edit: Edit) throws {
    switch edit {
    case .score(let user, let grain, let score):
      try lower(user, grain) { learner, grain in
        """
        update public.progress set score = \(score)
        where status = 'completed' and learner = \(learner)::uuid and grain = \(grain)::uuid
        """
      }
    case .reopen(let user, let grain):
      try lower(user, grain) { learner, grain in
        "update public.progress set status = 'started' where learner = \(learner)::uuid and grain = \(grain)::uuid"
      }
    case .forget(let user, let grain):
      try lower(user, grain) { learner, grain in
        "delete from public.progress where learner = \(learner)::uuid and grain = \(grain)::uuid"
      }
    case .complete(let user, let grain):
      try world.database.execute(
        """
        insert into public.progress as p (learner, grain, status)
        select i.learner, g.id, 'completed' from passerelle.identities i, public.grains g
        where i.subject = \(String(user)) and g.slug = \(grain)
        on conflict (learner, grain, (coalesce(activity, learner))) do update set status = 'completed'
        """)
    case .archive(let grain): try world.edit(.archive(grain))
    case .restore(let grain): try world.edit(.restore(grain))
    case .weigh(let grain, let weight): try world.edit(.weigh(grain, weight))
    case .addGrain(let grain, let weight):
      try world.edit(.addGrain(grain, title: grain))
      try world.edit(.weigh(grain, weight))
    case .scope(let scope):
      locked { $0.wasRescoped = true }
      try world.database.execute("update public.modules set scope = \(scope)")
    case .grading(let grading): try world.database.execute("update public.modules set grading = \(grading)")
    case .sendAgain:
      try world.database.execute(
        "update public.grades set status = 'pending' where status in ('delivered', 'emptied', 'failed')")
    }
  }

  /// An edit of one person's rows of a grain: what was promised before it is promised no more.
  private func lower(
    _ user: Int, _ slug: String, _ statement: (_ learner: String, _ grain: String) -> Statement
  ) throws {
    let people = try companions(user)
    locked { state in
      for place in state.floors.keys where people.contains(place.user) { state.floors[place]?[slug] = nil }
    }
    let grain: String? = try world.database.first("select id::text from public.grains where slug = \(slug)")
    guard let learner = try learner(user), let grain else { return }
    try world.database.execute(statement(learner, grain))
  }

  // MARK: - Trouble and time

  func begin(_ trouble: Trouble) {
    switch trouble {
    case .faults(let faults, let endpoint): platform.withFaults { $0.queue(faults, for: endpoint) }
    case .outage(let fault):
      for endpoint in Endpoint.allCases where endpoint != .keySet {
        platform.withFaults { $0.setChances([.init(fault, probability: 1)], for: endpoint) }
      }
    case .end: platform.withFaults { $0.clear() }
    }
  }

  /// Lets Moodle end what it was asked by programs that are no more.
  func quiesce() {
    let late = world.moodle.platform.requests().compactMap { request -> Int64? in
      request.fault?.hasPrefix("delay") == true ? request.startedAt + 1500 : nil
    }
    let now = Instant.now()
    let wait = (late.max() ?? 0) - (now.seconds * 1000 + Int64(now.nanoseconds) / 1_000_000)
    if wait > 0 { usleep(UInt32(wait) * 1000) }
  }

  /// Everything that is dated becomes so much older. What Moodle was asked before has long been answered by then.
  func pass(_ seconds: Int) throws {
    quiesce()
    if seconds > 80_000 { locked { $0.wasLong = true } }
    try world.database.script(
      """
      do $$ declare t record; begin
        perform set_config('session_replication_role', 'replica', true);
        for t in
          select c.table_schema, c.table_name,
                 string_agg(format('%1$I = %1$I - interval ''\(seconds) seconds''', c.column_name), ', ') as changes
            from information_schema.columns c
            join information_schema.tables b using (table_schema, table_name)
            where b.table_type = 'BASE TABLE' and c.table_schema in ('public', 'passerelle')
              and c.data_type = 'timestamp with time zone'
            group by 1, 2
        loop
          execute format('update %I.%I set %s', t.table_schema, t.table_name, t.changes);
        end loop;
      end $$
      """)
  }
}
