import JOSE
import Wire

/// A file of the client library, under the name by which browsers ask for it.
///
/// `passerelle.js` and `passerelle.mjs` change with each release; the same with the version in their names, and the parts,
/// never change. A classic script cannot have exports, so the module is the script with a line more.
package struct ScriptFile: Sendable {
  /// `passerelle-1.0.0.js`.
  package let name: String
  /// What it holds.
  package let bytes: [UInt8]

  /// Whether what has this name never changes.
  package var isImmutable: Bool { name.contains("-") }

  /// The entity tag (RFC 9110, section 8.8.3).
  var tag: String { "\"\(Hex.encode(Array(SHA256.hash(bytes).prefix(8))))\"" }

  /// Its hash, as the attribute `integrity` names it (Subresource Integrity, section 3.5).
  package var integrity: String { "sha256-\(Base64.encode(SHA256.hash(bytes)))" }

  /// The media type.
  var type: String { name.hasSuffix(".ts") ? "text/plain; charset=utf-8" : "text/javascript; charset=utf-8" }

  /// The parts that the library loads where their attributes stand.
  package static let parts = ["parts", "preview", "state", "scorm", "cmi", "xapi", "media", "quiz"]

  /// Every file's name: what stands in one folder for a web server to serve.
  package static var names: [String] {
    let scripts = ["passerelle", "passerelle-\(Version.current)"].flatMap { [$0 + ".js", $0 + ".mjs"] }
    return scripts + ["passerelle.d.ts"] + parts.map { "passerelle-\($0)-\(Version.current).js" }
  }

  /// The script's name in this version.
  package static let versioned = "passerelle-\(Version.current).js"

  /// Nil when there is no file of that name in this version.
  package init?(name: String) {
    self.name = name
    switch name {
    case "passerelle.js", "passerelle-\(Version.current).js": bytes = PackageResources.passerelle_js
    case "passerelle.mjs", "passerelle-\(Version.current).mjs": bytes = PackageResources.passerelle_js + Self.exports
    case "passerelle.d.ts": bytes = PackageResources.passerelle_d_ts
    case "passerelle-parts-\(Version.current).js": bytes = PackageResources.passerelle_parts_js
    case "passerelle-preview-\(Version.current).js": bytes = PackageResources.passerelle_preview_js
    case "passerelle-state-\(Version.current).js": bytes = PackageResources.passerelle_state_js
    case "passerelle-scorm-\(Version.current).js": bytes = PackageResources.passerelle_scorm_js
    case "passerelle-cmi-\(Version.current).js": bytes = PackageResources.passerelle_cmi_js
    case "passerelle-xapi-\(Version.current).js": bytes = PackageResources.passerelle_xapi_js
    case "passerelle-media-\(Version.current).js": bytes = PackageResources.passerelle_media_js
    case "passerelle-quiz-\(Version.current).js": bytes = PackageResources.passerelle_quiz_js
    default: return nil
    }
  }

  private static let exports = Array(
    "export const { connect } = Passerelle; Passerelle.src ??= import.meta.url; export default Passerelle;\n".utf8)
}
