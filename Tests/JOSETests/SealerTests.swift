import JOSE
import Testing
import Wire

@Suite("A sealed value")
struct SealerTests {
  let sealer: Sealer
  let secret: [UInt8] = Array(0..<32)

  init() throws {
    sealer = try #require(Sealer(secret: secret))
  }

  @Test("opens to what was sealed", arguments: [0, 1, 15, 16, 17, 1200, 1 << 20])
  func roundTrip(length: Int) throws {
    let plaintext = randomBytes(length)
    let sealed = try sealer.seal(plaintext, purpose: "tool key")
    #expect(sealed.count == length + 29)
    #expect(sealed[0] == 1)
    #expect(try sealer.open(sealed, purpose: "tool key") == plaintext)
  }

  @Test("made by another program from the documented format opens: the format is what its comment says")
  func documentedFormat() throws {
    let sealed = try #require(
      Hex.decode("016465666768696a6b6c6d6e6f2007fac40c3976d98cbe3ca0c3f4dce5b4847dca8f429f4d46a3ef89"))
    #expect(try sealer.open(sealed, purpose: "tool key") == Array("Anaïs Bœuf".utf8))
  }

  @Test("is different each time")
  func nonceIsFresh() throws {
    let first = try sealer.seal([1, 2, 3], purpose: "p")
    #expect(try sealer.seal([1, 2, 3], purpose: "p") != first)
  }

  @Test("does not open for another purpose", arguments: ["", "tool ke", "tool key ", "access token"])
  func wrongPurpose(purpose: String) throws {
    let sealed = try sealer.seal([1, 2, 3], purpose: "tool key")
    #expect(throws: JOSEError.sealBroken) { try sealer.open(sealed, purpose: purpose) }
  }

  @Test("does not open under another secret")
  func wrongSecret() throws {
    let sealed = try sealer.seal([1, 2, 3], purpose: "tool key")
    for other in [Array(1..<33), secret + [0], randomBytes(32)] {
      let opener = try #require(Sealer(secret: other))
      #expect(throws: JOSEError.sealBroken) { try opener.open(sealed, purpose: "tool key") }
    }
  }

  @Test("does not open when cut, at any length, or lengthened")
  func truncated() throws {
    let sealed = try sealer.seal(Array("secret".utf8), purpose: "p")
    for length in 0..<sealed.count {
      #expect(throws: JOSEError.sealBroken) { try sealer.open(Array(sealed.prefix(length)), purpose: "p") }
    }
    #expect(throws: JOSEError.sealBroken) { try sealer.open(sealed + [0], purpose: "p") }
  }

  @Test("does not open with any one bit flipped")
  func flippedBits() throws {
    let sealed = try sealer.seal(Array("secret".utf8), purpose: "p")
    for byte in sealed.indices {
      for bit in 0..<8 {
        var flipped = sealed
        flipped[byte] ^= 1 << bit
        #expect(throws: JOSEError.sealBroken) { try sealer.open(flipped, purpose: "p") }
      }
    }
  }

  @Test("is refused beyond a mebibyte")
  func tooLarge() throws {
    #expect(throws: JOSEError.tooLarge) {
      try sealer.seal([UInt8](repeating: 0, count: Sealer.maximumLength + 1), purpose: "p")
    }
  }

  @Test("needs a secret of 32 bytes or more")
  func shortSecret() {
    #expect(Sealer(secret: []) == nil)
    #expect(Sealer(secret: Array(0..<31)) == nil)
    #expect(Sealer(secret: Array(0..<64)) != nil)
  }

  @Test("is made by something that shows nothing of its secret when printed")
  func redacted() {
    var dumped = ""
    dump(sealer, to: &dumped)
    #expect("\(sealer)" == "Sealer")
    #expect(String(reflecting: sealer) == "Sealer")
    #expect(dumped == "- Sealer\n")
  }
}
