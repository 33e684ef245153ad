import Foundation
import TestSupport
import Testing
import Wire

/// What a real authoring tool's content called, recorded in a browser (Tests/Fixtures/content): calls with their answers.
struct ContentTrace {
  /// The file, whole.
  let json: JSONValue

  init(_ name: String) throws {
    let path = Stack.root.appendingPathComponent("Tests/Fixtures/content/\(name).json")
    json = try JSONValue(parsing: Array(Data(contentsOf: path)), maxBytes: 1 << 22)
  }

  /// The calls before the learner first does something, and those after.
  var halves: [JSONValue] {
    let entries = json.arrayValue ?? []
    let first = entries.firstIndex { $0["call"]?.stringValue?.hasPrefix("(event) do") == true } ?? entries.endIndex
    return [.array(Array(entries[..<first])), .array(Array(entries[first...]))]
  }

  /// `1.2` or `2004`: by the names of its calls.
  var version: String {
    let entries = json.arrayValue ?? []
    return entries.contains { $0["call"]?.stringValue?.hasPrefix("LMS") == true } ? "1.2" : "2004"
  }

  /// Makes the calls of `arguments[0]` to the API in the frame `#frame`; returns the answers that differ from the recorded
  /// ones. Error texts are the system's own, long values were cut, and moments are those of the recording.
  static let replay = """
    const outer = document.querySelector("#frame").contentWindow;
    const api = outer.API ?? outer.API_1484_11;
    const wrong = [];
    for (const { call, args, answer } of arguments[0]) {
      if (call.startsWith("(")) continue;
      const got = api[call](...args);
      if (/ErrorString|Diagnostic/.test(call) || String(answer).startsWith("(")) continue;
      if (/learner_id|student_id|_name|timestamp/.test(args[0])) continue;
      if (got !== answer) wrong.push([call, ...args, answer, got].join(" | ").slice(0, 300));
    }
    return wrong;
    """
}
