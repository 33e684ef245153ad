/// The program's version, as `/health` and `passerelle --version` tell it.
package enum Version {
  /// Semantic version.
  package static let current = "1.0.0"
}
