import Foundation

extension ProgramRun {
  /// The administrator's command as a user who may do what everybody may and no more.
  /// - Parameter folder: where a copy of the command is put, because not everybody may walk to the one that was built.
  static func commandAsNobody(
    _ words: [String], from folder: URL, environment: [(String, String)]
  ) throws -> ProgramRun {
    let command = folder.appending(path: "passerelle")
    if !FileManager.default.fileExists(atPath: command.path) {
      try ShellCommand.copyProgram(Stack.command, to: command)
    }
    return try run(
      "/usr/bin/setpriv",
      arguments: ["--reuid=65534", "--regid=65534", "--clear-groups", "--", command.path] + words,
      environment: environment)
  }
}
