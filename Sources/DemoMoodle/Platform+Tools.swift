import Wire

extension Platform.State {
  /// The tool that shows an activity.
  func tool(of activity: Activity) -> Tool? {
    switch activity.typeID {
    case nil: tools.first
    case 0: tool(at: activity.toolURL ?? "")
    case let id: tools.first { $0.typeID == id }
    }
  }

  /// The usable tool with the lowest type id that stands on a URL's host and port: how Moodle picks one by address.
  func tool(at url: String) -> Tool? {
    guard let domain = Tool.domain(of: url) else { return nil }
    return tools.filter { $0.state == .configured && Tool.domain(of: $0.baseURL) == domain }
      .min { $0.typeID < $1.typeID }
  }
}

extension Platform {
  /// The first registered tool; a test may point it elsewhere once its port is known.
  package var tool: Tool {
    get { state.withLock { $0.tools[0] } }
    set { state.withLock { $0.tools[0] = newValue } }
  }

  /// Every registered tool, those waiting for the administrator too.
  package var tools: [Tool] { state.withLock { $0.tools } }

  /// A registered tool by its type id.
  package func tool(typeID: Int) -> Tool? { tools.first { $0.typeID == typeID } }

  /// Adds a tool, as an administrator does by hand.
  package func addTool(_ tool: Tool) { state.withLock { $0.tools.append(tool) } }

  /// Changes a tool's settings; nothing happens for an unknown type id.
  package func changeTool(typeID: Int, _ change: (inout Tool) -> Void) {
    guard var tool = tool(typeID: typeID) else { return }
    change(&tool)
    let changed = tool
    state.withLock { state in
      guard let index = state.tools.firstIndex(where: { $0.typeID == typeID }) else { return }
      state.tools[index] = changed
    }
  }

  /// The tool that shows an activity; nil when none does.
  func tool(of activity: Activity) -> Tool? { state.withLock { $0.tool(of: activity) } }

  /// Whether a tool shows the activity of this instance id.
  func shows(_ tool: Tool, instance: Int) -> Bool {
    state.withLock { state in
      state.activities.contains { $0.instance == instance && state.tool(of: $0)?.typeID == tool.typeID }
    }
  }
}
