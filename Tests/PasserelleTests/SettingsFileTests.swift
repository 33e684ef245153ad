import Foundation
import Passerelle
import Testing

/// The `KEY=VALUE` file that `PASSERELLE_CONFIG` names.
@Suite struct SettingsFileTests {
  /// A file with these bytes, removed at the end.
  private final class File {
    let path: String
    init(_ bytes: Data) throws {
      path = FileManager.default.temporaryDirectory.appendingPathComponent("settings-\(UUID().uuidString)").path
      try bytes.write(to: URL(fileURLWithPath: path))
    }
    convenience init(_ text: String) throws { try self.init(Data(text.utf8)) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  @Test("Comments, blank lines, blanks and quotes are read as a shell and systemd read them")
  func reading() throws {
    let file = try File(
      "# comment\n\n A = 1 \nB=\"two words\"\r\nC='it = this'\nD=\nE=a=b=c\n\tF=\"\nG=\"\"\nA=last # kept\n#H=no")
    let settings = try SettingsFile(path: file.path)
    #expect(settings.values.map(\.name) == ["A", "B", "C", "D", "E", "F", "G", "A"])
    #expect(settings["B"] == "two words" && settings["C"] == "it = this" && settings["D"] == "")
    #expect(settings["E"] == "a=b=c" && settings["F"] == "\"" && settings["G"] == "")
    #expect(settings["A"] == "last # kept")
    #expect(settings["H"] == nil)
  }

  @Test("A byte order mark, CRLF and what a shell exports are taken as meant")
  func editors() throws {
    let file = try File("\u{FEFF}A=1\r\nexport B=2\r\n\texport\tC = 'three' \r\nexported=4\r\nexport=5\r\n")
    let settings = try SettingsFile(path: file.path)
    #expect(settings.values.map(\.name) == ["A", "B", "C", "exported", "export"])
    #expect(settings.values.map(\.value) == ["1", "2", "three", "4", "5"])
    let empty = try File("\u{FEFF}")
    #expect(try SettingsFile(path: empty.path).values.isEmpty)
  }

  @Test("The last line needs no line end, and a password may hold anything but a line end")
  func oddValues() throws {
    let file = try File("PASSWORD=p#ä$`\\'\"%")
    #expect(try SettingsFile(path: file.path)["PASSWORD"] == "p#ä$`\\'\"%")
  }

  @Test("A line that is no KEY=VALUE is named by its number")
  func badLine() throws {
    let file = try File("A=1\n\nB\n")
    #expect(throws: SettingsProblem.fileLine(path: file.path, line: 3)) { try SettingsFile(path: file.path) }
    let anonymous = try File("=1\n")
    #expect(throws: SettingsProblem.fileLine(path: anonymous.path, line: 1)) { try SettingsFile(path: anonymous.path) }
  }

  @Test("A file that is not there, a directory and a far too large file are unreadable")
  func unreadable() throws {
    #expect(throws: SettingsProblem.fileUnreadable(path: "/nonexistent/x", errno: ENOENT)) {
      try SettingsFile(path: "/nonexistent/x")
    }
    #expect(throws: SettingsProblem.fileUnreadable(path: "/", errno: EISDIR)) { try SettingsFile(path: "/") }
    let large = try File(Data(repeating: 0x23, count: 70_000))
    #expect(throws: SettingsProblem.fileUnreadable(path: large.path, errno: EFBIG)) {
      try SettingsFile(path: large.path)
    }
  }

  @Test("The environment wins over the file; an empty variable counts as none")
  func precedence() throws {
    let file = try File(
      completeSettings.map { "\($0)=\"\($1)\"" }.joined(separator: "\n") + "\nPASSERELLE_SESSION_HOURS=3\n")
    var environment = ["PASSERELLE_CONFIG": file.path]
    #expect(try Settings.ofProcess { environment[$0] }.sessionHours == 3)
    environment["PASSERELLE_SESSION_HOURS"] = "5"
    #expect(try Settings.ofProcess { environment[$0] }.sessionHours == 5)
    environment["PASSERELLE_SESSION_HOURS"] = ""
    #expect(try Settings.ofProcess { environment[$0] }.sessionHours == 3)
    #expect(throws: SettingsProblem.missing(.databaseURL)) { try Settings.ofProcess { _ in nil } }
  }
}
