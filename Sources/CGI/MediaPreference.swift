import Wire

/// What the `Accept` field (RFC 9110 §12.5.1) says about JSON, HTML and CSV.
package enum MediaPreference {
  /// Whether `application/json` or `application/problem+json` is wanted more than `text/html`.
  ///
  /// More specific ranges count before wildcards. At equal weights, JSON named in so many words wins over HTML that
  /// only a wildcard covers (`application/json, */*`, as programs send); everything else, `*/*` alone and no field
  /// included, is a person's browser and gets HTML.
  package static func prefersJSON(accept field: String?) -> Bool {
    let ranges = WeightedList(field ?? "").items
    func weight(_ names: [String]) -> Int? {
      ranges.filter { names.contains($0.name) }.map(\.weight).max()
    }
    let any = weight(["*/*"])
    let namedJSON = weight(["application/json", "application/problem+json"])
    let namedHTML = weight(["text/html"])
    let json = namedJSON ?? weight(["application/*"]) ?? any ?? 0
    let html = namedHTML ?? weight(["text/*"]) ?? any ?? 0
    if json == html { return json > 0 && namedJSON != nil && namedHTML == nil }
    return json > html
  }

  /// Whether `text/csv` is named, and wanted more than JSON is by name.
  package static func prefersCSV(accept field: String?) -> Bool {
    let ranges = WeightedList(field ?? "").items
    func weight(_ name: String) -> Int { ranges.filter { $0.name == name }.map(\.weight).max() ?? 0 }
    return weight("text/csv") > weight("application/json")
  }
}
