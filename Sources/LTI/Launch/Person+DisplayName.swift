extension Person {
  /// What to call the person: the full name, else given and family name, else the one of them there is; nil for none.
  ///
  /// Platforms may send the parts without the whole (LTI 1.1 certification 4.2). An e-mail address is not a name.
  package var displayName: String? {
    if let name { return name }
    let parts = [givenName, familyName].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }
}
