import Wire

extension WebURL {
  /// The URL that a reference means when it stands in this one's resource, without a fragment (RFC 3986 §5.2).
  ///
  /// nil when the result is no http or https URL. No byte is changed: no case folded, nothing encoded.
  func resolving(_ reference: String) -> WebURL? {
    let reference = reference.utf8.prefix { $0 != UInt8(ascii: "#") }
    let root = "\(scheme.rawValue)://\(authority)"
    let resolved: String
    if Self.hasScheme(reference) {
      resolved = String(Substring(reference))
    } else if reference.starts(with: "//".utf8) {
      resolved = scheme.rawValue + ":" + String(Substring(reference))
    } else if reference.isEmpty {
      return withFragment(nil)
    } else if reference.first == UInt8(ascii: "?") {
      resolved = root + path + String(Substring(reference))
    } else {
      let end = reference.firstIndex(of: UInt8(ascii: "?")) ?? reference.endIndex
      var segments = Array(reference[..<end])
      if segments.first != UInt8(ascii: "/") {
        let base = Array(path.utf8)
        segments = base[...(base.lastIndex(of: UInt8(ascii: "/")) ?? 0)] + segments
      }
      resolved = root + Self.removingDotSegments(segments) + String(Substring(reference[end...]))
    }
    return WebURL(resolved)
  }

  /// Whether a colon comes before anything that only a path, query or fragment has (RFC 3986 §4.2).
  private static func hasScheme(_ reference: Substring.UTF8View) -> Bool {
    let stop = reference.first { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
    return stop == UInt8(ascii: ":")
  }

  /// RFC 3986 §5.2.4, for a path that begins with a slash.
  private static func removingDotSegments(_ path: [UInt8]) -> String {
    var kept: [ArraySlice<UInt8>] = []
    let segments = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    for (index, segment) in segments.enumerated() {
      let isLast = index == segments.count - 1
      switch segment {
      case [UInt8(ascii: ".")]:
        if isLast { kept.append([]) }
      case [UInt8(ascii: "."), UInt8(ascii: ".")]:
        if !kept.isEmpty { kept.removeLast() }
        if isLast { kept.append([]) }
      default: kept.append(segment)
      }
    }
    return kept.map { "/" + String(decoding: $0, as: UTF8.self) }.joined()
  }
}
