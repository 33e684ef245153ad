/// Why an exchange with another server brought no usable response. Carries no URL, no header and no body.
package enum TransportFailure: Error, Equatable, Sendable, Coded {
  /// The request is none that can be sent; the text names the part.
  case requestUnusable(String)
  /// Plain http where the settings ask for https; the text says which rule, for people.
  case insecure(String)
  /// The name leads to a loopback, private or otherwise internal address, which the settings do not allow.
  case addressForbidden
  /// The host's name has no address.
  case nameNotResolved
  /// No connection; the number is the system's error.
  case connectFailed(errno: Int32)
  /// No secure channel: the handshake failed or the certificate cannot be trusted.
  case tls(TLSProblem)
  /// The deadline passed, in this phase.
  case timedOut(Phase)
  /// The response is larger than the limit.
  case tooLarge
  /// The response is not HTTP/1.1; the text says which part, without quoting it.
  case malformed(String)
  /// The connection ended before a whole response had come.
  case closedEarly(afterSending: Bool)

  /// Where in an exchange the time ran out.
  package enum Phase: String, Sendable, CaseIterable {
    /// Looking up the host's name.
    case nameResolution = "name_resolution"
    /// Connecting the socket.
    case connect
    /// Agreeing on a secure channel.
    case handshake
    /// Sending the request.
    case send
    /// Waiting for the response or reading it.
    case receive
  }

  /// What is wrong with a secure channel.
  package enum TLSProblem: Equatable, Sendable {
    /// The certificate's time is over.
    case certificateExpired
    /// The certificate's time has not begun.
    case certificateNotYetValid
    /// The certificate is for another name (RFC 9525).
    case hostNameMismatch
    /// No trusted authority vouches for the certificate.
    case issuerUnknown
    /// The certificate is revoked.
    case certificateRevoked
    /// The certificate is refused for another reason: OpenSSL's X509_V_ERR number.
    case certificateRejected(Int)
    /// The trust store could not be read.
    case trustStoreUnreadable
    /// No common protocol, an alert, or bytes that are not TLS; the text is OpenSSL's reason.
    case protocolError(String)
  }

  package enum Code: String, StableCode {
    case requestUnusable = "transport_request_unusable"
    case insecure = "transport_insecure"
    case addressForbidden = "transport_address_forbidden"
    case nameNotResolved = "transport_name_not_resolved"
    case connectFailed = "transport_connect_failed"
    case tls = "transport_tls"
    case timedOut = "transport_timed_out"
    case tooLarge = "transport_too_large"
    case malformed = "transport_malformed"
    case closedEarly = "transport_closed_early"
  }

  package var stableCode: any StableCode {
    switch self {
    case .requestUnusable: Code.requestUnusable
    case .insecure: Code.insecure
    case .addressForbidden: Code.addressForbidden
    case .nameNotResolved: Code.nameNotResolved
    case .connectFailed: Code.connectFailed
    case .tls: Code.tls
    case .timedOut: Code.timedOut
    case .tooLarge: Code.tooLarge
    case .malformed: Code.malformed
    case .closedEarly: Code.closedEarly
    }
  }

  /// Whether bytes of the request may have reached the server, so that its effect is unknown.
  package var mayHaveBeenProcessed: Bool {
    switch self {
    case .requestUnusable, .insecure, .addressForbidden, .nameNotResolved, .connectFailed, .tls: false
    case .timedOut(let phase): phase == .send || phase == .receive
    case .tooLarge, .malformed: true
    case .closedEarly(let afterSending): afterSending
    }
  }
}

extension TransportFailure: CustomStringConvertible {
  /// What happened, in words for an administrator; names no URL, header or body.
  package var description: String {
    switch self {
    case .requestUnusable(let part): "the request cannot be sent: \(part)"
    case .insecure(let rule): "the connection would not be secure: \(rule)"
    case .addressForbidden: "the host's address is private or internal, and calling those is not allowed"
    case .nameNotResolved: "the host's name has no address"
    case .connectFailed(let errno): "the connection failed (errno \(errno))"
    case .tls(let problem): "no secure channel: \(problem)"
    case .timedOut(let phase): "the time allowed ran out (phase \(phase.rawValue))"
    case .tooLarge: "the response is larger than allowed"
    case .malformed(let part): "the response is not well-formed HTTP: \(part)"
    case .closedEarly(let afterSending):
      afterSending
        ? "the server closed the connection before the whole response had come"
        : "the server closed the connection before the request was sent"
    }
  }
}

extension TransportFailure.TLSProblem: CustomStringConvertible {
  /// What is wrong, in words for an administrator.
  package var description: String {
    switch self {
    case .certificateExpired: "the certificate has expired"
    case .certificateNotYetValid: "the certificate is not valid yet"
    case .hostNameMismatch: "the certificate is for another host name"
    case .issuerUnknown: "the certificate's issuer is not trusted"
    case .certificateRevoked: "the certificate is revoked"
    case .certificateRejected(let number): "the certificate is rejected (X509_V_ERR \(number))"
    case .trustStoreUnreadable: "the trust store cannot be read"
    case .protocolError(let reason): "the TLS handshake failed (\(reason))"
    }
  }
}
