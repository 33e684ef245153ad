import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// Programs at work: launches, reports and commands on one of two nodes, killed where the schedule says so.
extension School {
  /// Acts at the same instant; what became of each.
  func simultaneousActs(_ acts: [Act]) throws -> [String] {
    try simultaneously(acts.count) { try self.perform(acts[$0], isAlone: false) }.map { try $0.get() }
  }

  /// One act; what became of it.
  func perform(_ act: Act, isAlone: Bool) throws -> String {
    switch act.what {
    case .launch(let user, let slot): return try launch(Place(user: user, slot: slot), act)
    case .report(let user, let slot, let entries):
      return try report(Place(user: user, slot: slot), entries, act, isAlone: isAlone)
    case .sync(let now): return try command(now ? ["grade", "sync", "--now"] : ["grade", "sync"], act).words
    case .verify(let resend): return try command(["grade", "verify"] + (resend ? ["--resend"] : []), act).words
    case .retry(let status): return try command(["grade", "retry", "--status", status], act).words
    case .restart(let user, let slot, let keeps): return try restart(user, slot, keeps: keeps, act)
    case .merge(let from, let into): return try merge(from, into, act, isAlone: isAlone)
    case .erase(let user): return try erase(user, act)
    case .loseSessions(let milliseconds):
      usleep(UInt32(milliseconds) * 1000)
      try world.database.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
      )
      locked { $0.counts.failovers += 1 }
      return "lost"
    }
  }

  // MARK: - People

  private func launch(_ place: Place, _ act: Act) throws -> String {
    let cmid = locked { state -> Int? in
      state.erased.remove(place.user)
      return state.slots.indices.contains(place.slot) ? state.slots[place.slot].activity?.cmid : nil
    }
    guard let cmid else { return "no such activity" }
    var browser = LaunchClient(platform: world.moodle.url) { (request) throws(TransportFailure) in
      guard self.world.tool.owns(request.url) else { return try PlainHTTP.send(request, timeout: 60_000) }
      return try self.answer(request, act, mayKill: request.url.path.hasSuffix("/lti/launch")).response
    }
    let trace: LaunchTrace
    do throws(LaunchClientError) {
      trace = try browser.launch(user: place.user, cmid: cmid)
    } catch {
      switch error {
      case .transport: return "unanswered"
      case .stuck(let status, let path) where path.hasPrefix("/mod/"): return "Moodle refuses: \(status)"
      case .stuck(503, _): return "503"
      default:
        violate("a launch of \(place) went wrong: \(error)")
        return "wrong"
      }
    }
    guard let fragment = trace.location?.fragment else {
      let answer = trace.final?.response
      if answer?.status != 503 { violate("a launch of \(place) was refused: \(Refused(answer)) \(answer?.text ?? "")") }
      return "\(Refused(answer))"
    }
    let isNamed = column(place.slot)?.isNamed == true
    locked { state in
      state.launched.insert(place)
      state.slots[place.slot].isKnown = isNamed
      state.slots[place.slot].isRenumbered = false
      state.counts.launches += 1
    }
    let opened = try? send(
      "/api/session", ["code": .string(String(fragment.dropFirst("passerelle=".count)))], token: nil, act,
      mayKill: false)
    guard let opened, opened.response.status == 200, let token = try opened.response.json["token"]?.stringValue else {
      if let status = opened?.response.status, status != 503 { violate("no session for \(place): \(status)") }
      return "launched, no session"
    }
    locked { $0.tokens[place] = token }
    return "launched"
  }

  private func report(_ place: Place, _ entries: [Act.Entry], _ act: Act, isAlone: Bool) throws -> String {
    let body: JSONValue = ["grains": .array(entries.map(Self.json))]
    for _ in 0..<2 {
      if locked({ $0.tokens[place] }) == nil {
        let outcome = try launch(place, Act(what: act.what, node: act.node, kill: nil))
        guard locked({ $0.tokens[place] }) != nil else { return outcome }
        // What the launch owed comes before what the report will.
        if isAlone { try observe(isTogether: true) }
      }
      let token = locked { $0.tokens[place] }
      guard let answered = try? send("/api/progress", body, token: token, act, mayKill: true) else {
        return "unanswered"
      }
      let response = answered.response
      switch response.status {
      case 200:
        guard let json = try? response.json else {
          if !answered.wasKilled { violate("a report of \(place) was answered with no JSON: \(response.text)") }
          return "unanswered"
        }
        acknowledge(entries, at: place)
        if isAlone { checkAnswer(json, at: place) }
        return json.at("grade.status")?.stringValue ?? "?"
      case 401: locked { if $0.tokens[place] == token { $0.tokens[place] = nil } }
      case 503: return "503"
      default:
        // Of a grain that was archived.
        let isUnknown = Refused(response) == Refused(422, "unknown_grain")
        if try !isUnknown || areActive(entries) { violate("a report of \(place) was refused: \(Refused(response))") }
        return "\(Refused(response))"
      }
    }
    return "no session"
  }

  private static func json(_ entry: Act.Entry) -> JSONValue {
    var object: JSONObject = [
      "grain": .string(entry.grain), "status": entry.isCompleted ? "completed" : "started",
    ]
    if let score = entry.score { object["score"] = .number(score) }
    return .object(object)
  }

  private func areActive(_ entries: [Act.Entry]) throws -> Bool {
    let active: [String] = try world.database.values("select slug from public.grains where status = 'active'")
    return entries.allSatisfy { active.contains($0.grain) }
  }

  // MARK: - Commands

  /// Ends with 0 or 1, whatever happens around it.
  func command(_ words: [String], _ act: Act) throws -> (words: String, isDone: Bool) {
    let (ended, wasKilled) = try start(
      Stack.command, words, try world.administration, [], act, kind: words.prefix(2).joined(separator: " "))
    locked { $0.counts.commands += 1 }
    if wasKilled { return ("killed", false) }
    if ended.status > 1 {
      violate("\(words.joined(separator: " ")) ended with \(ended.status): \(ended.errorText.suffix(1000))")
    }
    return ("\(ended.status) \(ended.text.split(separator: "\n").last ?? "")", ended.status == 0)
  }

  private func restart(_ user: Int, _ slot: Int?, keeps: Bool, _ act: Act) throws -> String {
    guard let learner = try learner(user) else { return "nobody" }
    var choice = ["--module", TestDatabase.module]
    if let slot {
      guard let activity = try activity(slot) else { return "no such activity" }
      choice = ["--activity", activity]
    }
    try endLeases()
    let people = try companions(user)
    locked { state in
      if keeps { state.kept.formUnion(people) }
      for place in state.floors.keys where people.contains(place.user) {
        if let slot, !state.wasRescoped, schedule.scope == "activity", place.slot != slot { continue }
        if slot == 2 { state.floors[place]?[Schedule.single] = nil } else { state.floors[place] = nil }
      }
    }
    return try command(["learner", "restart", learner] + choice + ["--grade", keeps ? "keep" : "withdraw"], act).words
  }

  private func merge(_ from: Int, _ into: Int, _ act: Act, isAlone: Bool) throws -> String {
    guard let first = try learner(from), let second = try learner(into), first != second else { return "nobody" }
    if isAlone { try endLeases() }
    let people = try companions(from).union(companions(into))
    locked { $0.merged.formUnion(people) }
    return try command(["learner", "merge", first, second], act).words
  }

  private func erase(_ user: Int, _ act: Act) throws -> String {
    guard let learner = try learner(user) else { return "nobody" }
    try endLeases()
    let people = try companions(user)
    locked { state in
      state.everErased.formUnion(people)
      state.launched = state.launched.filter { !people.contains($0.user) }
      state.tokens = state.tokens.filter { !people.contains($0.key.user) }
      state.floors = state.floors.filter { !people.contains($0.key.user) }
    }
    let done = try command(["learner", "erase", learner, "--yes"], act)
    try observe(isTogether: true)
    if done.isDone { locked { $0.erased.formUnion(people) } }
    return done.words
  }

  /// Whoever still has one was killed; the command would wait for it.
  private func endLeases() throws {
    quiesce()
    try world.endLeases()
  }

  /// The record of somebody.
  func learner(_ user: Int) throws -> String? {
    try world.database.first("select learner::text from passerelle.identities where subject = \(String(user))")
  }

  /// The people who share a record with somebody, themselves included.
  func companions(_ user: Int) throws -> Set<Int> {
    let subjects: [String] = try world.database.values(
      """
      select o.subject from passerelle.identities i join passerelle.identities o on o.learner = i.learner
      where i.subject = \(String(user))
      """)
    return Set(subjects.compactMap { Int($0) } + [user])
  }

  private func activity(_ slot: Int) throws -> String? {
    guard let link = locked({ $0.slots.indices.contains(slot) ? $0.slots[slot].instances.last : nil }) else {
      return nil
    }
    return try world.database.first(
      "select id::text from passerelle.activities where resource_link_id = \(String(link))")
  }

  // MARK: - Nodes

  private func send(
    _ path: String, _ body: JSONValue, token: String?, _ act: Act, mayKill: Bool
  ) throws -> (response: HTTPResponse, wasKilled: Bool) {
    var fields = [("Content-Type", "application/json"), ("Origin", World.minisiteOrigin)]
    if let token { fields.append(("Authorization", "Bearer \(token)")) }
    return try answer(
      HTTPRequest(method: "POST", url: try world.url(path), fields: HTTPFields(fields), body: body.encodedBytes), act,
      mayKill: mayKill)
  }

  /// The CGI's answer to one request.
  private func answer(
    _ request: HTTPRequest, _ act: Act, mayKill: Bool
  ) throws(TransportFailure) -> (response: HTTPResponse, wasKilled: Bool) {
    let run: (ended: ProgramRun, wasKilled: Bool)
    do {
      run = try start(
        Stack.cgi, [], world.tool.settings + CGIVariables.of(request, base: world.tool.base), request.body, act,
        kind: mayKill ? request.url.path : nil)
    } catch { throw .malformed("\(error)") }
    let (ended, found) = (run.ended, CGIVariables.response(of: run.ended.output))
    if !run.wasKilled, ended.status != 0 || found == nil || found?.status == 500 {
      violate(
        "\(request.url.path) ended with \(ended.status): \(found?.text ?? "no answer") \(ended.errorText.suffix(1000))")
    }
    guard let response = found else { throw .closedEarly(afterSending: true) }
    return (response, run.wasKilled)
  }

  /// Runs a program by its node's clock; of a kind that may be killed, at a part of the calls that it usually makes.
  private func start(
    _ path: String, _ words: [String], _ variables: [(String, String)], _ input: [UInt8], _ act: Act, kind: String?
  ) throws -> (ended: ProgramRun, wasKilled: Bool) {
    let ahead = act.node == 0 ? 0 : schedule.ahead
    var call = 0
    if let kind, let part = act.kill { call = 1 + Int(part * Double(locked { $0.usualCalls[kind] } ?? 300)) }
    guard ahead != 0 || call != 0 else {
      let ended = try ProgramRun.run(path, arguments: words, environment: variables, input: input)
      world.tool.keep(ended)
      return (ended, false)
    }
    let traced = try TracedRun.run(
      path, arguments: words, environment: variables, input: input, ahead: ahead, killedAt: call)
    world.tool.keep(traced.ended)
    locked { state in
      if traced.wasKilled { state.counts.kills += 1 } else if let kind { state.usualCalls[kind] = traced.calls }
    }
    return (traced.ended, traced.wasKilled)
  }
}
