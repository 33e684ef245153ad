/// A text as one word of a POSIX shell (POSIX.1-2017, XCU 2.2.2), for a command that is offered to paste.
package enum ShellWord {
  /// An option and its value, after a blank: ` --name value`. Joins a value that starts with a dash with `=`, or it would
  /// parse as an option.
  package static func option(_ name: String, _ value: String) -> String {
    " \(name)\(value.utf8.first == UInt8(ascii: "-") ? "=" : " ")\(quoted(value))"
  }

  /// The text itself when it has nothing that a shell looks at, otherwise in single quotes.
  package static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: "@"),
        UInt8(ascii: "%"), UInt8(ascii: ","):
        true
      default: false
      }
    }
    if isPlain, !text.isEmpty { return text }
    // A single quote ends the quoting, stands by itself, and begins it again.
    return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
  }
}
