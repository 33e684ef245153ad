import Wire

extension Platform {
  /// GET …/lineitems lists the tool's columns; POST makes one.
  func lineItems(_ request: MoodleRequest, _ arguments: [String]) throws -> MoodleResponse {
    let isPost = request.method == "POST"
    let tool = try checkTool(
      request, anyOf: isPost ? [Scope.lineItem] : [Scope.lineItem, Scope.lineItemReadOnly])
    try checkFormat(request, container: Services.lineItemsType, single: Services.lineItemType)
    try checkCourse(arguments)
    return isPost ? try createLineItem(request, tool: tool) : listLineItems(request, tool: tool)
  }

  private func createLineItem(_ request: MoodleRequest, tool: Tool) throws -> MoodleResponse {
    let (object, label, maximum) = try Self.described(request)
    // Nothing is made for an activity that is no more, or is another tool's.
    if let link = object["resourceLinkId"]?.stringValue {
      guard let instance = Int(link), shows(tool, instance: instance) else { throw ServiceRefusal(403) }
    }
    let item = state.withLock { state in
      state.gradebook.add(
        LineItem(
          id: 0, origin: .tool(typeID: tool.typeID), label: label, maximum: maximum,
          resourceID: object["resourceId"]?.stringValue ?? "", tag: object["tag"]?.stringValue ?? "",
          resourceLinkID: object["resourceLinkId"]?.stringValue))
    }
    return echo(object, item: item, tool: tool, status: 201)
  }

  private func listLineItems(_ request: MoodleRequest, tool: Tool) -> MoodleResponse {
    let own = state.withLock { state in
      state.gradebook.lineItems.filter { item in
        switch item.origin {
        case .courseTotal: false
        case .activity(let instance):
          state.activities.contains { $0.instance == instance && state.tool(of: $0)?.typeID == tool.typeID }
        case .tool(let typeID): typeID == tool.typeID
        }
      }
    }
    let wanted = own.filter { item in
      (request.queryValue("tag").map { $0 == item.tag } ?? true)
        && (request.queryValue("resource_id").map { $0 == item.resourceID } ?? true)
        && (request.queryValue("resource_link_id").map { $0 == item.resourceLinkID } ?? true)
    }
    let from = request.queryValue("from").flatMap { Int($0) } ?? 0
    let limit = request.queryValue("limit").flatMap { Int($0) } ?? 0
    let page = limit > 0 ? Array(wanted.dropFirst(from).prefix(limit)) : Array(wanted.dropFirst(from))
    var response = Self.service(
      .array(page.map { .object(json($0, tool: tool)) }), type: Services.lineItemsType)
    if limit > 0 {
      response.fields.append("Link", link(request, tool: tool, count: wanted.count, limit: limit, from: from))
    }
    return response
  }

  /// Moodle's Link field is broken: HTML-escaped ampersands, typographic quotes, and a `last` past the end.
  private func link(_ request: MoodleRequest, tool: Tool, count: Int, limit: Int, from: Int) -> String {
    let base = wwwroot + "/mod/lti/services.php/\(Course.id)/lineitems?type_id=\(tool.typeID)"
    func entry(_ offset: Int, _ relation: String) -> String {
      "<\(base)&amp;limit=\(limit)&amp;from=\(offset)>; rel=“\(relation)”"
    }
    var entries = [entry(0, "first")]
    if from > 0 { entries.append(entry(max(0, from - limit), "prev")) }
    entries.append(entry(from, "canonical"))
    if from + limit < count { entries.append(entry(from + limit, "next")) }
    entries.append(entry(count / limit * limit, "last"))
    return entries.joined(separator: ", ")
  }

  /// GET, PUT and DELETE of one column. A PUT without `resourceLinkId` forgets it, and another maximum rescales.
  func lineItem(_ request: MoodleRequest, _ arguments: [String]) throws -> MoodleResponse {
    let isGet = request.method == "GET"
    let tool = try checkTool(request, anyOf: isGet ? [Scope.lineItem, Scope.lineItemReadOnly] : [Scope.lineItem])
    var item = try checkItem(arguments, tool: tool)
    switch request.method {
    case "PUT":
      let (object, label, maximum) = try Self.described(request)
      item.label = label
      item.maximum = maximum
      item.resourceID = object["resourceId"]?.stringValue ?? ""
      item.tag = object["tag"]?.stringValue ?? ""
      item.resourceLinkID = object["resourceLinkId"]?.stringValue
      state.withLock { $0.gradebook.update(item) }
      return echo(object, item: item, tool: tool, status: 200)
    case "DELETE":
      state.withLock { $0.gradebook.delete(item.id) }
      return MoodleResponse(status: 204, reason: "OK", contentType: nil)
    default:
      return Self.service(.object(json(item, tool: tool)), type: Services.lineItemType)
    }
  }

  private static func described(
    _ request: MoodleRequest
  ) throws(ServiceRefusal) -> (object: JSONObject, label: String, maximum: Double) {
    let json = try? JSONValue(parsing: request.body)
    guard let object = json?.objectValue, let label = object["label"]?.stringValue, !label.isEmpty,
      let maximum = object["scoreMaximum"]?.doubleValue, maximum > 0
    else { throw ServiceRefusal(400, "No label or Score Maximum") }
    return (object, label, maximum)
  }

  /// What was sent, with the id after it, whose slashes are not escaped here.
  private func echo(_ object: JSONObject, item: LineItem, tool: Tool, status: Int) -> MoodleResponse {
    var answer = object
    answer["id"] = .string(lineItemURL(item.id, tool: tool))
    return Self.service(.object(answer), type: Services.lineItemType, status: status, escapingSlashes: false)
  }

  private func json(_ item: LineItem, tool: Tool) -> JSONObject {
    var object: JSONObject = [
      "id": .string(lineItemURL(item.id, tool: tool)), "label": .string(item.label),
      "scoreMaximum": .number(item.maximum), "resourceId": .string(item.resourceID), "tag": .string(item.tag),
    ]
    if let link = item.resourceLinkID {
      object["resourceLinkId"] = .string(link)
      object["ltiLinkId"] = .string(link)
    }
    return object
  }
}
