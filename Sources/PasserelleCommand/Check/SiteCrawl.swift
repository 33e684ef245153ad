import Foundation
import HTTPClient
import Passerelle
import Wire

/// The pages of a mini-site: those that links lead to, on one origin and in the first page's folder.
struct SiteCrawl {
  /// A page that was answered.
  struct Page {
    let url: URL
    let fields: HTTPFields
    let tags: [HTMLTags.Tag]
  }

  /// Something that was not.
  struct Missing {
    let url: URL
    /// The page that leads there; nil for the first.
    let from: URL?
    let reason: Words
  }

  private(set) var pages: [Page] = []
  private(set) var missing: [Missing] = []
  /// Whether there are more pages than were looked at.
  private(set) var isCut = false

  /// Reads at most so many pages, each of at most 4 MiB, within two minutes.
  init(_ start: URL, limit: Int, settings: Settings) {
    let client = HTTPClient(
      policy: HTTPClient.Policy(
        caDirectory: settings.caDirectory, allowsInsecureHTTP: true, allowsPrivateAddresses: true,
        maximumResponseBytes: 4 << 20, userAgent: "Passerelle/\(Version.current)"))
    let folder = Self.folder(of: start)
    let deadline = Date(timeIntervalSinceNow: 120)
    var queue: [(url: URL, from: URL?)] = [(start, nil)]
    var known: Set<String> = [start.absoluteString]
    while !queue.isEmpty {
      guard pages.count < limit, Date() < deadline else {
        isCut = true
        return
      }
      let (url, from) = queue.removeFirst()
      guard let address = WebURL(typed: url.absoluteString) else { continue }
      let response: HTTPResponse
      do { response = try client.send(HTTPRequest(url: address), timeout: 10_000) } catch {
        missing.append(Missing(url: url, from: from, reason: error.words))
        continue
      }
      if (300..<400).contains(response.status), let location = response.fields["Location"] {
        follow(location, on: url, folder, &known, &queue)
        continue
      }
      guard response.status == 200 else {
        missing.append(
          Missing(url: url, from: from, reason: Words(fr: "état \(response.status)", en: "status \(response.status)")))
        continue
      }
      guard response.fields["Content-Type"]?.lowercased().contains("html") ?? true else { continue }
      let page = Page(url: url, fields: response.fields, tags: HTMLTags(response.body).tags)
      pages.append(page)
      for tag in page.tags where tag.name == "a" {
        if let href = tag["href"] { follow(href, on: url, folder, &known, &queue) }
      }
    }
  }

  private func follow(
    _ href: String, on page: URL, _ folder: String, _ known: inout Set<String>, _ queue: inout [(url: URL, from: URL?)]
  ) {
    guard let url = URL(string: href, relativeTo: page)?.absoluteURL, Self.origin(of: url) == Self.origin(of: page),
      var parts = URLComponents(url: url, resolvingAgainstBaseURL: true), parts.path.hasPrefix(folder)
    else { return }
    parts.fragment = nil
    let name = (parts.path as NSString).lastPathComponent
    guard !name.contains(".") || name.hasSuffix(".html") || name.hasSuffix(".htm") || parts.path.hasSuffix("/"),
      let plain = parts.url, known.insert(plain.absoluteString).inserted
    else { return }
    queue.append((plain, page))
  }

  /// The folder of an address, with a slash at its end.
  private static func folder(of url: URL) -> String {
    url.path.isEmpty || url.absoluteString.hasSuffix("/")
      ? (url.path.hasSuffix("/") ? url.path : url.path + "/")
      : String(url.path[...(url.path.lastIndex(of: "/") ?? url.path.startIndex)])
  }

  /// Scheme, host and port.
  static func origin(of url: URL) -> Origin? { WebURL(typed: url.absoluteString)?.origin }
}
