import JOSE
import Store
import Wire

/// Whether a site under another address has a key of one that is known. A client id is no secret; a key set is published, but
/// whoever publishes another's signs with none of its keys.
package enum MovedKeys {
  /// What a look at the other address's key set says.
  package enum Verdict: Equatable, Sendable {
    /// It holds a key that is cached for the known platform.
    case same
    /// It holds none of them.
    case different
    /// Nothing can be compared: why.
    case unknown(Words)
  }

  /// Reads the key set under `address` and compares it.
  ///
  /// - Parameter milliseconds: how long to wait for it.
  package static func compare(
    _ known: Relocation, with address: String, environment: Environment, milliseconds: Int
  ) -> Verdict {
    guard let cached = keys(known.document.map { Array($0.utf8) }) else {
      return .unknown(
        Words(
          fr: "aucune clef de \(known.issuer) n’a jamais été lue ici",
          en: "no key of \(known.issuer) was ever read here"))
    }
    guard let url = known.jwksURL(under: address) else {
      return .unknown(Words(fr: "\(address) n’est pas une URL", en: "\(address) is not a URL"))
    }
    let response: HTTPResponse
    do { response = try environment.send(HTTPRequest(method: "GET", url: url), milliseconds) } catch {
      return .unknown(Words(fr: "\(url) est illisible : \(error.code)", en: "\(url) cannot be read: \(error.code)"))
    }
    guard response.status == 200, let there = keys(response.body) else {
      return .unknown(Words(fr: "\(url) n’est pas un jeu de clefs", en: "\(url) is not a key set"))
    }
    return cached.isDisjoint(with: there) ? .different : .same
  }

  /// The thumbprints of a key set's keys; nil without any.
  private static func keys(_ document: [UInt8]?) -> Set<String>? {
    guard let document, let set = try? JWKSet(parsing: document), !set.keys.isEmpty else { return nil }
    return Set(set.keys.map { JWK.thumbprint(of: $0.publicKey) })
  }
}
