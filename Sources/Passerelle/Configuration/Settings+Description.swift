extension Settings: CustomStringConvertible, CustomReflectable {
  /// The settings that tell no secret. The database URL may hold a password and is left out with the sealer.
  package var description: String {
    "Settings(baseURL: \(baseURL), minisiteURL: \(minisiteURL?.description ?? "none"), "
      + "allowsInsecureHTTP: \(allowsInsecureHTTP), logLevel: \(logLevel.name))"
  }

  /// Shows as little as `description`, so that `dump` and a debugger keep the secret, too.
  package var customMirror: Mirror { Mirror(self, children: []) }
}

extension SettingsFile: CustomStringConvertible, CustomReflectable {
  /// The names of the keys, never their values.
  package var description: String { "SettingsFile(\(values.map(\.name).joined(separator: ", ")))" }

  /// Shows as little as `description`.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
