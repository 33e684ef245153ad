/// Host names with letters beyond ASCII, as DNS has them: `école.fr` is `xn--cole-9oa.fr` (RFC 5890, RFC 3492).
enum DomainName {
  /// The name in ASCII; nil when a label has no such form: empty, too long, or with a combining mark on its own, which a keyboard
  /// does not make.
  static func ascii(_ name: some StringProtocol) -> String? {
    guard name.utf8.contains(where: { $0 >= 0x80 }) else { return String(name) }
    var labels: [String] = []
    for label in name.lowercased().split(omittingEmptySubsequences: false, whereSeparator: { $0 == "." || $0 == "。" }) {
      guard let ascii = self.ascii(label: label) else { return nil }
      labels.append(ascii)
    }
    return labels.joined(separator: ".")
  }

  private static func ascii(label: Substring) -> String? {
    let scalars = Array(label.unicodeScalars)
    guard scalars.contains(where: { !$0.isASCII }) else { return String(label) }
    // RFC 5892: letters, digits and marks; a decomposed é would be another name than the composed one.
    guard
      scalars.allSatisfy({ scalar in
        if scalar.isASCII { return scalar.properties.isAlphabetic || "0123456789-".unicodeScalars.contains(scalar) }
        return scalar.properties.isXIDContinue && !(0x300...0x36F).contains(scalar.value)
      }), let encoded = punycode(scalars.map(\.value))
    else { return nil }
    let ascii = "xn--" + encoded
    // RFC 1035 §2.3.4.
    return ascii.utf8.count <= 63 ? ascii : nil
  }

  /// RFC 3492 §6.3; nil on overflow.
  private static func punycode(_ scalars: [UInt32]) -> String? {
    let (base, tMin, tMax) = (UInt32(36), UInt32(1), UInt32(26))
    var output = scalars.filter { $0 < 0x80 }.map { UInt8($0) }
    let basic = UInt32(output.count)
    var (handled, n, delta, bias) = (basic, UInt32(0x80), UInt32(0), UInt32(72))
    if basic > 0 { output.append(UInt8(ascii: "-")) }
    while handled < scalars.count {
      guard let next = scalars.filter({ $0 >= n }).min() else { return nil }
      let (step, overflows) = (next - n).multipliedReportingOverflow(by: handled + 1)
      guard !overflows, delta <= UInt32.max - step else { return nil }
      delta += step
      n = next
      for scalar in scalars {
        if scalar < n { delta += 1 }
        guard scalar == n else { continue }
        var (q, k) = (delta, base)
        while true {
          let t = k <= bias ? tMin : min(max(k - bias, tMin), tMax)
          if q < t { break }
          output.append(digit(t + (q - t) % (base - t)))
          q = (q - t) / (base - t)
          k += base
        }
        output.append(digit(q))
        // §6.1.
        var damped = handled == basic ? delta / 700 : delta / 2
        damped += damped / (handled + 1)
        bias = 0
        while damped > (base - tMin) * tMax / 2 {
          damped /= base - tMin
          bias += base
        }
        bias += (base - tMin + 1) * damped / (damped + 38)
        delta = 0
        handled += 1
      }
      delta += 1
      n += 1
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func digit(_ value: UInt32) -> UInt8 {
    UInt8(truncatingIfNeeded: value < 26 ? value + 0x61 : value - 26 + 0x30)
  }
}
