import JOSE
import Testing
import Wire

@Suite("An RSA private key")
struct RSAPrivateKeyTests {
  @Test("signs what its public half verifies")
  func signs() throws {
    let key = try generatedKey.get()
    let claims: JSONObject = ["iss": "client", "sub": "client", "iat": 1_795_396_417]
    let text = try JWT.sign(claims, with: key, keyID: "k1")
    let jws = try JWS(compact: text)
    try jws.verify(with: key.publicJWK)
    #expect(jws.keyID == "k1")
    #expect(jws.header == ["typ": "JWT", "alg": "RS256", "kid": "k1"])
    #expect(try jws.claims() == claims)
    #expect(jws.payload == Array(#"{"iss":"client","sub":"client","iat":1795396417}"#.utf8))
  }

  @Test("survives being stored as PKCS#8 DER")
  func der() throws {
    let key = try generatedKey.get()
    let again = try RSAPrivateKey(der: key.der)
    #expect(again.publicKey == key.publicKey)
    #expect(again.der == key.der)
    #expect(try again.signRS256([1, 2, 3]) == key.signRS256([1, 2, 3]))
  }

  @Test("survives being written as PEM by hand, as PKCS#8")
  func pem() throws {
    let key = try generatedKey.get()
    let pem = "-----BEGIN PRIVATE KEY-----\n\(Base64.encode(key.der))\n-----END PRIVATE KEY-----\n"
    #expect(try RSAPrivateKey(pem: pem).publicKey == key.publicKey)
  }

  @Test("is refused when the DER is cut, lengthened, empty or altered in its frame")
  func brokenDER() throws {
    let der = try generatedKey.get().der
    let altered: [[UInt8]] = [
      [], [0], Array(der.dropLast()), der + [0], Array(der.dropFirst()), [0x31] + der.dropFirst(),
    ]
    for broken in altered {
      #expect(throws: JOSEError.keyUnusable) { try RSAPrivateKey(der: broken) }
    }
  }

  @Test(
    "is refused when the PEM is empty, public, encrypted or no PEM",
    arguments: ["", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", "{}", PrivateKeyPEM.encrypted])
  func brokenPEM(pem: String) throws {
    #expect(throws: JOSEError.keyUnusable) { try RSAPrivateKey(pem: pem) }
    #expect(throws: JOSEError.keyUnusable) { try RSAPrivateKey(pem: generatedKey.get().publicKey.pem) }
  }

  @Test("is refused when it is shorter than 2048 bits, or another type")
  func unfit() throws {
    #expect(throws: JOSEError.keyUnusable) { try RSAPrivateKey.generate(bits: 1024) }
    #expect(throws: JOSEError.keyUnusable) { try RSAPrivateKey.generate(bits: 2047) }
    #expect(throws: JOSEError.keyUnusable) { try RSAPrivateKey.generate(bits: 16384) }
    #expect(throws: JOSEError.keyUnusable) { try RSAPrivateKey(pem: PrivateKeyPEM.elliptic) }
    #expect(throws: JOSEError.keyUnusable) { try RSAPrivateKey(pem: PrivateKeyPEM.short) }
  }

  @Test("gives a public half that survives PEM")
  func publicPEM() throws {
    let key = try generatedKey.get().publicKey
    let pem = key.pem
    #expect(pem.hasPrefix("-----BEGIN PUBLIC KEY-----\n"))
    #expect(pem.hasSuffix("\n-----END PUBLIC KEY-----\n"))
    #expect(pem.split(separator: "\n").allSatisfy { $0.utf8.count <= 64 })
    #expect(try RSAPublicKey(pem: pem) == key)
    for exponent in [[3], [0x81, 0x01], [1, 0, 1], [0xFF, 0, 0, 0, 0, 0, 0, 1]] as [[UInt8]] {
      let other = try RSAPublicKey(modulus: key.modulus, exponent: exponent)
      #expect(try RSAPublicKey(pem: other.pem) == other)
    }
    #expect(throws: JOSEError.keyUnusable) { try RSAPublicKey(pem: "-----BEGIN PUBLIC KEY-----\nAAAA\n") }
    #expect(throws: JOSEError.keyUnusable) { try RSAPublicKey(pem: "") }
  }

  @Test("of another program, published in PEM, is written again byte for byte")
  func foreignPublicPEM() throws {
    let pem = try String(decoding: RecordedMoodle.bytes("stub_tool_public_key.pem"), as: UTF8.self)
    #expect(try RSAPublicKey(pem: pem).pem == pem)
  }

  @Test("shows nothing of itself when printed")
  func redacted() throws {
    let key = try generatedKey.get()
    var dumped = ""
    dump(key, to: &dumped)
    for text in ["\(key)", String(reflecting: key), dumped] { #expect(text.utf8.count < 60) }
  }

  @Test("of two made is never the same")
  func fresh() throws {
    #expect(try RSAPrivateKey.generate().publicKey != generatedKey.get().publicKey)
  }
}

/// Keys that are to be refused, made for this test.
private enum PrivateKeyPEM {
  /// A key on P-256.
  static let elliptic = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6lfAtNmAu/dtTuNr
    0WuF1PEZtCoOFR0LUWanHJVFxZihRANCAASll/hV+TCIbPSVWkikg/F8ffdHApy/
    R/+WsM9IpaFyyxH9V01bJZZiEamAph+r8L/ofBrQOYfi/KkGmMZd2Gz5
    -----END PRIVATE KEY-----
    """

  /// An RSA key of 1024 bits.
  static let short = """
    -----BEGIN PRIVATE KEY-----
    MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBALnD5Cc0MTmqG3A8
    GveFLn14thynESsLhkyhFYzGj4wRmvPwmK84vSozkw+ss4GIV851xoqd9Z543hX2
    bw24wVhqSJVvF+0OntDpMZQ0YXxq3OoPr1zc8b3z02iaWqU3PegFER14uQqEPxnQ
    xynYenCVCLxsQoMCukY/XN4qtfNNAgMBAAECgYEAuDqY83RkeT7FtXo2eFGhuJfV
    a/cYJKtqRmbeu11UkWIIXXK3ydaoa8j4SOxKneT8x+mvvFtJcx+FiRx8KIyZWYho
    UkIwbXwLT2lZkMj09h2Qdnp2sA6v32PaB6FNP3clAuJqm05PLsv6W0IQQIAIqlnv
    WsxhV3QsWwJ/xknz8bUCQQDfk0dPt1ssrpFxXERdTxQhu4R6rkDyYWieGIGs4iIs
    Di8B8kcI6ynuliW1poK0n50k5nOkJGHqU2LbemNsIcYnAkEA1LTUc74sBDHYo95k
    5g1RdV1MIEhGysxF7XIZmDZ1sJLBRCK99yx2XQYcvZRzSf5B7gij2tiRQerQAA25
    WCR3awJADpEb/lel+x1MoKQwWBwE5cW/9fZQiPpLxLE4EbmSHGi4K1pLwor/6mmh
    /1nf/kDADl1tf25XatsP/9jTjYIN1QJAOXxlrqJG4xtVoXQJcONIkJ+WY2MlPsnW
    XEXqBOkzBXWkJfX9wT+S/bEZM2NbhTPiPaK4Jf1BxL7hWCJdZST14QJBAL4NwcIh
    ogs00evWrtfQGeL2eILm/m62PnpbZkKKmRzIbAKh4DXkNKMKOpjsC3L7YaDozCzU
    yAqfyzd14dEzcp8=
    -----END PRIVATE KEY-----
    """

  /// A key that a passphrase protects.
  static let encrypted = """
    -----BEGIN ENCRYPTED PRIVATE KEY-----
    MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjFmYlIWYoMFwICCAAw
    DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEEsWJTCbOI3oJAt5D/Kxe8MEgZCD
    9jgs+QgkRH4M+h2t1Z1dCAmZHx5DzjXJYR5L1CvZQmr1EA/3NGPS2pKy3HIBcGCc
    wB0XCwFCCIV3ePdshazjPGJ6uf2YKhAhvA3KmfWEO+cUIY5ZXs94ZjlRO+KFybYl
    G43huArzhZPxLFFkCqrgly9zO6SPx7xT2+T4OOyutGURaeJrwdXozghJLvLRSck=
    -----END ENCRYPTED PRIVATE KEY-----
    """
}
