import COpenSSL
import Wire

extension TransportFailure.TLSProblem {
  /// What OpenSSL's verification of the server's certificate found, from `SSL_get_verify_result`; `nil` for nothing.
  init?(verifyResult: Int) {
    switch Int32(truncatingIfNeeded: verifyResult) {
    case X509_V_OK: return nil
    case X509_V_ERR_CERT_HAS_EXPIRED: self = .certificateExpired
    case X509_V_ERR_CERT_NOT_YET_VALID: self = .certificateNotYetValid
    case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: self = .hostNameMismatch
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
      X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_UNTRUSTED:
      self = .issuerUnknown
    case X509_V_ERR_CERT_REVOKED: self = .certificateRevoked
    default: self = .certificateRejected(verifyResult)
    }
  }

  /// What OpenSSL's error queue says about a handshake that failed for another reason than the certificate.
  init(error: UInt) {
    let reason = ERR_reason_error_string(error).map { String(cString: $0) }
    self = .protocolError(reason ?? "OpenSSL reason \(ERR_GET_REASON(error))")
  }
}

extension TransportFailure {
  /// OpenSSL refused what it never refuses: memory ran out, or the library is not the one the headers describe.
  static let unavailable = TransportFailure.tls(.protocolError("OpenSSL is unavailable"))
}
