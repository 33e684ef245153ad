/// The codes of one kind of failure: stable names that pages, API answers, logs and the outbox carry and that the
/// documentation explains. Being enums, they can be listed.
package protocol StableCode: RawRepresentable, CaseIterable, Sendable where RawValue == String {}

/// A failure that is known by a stable code.
package protocol Coded {
  /// The code of this failure, from one of the lists.
  var stableCode: any StableCode { get }
}

extension Coded {
  /// The stable code as it is written.
  package var code: String { stableCode.rawValue }
}
