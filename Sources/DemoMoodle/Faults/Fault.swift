import Wire

/// The services that faults can strike.
package enum Endpoint: String, Sendable, CaseIterable {
  /// POST …/scores.
  case score
  /// GET …/results.
  case results
  /// GET, PUT, DELETE …/lineitem.
  case lineItem = "line-item"
  /// GET, POST …/lineitems.
  case lineItems = "line-items"
  /// GET …/memberships.
  case members
  /// token.php.
  case token
  /// POST service.php: Basic Outcomes.
  case outcome
  /// certs.php.
  case keySet = "key-set"
}

/// One way for a request to go wrong.
package enum Fault: Sendable, Equatable {
  /// This status instead of an answer, nothing is stored; `retryAfter` in seconds.
  case status(Int, retryAfter: Int? = nil)
  /// A page with this status, which something in front of Moodle gives in its place; nothing is stored. A 3xx leads elsewhere.
  case page(Int)
  /// The request waits so many milliseconds, then is handled: it is stored late, even when the client has gone.
  case delay(milliseconds: Int)
  /// The request is handled at once and its answer held back so many milliseconds.
  case delayAfterStore(milliseconds: Int)
  /// The connection is closed without an answer, nothing is stored.
  case cutBeforeStore
  /// The request is handled, then the connection is closed without an answer.
  case cutAfterStore
  /// The request is handled and its answer comes one byte at a time, so many milliseconds apart.
  case drip(milliseconds: Int)

  /// The fault's name: `status-503`, `cut-after-store`…; the counts of injected faults use it.
  package var name: String {
    switch self {
    case .status(let status, _): "status-\(status)"
    case .page(let status): "page-\(status)"
    case .delay: "delay"
    case .delayAfterStore: "delay-after-store"
    case .cutBeforeStore: "cut-before-store"
    case .cutAfterStore: "cut-after-store"
    case .drip: "drip"
    }
  }

  /// The fault as `/demo/faults` reads it: `"cut-before-store"`, `"cut-after-store"`, `{"status":503,"retryAfter":2}`, `{"page":302}`,
  /// `{"delay":3000}`, `{"delayAfterStore":3000}`, `{"drip":50}`; nil for anything else.
  package init?(json: JSONValue) {
    switch json.stringValue {
    case "cut-before-store": self = .cutBeforeStore
    case "cut-after-store": self = .cutAfterStore
    default:
      if let status = json["status"]?.intValue, (400...599).contains(status) {
        self = .status(Int(status), retryAfter: json["retryAfter"]?.intValue.map(Int.init))
      } else if let status = json["page"]?.intValue, (200...599).contains(status) {
        self = .page(Int(status))
      } else if let milliseconds = Self.milliseconds(json["delay"]) {
        self = .delay(milliseconds: milliseconds)
      } else if let milliseconds = Self.milliseconds(json["delayAfterStore"]) {
        self = .delayAfterStore(milliseconds: milliseconds)
      } else if let milliseconds = Self.milliseconds(json["drip"]) {
        self = .drip(milliseconds: milliseconds)
      } else {
        return nil
      }
    }
  }

  private static func milliseconds(_ json: JSONValue?) -> Int? {
    guard let value = json?.intValue, (0...600_000).contains(value) else { return nil }
    return Int(value)
  }
}
