import Foundation

/// A program run to its end, with what it said.
struct ShellCommand {
  /// Exit status.
  let status: Int32
  /// Standard output and standard error, as they came.
  let output: String

  /// Runs a program from `PATH` with nothing on standard input.
  ///
  /// - Throws: What `Process.run` throws when the program cannot be started.
  init(_ words: [String], in directory: URL? = nil) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = directory
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    status = process.terminationStatus
    output = String(decoding: bytes, as: UTF8.self)
  }

  /// Copies a program to where everybody may run it.
  ///
  /// By a process of its own: this one starts others meanwhile, which would inherit the file open for writing, and a file
  /// that somebody writes cannot be run ("Text file busy").
  static func copyProgram(_ source: String, to place: URL) throws {
    let copied = try ShellCommand(["install", "-m", "755", source, place.path])
    guard copied.status == 0 else { throw ProgramRun.Failure.system("install: \(copied.output)", errno: 0) }
  }

  /// What `curl -si` showed, taken apart: the last answer's status, header lines and body.
  struct Answer {
    let status: Int
    let fields: [(name: String, value: String)]
    let body: String

    /// Every value of a header field, in order.
    func values(_ name: String) -> [String] {
      fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
  }

  /// One exchange by curl, as an administrator would try it.
  static func curl(_ arguments: [String]) throws -> Answer? {
    let text = try ShellCommand(["curl", "-si", "--max-time", "30"] + arguments).output
    // An interim answer (100 Continue) comes before the one that counts.
    var rest = text[...]
    while rest.hasPrefix("HTTP/1.1 100"), let end = rest.range(of: "\r\n\r\n") { rest = rest[end.upperBound...] }
    guard let end = rest.range(of: "\r\n\r\n") else { return nil }
    let lines = rest[..<end.lowerBound].components(separatedBy: "\r\n")
    guard let first = lines.first?.split(separator: " "), first.count > 1, let status = Int(first[1]) else {
      return nil
    }
    let fields = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      return (String(line[..<colon]), value)
    }
    return Answer(status: status, fields: fields, body: String(rest[end.upperBound...]))
  }
}
