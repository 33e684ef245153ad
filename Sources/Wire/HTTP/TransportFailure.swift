/// Why an exchange with another server brought no usable response. Carries no URL, no header and no body.
package enum TransportFailure: Explained, Equatable, Sendable, Coded {
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
  /// The outgoing proxy did not lead to the server.
  case proxy(ProxyProblem)
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

  /// Why an outgoing proxy did not lead on. Nothing of the request has left by then.
  package enum ProxyProblem: Equatable, Sendable {
    /// The proxy's own name has no address.
    case nameNotResolved
    /// No connection to the proxy; the number is the system's error.
    case connectFailed(errno: Int32)
    /// The proxy answered CONNECT with this status: 407 asks for credentials, 403 forbids, 502 to 504 could not get through.
    case refused(status: Int)
    /// The proxy closed the connection without an answer.
    case closedEarly
    /// What listens there does not answer as an HTTP proxy.
    case malformed
  }

  package enum Code: String, StableCode {
    case requestUnusable = "transport_request_unusable"
    case insecure = "transport_insecure"
    case addressForbidden = "transport_address_forbidden"
    case nameNotResolved = "transport_name_not_resolved"
    case connectFailed = "transport_connect_failed"
    case proxy = "transport_proxy"
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
    case .proxy: Code.proxy
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
    case .requestUnusable, .insecure, .addressForbidden, .nameNotResolved, .connectFailed, .proxy, .tls: false
    case .timedOut(let phase): phase == .send || phase == .receive
    case .tooLarge, .malformed: true
    case .closedEarly(let afterSending): afterSending
    }
  }
}

extension TransportFailure: CustomStringConvertible {
  /// What happened, in words for an administrator; names no URL, header or body.
  package var words: Words {
    switch self {
    case .requestUnusable(let part):
      Words(fr: "la requête ne peut pas être envoyée : \(part)", en: "the request cannot be sent: \(part)")
    case .insecure(let rule):
      // There is one such rule.
      Words(
        fr: "la connexion ne serait pas sûre : l’URL n’est pas en https",
        en: "the connection would not be secure: \(rule)")
    case .addressForbidden:
      Words(
        fr: "l’adresse de l’hôte est privée ou interne, et il n’est pas permis d’en appeler",
        en: "the host's address is private or internal, and calling those is not allowed")
    case .nameNotResolved: Words(fr: "le nom de l’hôte n’a pas d’adresse", en: "the host's name has no address")
    case .connectFailed(let errno):
      Words(fr: "la connexion a échoué (errno \(errno))", en: "the connection failed (errno \(errno))")
    case .proxy(let problem):
      Words(fr: "le mandataire sortant : \(problem.words.french)", en: "the outgoing proxy: \(problem.words.english)")
    case .tls(let problem):
      Words(fr: "pas de canal sûr : \(problem.words.french)", en: "no secure channel: \(problem.words.english)")
    case .timedOut(let phase):
      Words(
        fr: "le temps imparti est écoulé (phase \(phase.rawValue))",
        en: "the time allowed ran out (phase \(phase.rawValue))")
    case .tooLarge: Words(fr: "la réponse est trop longue", en: "the response is larger than allowed")
    case .malformed(let part):
      Words(
        fr: "la réponse n’est pas du HTTP bien formé : \(part)", en: "the response is not well-formed HTTP: \(part)")
    case .closedEarly(afterSending: true):
      Words(
        fr: "le serveur a fermé la connexion avant la fin de sa réponse",
        en: "the server closed the connection before the whole response had come")
    case .closedEarly(afterSending: false):
      Words(
        fr: "le serveur a fermé la connexion avant l’envoi de la requête",
        en: "the server closed the connection before the request was sent")
    }
  }
}

extension TransportFailure.TLSProblem {
  /// What is wrong, in words for an administrator.
  package var words: Words {
    switch self {
    case .certificateExpired: Words(fr: "le certificat a expiré", en: "the certificate has expired")
    case .certificateNotYetValid:
      Words(fr: "le certificat n’est pas encore valable", en: "the certificate is not valid yet")
    case .hostNameMismatch:
      Words(fr: "le certificat est celui d’un autre nom d’hôte", en: "the certificate is for another host name")
    case .issuerUnknown:
      Words(fr: "l’émetteur du certificat n’est pas reconnu", en: "the certificate's issuer is not trusted")
    case .certificateRevoked: Words(fr: "le certificat est révoqué", en: "the certificate is revoked")
    case .certificateRejected(let number):
      Words(
        fr: "le certificat est refusé (X509_V_ERR \(number))", en: "the certificate is rejected (X509_V_ERR \(number))")
    case .trustStoreUnreadable:
      Words(fr: "le magasin des autorités est illisible", en: "the trust store cannot be read")
    case .protocolError(let reason):
      Words(fr: "la négociation TLS a échoué (\(reason))", en: "the TLS handshake failed (\(reason))")
    }
  }
}

extension TransportFailure.ProxyProblem {
  /// What is wrong, in words for an administrator.
  package var words: Words {
    switch self {
    case .nameNotResolved: Words(fr: "son nom n’a pas d’adresse", en: "its name has no address")
    case .connectFailed(let errno):
      Words(fr: "la connexion vers lui a échoué (errno \(errno))", en: "the connection to it failed (errno \(errno))")
    case .refused(status: 407):
      Words(fr: "il demande d’autres identifiants (407)", en: "it asks for other credentials (407)")
    case .refused(status: 403):
      Words(fr: "il interdit le chemin vers cet hôte (403)", en: "it forbids the way to this host (403)")
    case .refused(let status): Words(fr: "il répond \(status)", en: "it answers \(status)")
    case .closedEarly:
      Words(fr: "il a fermé la connexion sans répondre", en: "it closed the connection without an answer")
    case .malformed:
      Words(fr: "ce qui écoute là n’est pas un mandataire HTTP", en: "what listens there is no HTTP proxy")
    }
  }
}
