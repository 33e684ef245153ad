import ArgumentParser
import Directus
import HTTPClient
import Passerelle
import Wire

/// `--directus-url` and `--directus-token-file`: a running Directus that can be asked to forget what it keeps in memory.
struct DirectusAccess: ParsableArguments {
  @Option(
    name: .customLong("directus-url"),
    help: .init(
      Words(
        fr: "Où est Directus, pour vider ses caches : https://directus.example.org.",
        en: "Where Directus is, to clear its caches: https://directus.example.org.")))
  var url: DirectusURL?

  @Option(
    name: .customLong("directus-token-file"),
    help: .init(
      Words(
        fr: "Un fichier qui contient le jeton statique d’un administrateur de Directus, pour "
          + "--directus-url.",
        en: "A file that holds a static token of an administrator of Directus, for --directus-url.")))
  var tokenFile: String?

  func validate() throws {
    guard (url == nil) == (tokenFile == nil) else {
      throw ValidationError(
        Words(
          fr: "--directus-url et --directus-token-file vont ensemble",
          en: "--directus-url and --directus-token-file go together"))
    }
  }

  /// The running Directus; nil when none was named.
  func server(_ settings: Settings) throws -> DirectusServer? {
    guard let url = url?.url, let tokenFile else { return nil }
    guard url.scheme == .https || settings.allowsInsecureHTTP || Self.loopback.contains(url.host) else {
      throw CommandFailure(
        Words(
          fr: "le jeton voyagerait en clair vers \(url.authority) : prenez https, ou "
            + "PASSERELLE_ALLOW_INSECURE_HTTP=1",
          en:
            "the token would travel in the clear to \(url.authority): use https, or set PASSERELLE_ALLOW_INSECURE_HTTP=1"
        ))
    }
    // An administrator named the address, and Directus is seldom on the public Internet.
    let client = HTTPClient(
      policy: HTTPClient.Policy(
        caDirectory: settings.caDirectory, allowsInsecureHTTP: true, allowsPrivateAddresses: true,
        userAgent: "Passerelle/\(Version.current)"))
    return DirectusServer(url: url, token: try Self.token(in: tokenFile)) { (request) throws(TransportFailure) in
      try client.send(request, timeout: 15_000)
    }
  }

  /// Clears the caches of the running Directus, or says how it is done.
  func refresh(_ settings: Settings) throws {
    guard let server = try server(settings) else {
      Console.say(
        Words(
          fr: """
            Directus garde son schéma en mémoire. Redémarrez-le, ou videz ses caches : passerelle directus refresh \
            --directus-url URL --directus-token-file FICHIER
            """,
          en: """
            Directus keeps its schema in memory. Restart it, or clear its caches: passerelle directus refresh \
            --directus-url URL --directus-token-file FILE
            """))
      return
    }
    try server.clearCaches()
    Console.say(
      Words(
        fr: "Directus a oublié ses caches et relit tout",
        en: "Directus has forgotten its caches and reads everything anew"))
  }

  private static let loopback: Set<String> = ["localhost", "127.0.0.1", "::1"]

  private static func token(in file: String) throws -> String {
    let text = String(decoding: try Console.contents(of: file), as: UTF8.self)
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 1, let token = words.first.map(String.init),
      token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw CommandFailure(
        Words(
          fr: "le fichier \(file) ne contient pas un jeton : une ligne sans espaces",
          en: "the file \(file) does not hold a token: one line without spaces"))
    }
    return token
  }
}

/// An address of Directus: http or https, without a query.
struct DirectusURL: ExpressibleByArgument {
  let url: WebURL

  init?(argument: String) {
    guard let url = WebURL(argument), url.query == nil, url.fragment == nil else { return nil }
    self.url = url
  }
}
