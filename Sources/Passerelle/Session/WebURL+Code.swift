import Wire

extension WebURL {
  /// This address with a one-time code added to its fragment.
  func carrying(code: String) -> WebURL {
    let former = fragment.map { $0.isEmpty ? "" : $0 + "&" } ?? ""
    return withFragment("\(former)passerelle=\(code)")
  }
}
