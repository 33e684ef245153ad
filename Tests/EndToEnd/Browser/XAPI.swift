import Wire

/// Statements as players make them (Experience API 1.0.3, part 2).
enum XAPI {
  /// A statement about a content, or a part of it.
  static func statement(
    _ verb: String, _ score: JSONValue? = nil, content: String = "first", part: Bool = false
  ) -> JSONValue {
    var statement: JSONObject = [
      "verb": ["id": .string("http://adlnet.gov/expapi/verbs/\(verb)")],
      "object": [
        "id": .string("http://site.example/h5p/\(content)" + (part ? "?subContentId=1" : "")),
        "definition": ["extensions": ["http://h5p.org/x-api/h5p-local-content-id": .string(content)]],
      ],
    ]
    if let score { statement["result"] = ["score": score] }
    if part { statement["context"] = ["contextActivities": ["parent": [["id": "http://site.example/h5p"]]]] }
    return .object(statement)
  }
}
