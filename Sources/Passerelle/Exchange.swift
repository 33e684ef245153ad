import CGI
import JOSE
import Postgres
import Store
import Wire

/// One request while it is answered: what came, the world, and what has been learned so far that a refusal should know.
package final class Exchange {
  /// The request.
  package let request: Request
  /// The world.
  package let environment: Environment
  private let store: Database
  /// The way back to the platform, once a proven message named one.
  var returnURL: WebURL?
  /// The person's language, once it is known better than from the browser.
  var locale: String?

  /// The platform that frames the answer, when it is not registered, or not yet.
  var framedBy: Origin?

  /// What is written after the response, as it comes; nil when the response has all of its body.
  var stream: ResponseStream?
  /// Why that broke off.
  var failure: Refusal?

  /// The body and the database are opened on first use.
  package init(request: Request, environment: Environment) {
    self.request = request
    self.environment = environment
    store = Database(open: environment.connect)
  }

  var settings: Settings { environment.settings }

  /// The language to answer in.
  var language: Language { Language(locale: locale) ?? request.language }

  /// Runs statements; their failures become refusals.
  func database<Value>(_ body: (Database) throws(PostgresError) -> Value) throws(Refusal) -> Value {
    do { return try body(store) } catch { throw Refusal(error) }
  }

  /// Runs statements; their failures are handed back as they are.
  func askingDatabase<Value>(_ body: (Database) throws(PostgresError) -> Value) -> Result<Value, PostgresError> {
    Result { () throws(PostgresError) in try body(store) }
  }

  /// A word that a function of the database answered, as the case it stands for.
  func answered<Outcome: RawRepresentable>(_ word: String, as type: Outcome.Type) throws(Refusal) -> Outcome
  where Outcome.RawValue == String {
    guard let outcome = Outcome(rawValue: word) else {
      throw .internalError("the database answered an outcome that is not known: \(word)")
    }
    return outcome
  }

  /// Where the pages' scripts call the API; it ends in a slash.
  var apiAddress: String { settings.baseURL.insertingPath("/api/").description }

  /// The platforms that may frame a page; nil, which leaves the directive out, when the database cannot say: a blank frame
  /// would hide the very words that explain it.
  var frameAncestors: [Origin]? {
    if let framedBy { return [framedBy] }
    return try? database { (database) throws(PostgresError) in try Origins.ofPlatforms(in: database) }
  }

  /// Whether the browser says that it loads a frame (Fetch Metadata, section 2.1).
  var isFramed: Bool {
    let destination = request.header("Sec-Fetch-Dest")
    return destination == "iframe" || destination == "frame"
  }

  /// Whether a page of this script's own origin sent the request: `Sec-Fetch-Site`, or `Origin` where that is not sent.
  var isFromOwnPage: Bool {
    if let site = request.header("Sec-Fetch-Site") { return site == "same-origin" }
    return request.header("Origin").flatMap { Origin($0) } == settings.baseURL.origin
  }

  /// Whether a browser says that another site's page sent the request. A program that is none says nothing.
  var isFromElsewhere: Bool {
    (request.header("Sec-Fetch-Site") != nil || request.header("Origin") != nil) && !isFromOwnPage
  }

  /// A fresh secret for a browser to bring back, and the digest that the database keeps.
  func secret() -> (value: String, digest: [UInt8]) {
    let value = Base64URL.encode(environment.randomBytes(32))
    return (value, Self.digest(value))
  }

  /// The digest under which a secret is found.
  static func digest(_ value: String) -> [UInt8] { SHA256.hash(value) }

  /// The digest of the request's session token. Anything that cannot be one of ours is refused unasked.
  func sessionToken() throws(Refusal) -> [UInt8] {
    guard request.header("Authorization") != nil else { throw .tokenMissing }
    guard let token = request.bearerToken, token.utf8.count == 43 else { throw .invalidToken }
    return Self.digest(token)
  }

  /// The body, of this media type and no longer than `limit` bytes.
  func body(of type: String, limit: Int) throws(Refusal) -> [UInt8] {
    guard request.contentType == type else { throw .unsupportedMediaType(expected: type) }
    do { return try request.body(limit: limit) } catch {
      switch error {
      case .tooLarge: throw .bodyTooLarge(limit: limit)
      case .truncated, .unreadable, .invalidLength: throw .bodyUnusable(error.code)
      }
    }
  }

  /// The body as a form.
  func form() throws(Refusal) -> Form {
    let bytes = try body(of: "application/x-www-form-urlencoded", limit: 128 << 10)
    do { return try FormURLEncoded.decode(bytes) } catch { throw .form(error) }
  }

  /// The body as JSON.
  func json() throws(Refusal) -> JSONValue {
    try value(of: try body(of: "application/json", limit: 256 << 10))
  }

  /// The body as it came, which is JSON.
  func jsonText(limit: Int) throws(Refusal) -> String {
    let bytes = try body(of: "application/json", limit: limit)
    _ = try value(of: bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private func value(of bytes: [UInt8]) throws(Refusal) -> JSONValue {
    do {
      let value = try JSONValue(parsing: bytes)
      // Only an escape can make one, and a body without a backslash is not looked through.
      guard bytes.contains(UInt8(ascii: "\\")), value.holdsNUL else { return value }
    } catch {
      switch error {
      case .duplicateKey: throw .invalidBody("JSON with a repeated name")
      case .invalidUTF8: throw .invalidBody("JSON that is not UTF-8")
      case .tooDeep, .tooLarge: throw .invalidBody("JSON nested too deeply")
      case .numberOutOfRange(let offset): throw .invalidBody("a number out of range at byte \(offset)")
      case .syntax(let offset): throw .invalidBody("not JSON, at byte \(offset)")
      }
    }
    throw .invalidBody("a text with a NUL character")
  }
}
