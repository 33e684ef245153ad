import Wire

/// What `imsmanifest.xml` says of a package (IMS Content Packaging; SCORM 1.2 Content Aggregation Model, section 2.3, and
/// SCORM 2004 4th Edition CAM, section 3.4).
struct ScormManifest {
  /// A unit that speaks to the API.
  struct Unit {
    let title: String
    /// Its start page, below the manifest's folder.
    let href: String
    /// The score from which it is passed, as the manifest writes it; nil when it says none.
    let masteryScore: String?
    /// The ids of its objectives.
    let objectives: [String]
  }

  /// `1.2` or `2004`; nil when it says neither.
  let version: String?
  let title: String
  /// The language in which it is written, as an HTML attribute takes it; nil when it says none.
  let language: String?
  let units: [Unit]

  /// Reads a manifest; fails in words.
  init(_ bytes: [UInt8]) throws(CommandFailure) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let root: XML.Element
    do {
      root = try XML.Element(
        parsing: bytes.starts(with: mark) ? Array(bytes.dropFirst(3)) : bytes, maxDepth: 64, maxBytes: 8 << 20)
    } catch {
      throw CommandFailure(
        Words(fr: "imsmanifest.xml est illisible : \(error)", en: "imsmanifest.xml cannot be read: \(error)"))
    }
    guard root.name == "manifest" else {
      throw CommandFailure(Words(fr: "imsmanifest.xml n’est pas un manifeste", en: "imsmanifest.xml is no manifest"))
    }
    let schema = root.first("metadata")?.first("schemaversion")?.text.trimmed ?? ""
    version =
      schema.hasPrefix("1.2") ? "1.2" : schema.contains("2004") || schema.contains("1.3") ? "2004" : nil
    let organizations = root.first("organizations")
    let organization =
      organizations?.children.first { each in
        each.name == "organization" && each.attribute("identifier") == organizations?.attribute("default")
      } ?? organizations?.first("organization")
    title = organization?.first("title")?.text.trimmed ?? ""
    let described = root.first("metadata")?.first("lom")?.first("general")?.first("language")?.text.trimmed
    language = [described, root.attribute("lang"), organization?.first("title")?.attribute("lang")].compactMap(\.self)
      .first { $0.wholeMatch(of: /[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*/) != nil }
    var hrefs: [String: String] = [:]
    for resource in root.first("resources")?.all("resource") ?? [] {
      guard let id = resource.attribute("identifier"), let href = resource.attribute("href"),
        resource.attributes.contains(where: { $0.name.lowercased() == "scormtype" && $0.value.lowercased() == "sco" })
      else { continue }
      hrefs[id] = (resource.attribute("base") ?? "") + href
    }
    let sequencings = root.first("sequencingCollection")?.all("sequencing") ?? []
    units = (organization?.items ?? []).compactMap { item in
      guard let href = item.attribute("identifierref").flatMap({ hrefs[$0] }) else { return nil }
      let own = item.first("sequencing")
      let sequencing = own?.attribute("IDRef").flatMap { id in sequencings.first { $0.attribute("ID") == id } } ?? own
      let objectives = sequencing?.first("objectives")
      let primary = objectives?.first("primaryObjective")
      let measure =
        primary?.attribute("satisfiedByMeasure") == "true"
        ? primary?.first("minNormalizedMeasure")?.text.trimmed ?? "1.0" : nil
      return Unit(
        title: item.first("title")?.text.trimmed ?? "", href: href + (item.attribute("parameters") ?? ""),
        masteryScore: item.first("masteryscore")?.text.trimmed ?? measure,
        objectives: (objectives?.children ?? []).compactMap { $0.attribute("objectiveID") })
    }
  }
}

extension XML.Element {
  /// The first element of that name inside, whatever its namespace: authoring tools bind several.
  fileprivate func first(_ name: String) -> XML.Element? { children.first { $0.name == name } }
  fileprivate func all(_ name: String) -> [XML.Element] { children.filter { $0.name == name } }
  fileprivate func attribute(_ name: String) -> String? { attributes.first { $0.name == name }?.value }
  /// The items below, in order, however deep.
  fileprivate var items: [XML.Element] { all("item").flatMap { [$0] + $0.items } }
}
