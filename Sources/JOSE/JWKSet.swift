import Wire

/// A JSON Web Key Set (RFC 7517 §5), reduced to the keys that can verify RS256.
package struct JWKSet: Sendable, Equatable {
  /// A published key that was passed over, for the administrator to read about.
  package struct Ignored: Sendable, Equatable {
    /// Its `kid`, if it has one.
    package let kid: String?
    /// Why it cannot be used.
    package let problem: KeyProblem
  }

  /// The usable keys, in the order of the set.
  package let keys: [JWK]
  /// The keys of the set that are not usable: RFC 7517 §5 has them ignored, not the set refused.
  package let ignored: [Ignored]

  /// A set of these keys.
  package init(keys: [JWK]) {
    self.keys = keys
    ignored = []
  }

  /// Reads a set as a platform publishes it.
  ///
  /// Throws `.tooLarge` beyond `maximumLength` bytes, `.duplicateKey`, and `.malformed` when the bytes are not a JSON
  /// object with an array `keys`.
  package init(parsing bytes: [UInt8], maximumLength: Int = 1 << 18) throws(JOSEError) {
    guard bytes.count <= maximumLength else { throw .tooLarge }
    guard let members = try jsonObject(bytes)["keys"]?.arrayValue else { throw .malformed }
    var keys: [JWK] = []
    var ignored: [Ignored] = []
    for member in members {
      do throws(KeyProblem) {
        guard let object = member.objectValue else { throw .malformed }
        keys.append(try JWK(object))
      } catch {
        ignored.append(Ignored(kid: member["kid"]?.stringValue, problem: error))
      }
    }
    self.keys = keys
    self.ignored = ignored
  }

  /// The first usable key of that `kid`, or nil.
  package func key(id: String) -> JWK? {
    keys.first { $0.kid == id }
  }

  /// The set as JSON text, as `/lti/jwks` answers.
  package var encoded: String {
    let set: JSONObject = ["keys": .array(keys.map { .object($0.json) })]
    return JSONValue.object(set).encoded
  }
}

/// Parses a JSON text that must be one object with distinct names, at every depth (RFC 7519 §4).
func jsonObject(_ bytes: [UInt8]) throws(JOSEError) -> JSONObject {
  do throws(JSONError) {
    guard case .object(let object) = try JSONValue(parsing: bytes) else { throw .syntax(offset: 0) }
    return object
  } catch {
    switch error {
    case .duplicateKey(let name): throw .duplicateKey(name)
    case .tooLarge: throw .tooLarge
    default: throw .malformed
    }
  }
}
