import COpenSSL
import Glibc
import Wire

/// What an administrator's command wants to know of a server, besides what it answers.
extension HTTPClient {
  /// When the certificate of an https server ends, in seconds since 1970; nil for http. Nothing is sent.
  ///
  /// - Throws: what keeps a secure channel from standing, an ended certificate included.
  package func certificateEnd(of url: WebURL, timeout milliseconds: Int) throws(TransportFailure) -> Int64? {
    let stream = try connect(to: url, until: Deadline(milliseconds: milliseconds))
    return (stream as? TLSStream)?.certificateEnd
  }

  /// Whether every address of a host is one that the public Internet routes; nil when it has none that is found in time.
  package static func isPublic(_ host: String, timeout milliseconds: Int) -> Bool? {
    let found = Resolution.start(host: host, port: 443).wait(until: Deadline(milliseconds: milliseconds)) ?? []
    return found.isEmpty ? nil : found.allSatisfy(\.address.isGlobal)
  }
}
