import Wire

/// Which faults strike which service, and how often: a queue per service first, chance when the queue is empty.
package struct FaultPlan: Sendable {
  /// One fault and its probability per request.
  package struct Chance: Sendable, Equatable {
    /// The fault.
    package var fault: Fault
    /// Its share of requests, 0…1.
    package var probability: Double

    /// A fault that strikes a share of requests.
    package init(_ fault: Fault, probability: Double) {
      self.fault = fault
      self.probability = probability
    }
  }

  private var queues: [Endpoint: [Fault]] = [:]
  private var chances: [Endpoint: [Chance]] = [:]
  private var generator: SeededGenerator
  /// How many faults struck so far, by service and fault name: `score status-503`.
  package private(set) var injected: [String: Int] = [:]

  /// No faults; `seed` decides what chance will do.
  package init(seed: UInt64 = 1) { generator = SeededGenerator(seed: seed) }

  /// All faults that struck so far.
  package var injectedTotal: Int { injected.values.reduce(0, +) }

  /// Adds faults for the next requests to a service, one each, in order.
  package mutating func queue(_ faults: [Fault], for endpoint: Endpoint) {
    queues[endpoint, default: []] += faults
  }

  /// Replaces what chance does to a service; the probabilities should add up to 1 at most.
  package mutating func setChances(_ chances: [Chance], for endpoint: Endpoint) { self.chances[endpoint] = chances }

  /// Restarts chance.
  package mutating func reseed(_ seed: UInt64) { generator = SeededGenerator(seed: seed) }

  /// Forgets every queued and chance fault; the counts stay.
  package mutating func clear() {
    queues = [:]
    chances = [:]
  }

  /// The fault for the next request to a service, taken and counted.
  mutating func next(for endpoint: Endpoint) -> Fault? {
    guard let fault = draw(for: endpoint) else { return nil }
    injected["\(endpoint.rawValue) \(fault.name)", default: 0] += 1
    return fault
  }

  private mutating func draw(for endpoint: Endpoint) -> Fault? {
    if let queued = queues[endpoint], let first = queued.first {
      queues[endpoint] = Array(queued.dropFirst())
      return first
    }
    guard let chances = chances[endpoint], !chances.isEmpty else { return nil }
    var throwOfDice = Double.random(in: 0..<1, using: &generator)
    for chance in chances {
      if throwOfDice < chance.probability { return chance.fault }
      throwOfDice -= chance.probability
    }
    return nil
  }

  /// What is left to strike and what struck, for `/demo/faults`.
  var json: JSONValue {
    let queued = queues.filter { !$0.value.isEmpty }.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { ($0.key.rawValue, JSONValue.array($0.value.map { .string($0.name) })) }
    let likely = chances.filter { !$0.value.isEmpty }.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { endpoint, chances in
        (
          endpoint.rawValue,
          JSONValue.array(
            chances.map {
              .object(JSONObject([("fault", .string($0.fault.name)), ("probability", .number($0.probability))]))
            })
        )
      }
    let counted = injected.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.number(Double($0.value))) }
    return .object(
      JSONObject([
        ("queued", .object(JSONObject(queued))), ("probabilities", .object(JSONObject(likely))),
        ("injected", .object(JSONObject(counted))), ("injectedTotal", .number(Double(injectedTotal))),
      ]))
  }

  /// Applies a `/demo/faults` document: `{"clear":true,"seed":7,"queue":{"score":[…]},"probabilities":{"score":
  /// [{"fault":…,"probability":0.1}]}}`, every member optional, in that order.
  /// - Returns: what is wrong with it, or nil; a wrong document changes nothing.
  mutating func apply(_ document: JSONValue) -> String? {
    var copy = self
    guard let object = document.objectValue else { return "an object is expected" }
    for (key, value) in object.members {
      switch key {
      case "clear": if value.boolValue == true { copy.clear() }
      case "seed":
        guard let seed = value.intValue else { return "seed: a whole number is expected" }
        copy.reseed(UInt64(bitPattern: seed))
      case "queue", "probabilities":
        guard let services = value.objectValue else { return "\(key): an object is expected" }
        for (name, list) in services.members {
          guard let endpoint = Endpoint(rawValue: name) else { return "no such service: \(name)" }
          guard let entries = list.arrayValue else { return "\(key).\(name): an array is expected" }
          if key == "queue" {
            let faults = entries.compactMap(Fault.init(json:))
            guard faults.count == entries.count else { return "queue.\(name): not a fault" }
            copy.queue(faults, for: endpoint)
          } else {
            let chances = entries.compactMap { entry -> Chance? in
              guard let fault = entry["fault"].flatMap(Fault.init(json:)),
                let probability = entry["probability"]?.doubleValue, (0...1).contains(probability)
              else { return nil }
              return Chance(fault, probability: probability)
            }
            guard chances.count == entries.count else { return "probabilities.\(name): not a fault with a probability" }
            copy.setChances(chances, for: endpoint)
          }
        }
      default: return "unknown member: \(key)"
      }
    }
    self = copy
    return nil
  }
}

/// SplitMix64: a small generator whose sequence depends on the seed alone, so that a soak run can be repeated.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A generator for this seed.
  package init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
