import Wire

/// What Chromium's own protocol has beyond W3C WebDriver.
extension WebDriver {
  /// One command of the Chrome DevTools Protocol, for the tab that is entered.
  @discardableResult
  func devTools(_ name: String, _ parameters: JSONValue = [:]) throws(WebDriverError) -> JSONValue {
    try command("POST", "/goog/cdp/execute", ["cmd": .string(name), "params": parameters])
  }

  /// Shows the page as on a screen of this size, which may be smaller than any window.
  func resize(width: Int, height: Int) throws(WebDriverError) {
    try devTools(
      "Emulation.setDeviceMetricsOverride",
      ["width": .number(Double(width)), "height": .number(Double(height)), "deviceScaleFactor": 1, "mobile": false])
  }

  /// What the browser says of its owner's wishes, such as `forced-colors: active`.
  func prefer(_ features: [(name: String, value: String)]) throws(WebDriverError) {
    try devTools(
      "Emulation.setEmulatedMedia",
      ["features": .array(features.map { ["name": .string($0.name), "value": .string($0.value)] })])
  }

  /// The page on paper as its style wants it, without backgrounds, which is what browsers print unless told otherwise: a PDF.
  func printed() throws(WebDriverError) -> [UInt8] {
    let answer = try devTools("Page.printToPDF", ["preferCSSPageSize": true, "printBackground": false])
    guard let pdf = answer["data"]?.stringValue.flatMap({ Base64.decode($0) }) else {
      throw .malformed(command: "Page.printToPDF")
    }
    return pdf
  }

  /// The nodes that Chromium tells assistive technology of: role and name.
  func accessibleNodes() throws(WebDriverError) -> [(role: String, name: String)] {
    try devTools("Accessibility.enable")
    let tree = try devTools("Accessibility.getFullAXTree")
    try devTools("Accessibility.disable")
    return (tree["nodes"]?.arrayValue ?? []).compactMap { node in
      guard node["ignored"] != true, let role = node["role"]?["value"]?.stringValue else { return nil }
      return (role, node["name"]?["value"]?.stringValue ?? "")
    }
  }
}
