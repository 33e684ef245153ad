import JOSE
import Wire

/// An id_token as it arrived: well formed, of the right algorithm, but not yet proven.
///
/// Reading it is separate from validating it because the key that proves it must first be found by its `kid`.
package struct IDToken: Sendable {
  /// The most bytes an id_token may have (64 KiB); Moodle's have about 4,500.
  package static var maximumLength: Int { 65536 }

  /// The header's `kid`: which of the platform's keys signed the token.
  package let keyID: String

  let jws: JWS
  let claims: JSONObject

  /// Reads the token's shape: size, three parts, JSON, `alg` and `kid`.
  ///
  /// - Throws: `LaunchRefusal.tokenTooLarge`, `.tokenMalformed`, `.tokenDuplicateKey`, `.algorithmUnsupported`
  ///   or `.kidMissing`.
  package init(compact: String) throws(LaunchRefusal) {
    do { jws = try JWS(compact: compact, maximumLength: Self.maximumLength) } catch { throw Self.refusal(for: error) }
    let payload: JSONValue
    do { payload = try JSONValue(parsing: jws.payload) } catch {
      if case .duplicateKey(let name) = error { throw .tokenDuplicateKey(name) }
      throw .tokenMalformed
    }
    // An extension marked critical must be understood or the token refused (RFC 7515 §4.1.11); we understand none.
    guard case .object(let claims) = payload, jws.header["crit"] == nil else { throw .tokenMalformed }
    self.claims = claims
    guard sameBytes(jws.algorithm, "RS256") else { throw .algorithmUnsupported }
    guard let keyID = jws.keyID, !keyID.isEmpty else { throw .kidMissing }
    self.keyID = keyID
  }

  /// The `deployment_id` that the token carries; nothing is proven about it before `validate`.
  package var unverifiedDeploymentID: String? { claims[Claim.deploymentID]?.stringValue }

  /// The `nonce` that the token carries; nothing is proven about it before `validate`.
  package var unverifiedNonce: String? { claims["nonce"]?.stringValue }

  /// The return URL that the token carries; nothing is proven about it unless `validate` came as far as
  /// `LaunchRefusal.comesAfterProof` says.
  package var unverifiedReturnURL: WebURL? { Presentation(claims[Claim.launchPresentation]?.objectValue).returnURL }

  /// Whether a text of the claims holds a NUL. What a deep linking request wants back unaltered is left out: it is kept as JSON.
  package var holdsNUL: Bool {
    claims.members.contains { name, value in
      guard name == Claim.deepLinkingSettings, var settings = value.objectValue else {
        return name.holdsNUL || value.holdsNUL
      }
      settings["data"] = nil
      return JSONValue.object(settings).holdsNUL
    }
  }

  private static func refusal(for error: JOSEError) -> LaunchRefusal {
    switch error {
    case .tooLarge: .tokenTooLarge
    case .duplicateKey(let name): .tokenDuplicateKey(name)
    case .algorithmUnsupported: .algorithmUnsupported
    default: .tokenMalformed
    }
  }
}

extension IDToken: CustomStringConvertible, CustomReflectable {
  /// Says which key the token names; never the token, which is a credential, nor its claims, which are personal.
  package var description: String { "IDToken(kid: \(loggable(keyID)))" }

  /// Shows as little as `description`.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
