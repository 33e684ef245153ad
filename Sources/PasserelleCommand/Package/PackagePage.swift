import Wire

/// The pages that show a package's units, each with the script's tag and its grain.
enum PackagePage {
  /// A unit as the pages name it.
  struct Unit {
    let slug: String
    let title: String
    /// Where it starts, from the page's folder, for an attribute.
    let source: String
  }

  /// File names and what they hold: one page for one unit; for several one each, and an index that leads to them.
  static func all(
    module: String, title: String, language: String?, units: [Unit], version: String?, tag: String
  ) -> [(name: String, html: String)] {
    let root = Root(module: module, title: title, language: language, tag: tag)
    guard units.count > 1 else { return units.map { ("index.html", unit($0, version, root, isOnly: true)) } }
    let entries = units.map { unit in
      "  <li data-passerelle-grain=\"\(unit.slug)\"><a href=\"\(unit.slug).html\">\(escaped(unit.title))</a></li>"
    }
    let index = page(
      title, root,
      """
      <h1>\(escaped(title))</h1>
      <p data-passerelle-progress></p>
      <p data-passerelle-message></p>
      <ol style="line-height: 2">
      \(entries.joined(separator: "\n"))
      </ol>
      """)
    return [("index.html", index)] + units.map { ("\($0.slug).html", unit($0, version, root, isOnly: false)) }
  }

  /// What all pages share.
  private struct Root {
    let module: String
    let title: String
    let language: String?
    let tag: String
  }

  private static func unit(_ unit: Unit, _ version: String?, _ root: Root, isOnly: Bool) -> String {
    page(
      unit.title, root,
      """
      \(isOnly ? "" : "<p><a href=\"index.html\">◂ \(escaped(root.title))</a></p>\n")<p data-passerelle-progress></p>
      <p data-passerelle-message></p>
      <iframe title="\(escaped(unit.title))" data-passerelle-grain="\(unit.slug)" data-passerelle-scorm="\(version ?? "")"
        data-src="\(escaped(unit.source))" style="width: 100%; height: 85vh; border: 0"></iframe>
      """)
  }

  private static func page(_ title: String, _ root: Root, _ body: String) -> String {
    """
    <!doctype html>
    <html\(root.language.map { " lang=\"\(escaped($0))\"" } ?? "") data-passerelle-module="\(root.module)">
    <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(escaped(title))</title>
      \(root.tag)
    </head>
    <body>
    \(body)
    </body>
    </html>

    """
  }

  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { output, character in
      switch character {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\"": output += "&quot;"
      default: output.append(character)
      }
    }
  }
}
