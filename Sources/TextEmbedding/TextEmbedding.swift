import Foundation
import PackagePlugin

/// Puts the texts of a target (pages, scripts, SQL) into its program, as the string literals of an enum `PackageResources`.
///
/// SwiftPM's own `.embedInCode` writes each byte as a number: for half a megabyte of those the compiler needs minutes.
@main
struct TextEmbedding: BuildToolPlugin {
  /// The folders of a target whose files are embedded. The manifest excludes them: to SwiftPM they would be files that nobody handles.
  private static let folders = ["Functions", "Resources", "Tables"]

  /// One command for all texts of the target.
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let here = URL(filePath: #filePath).deletingLastPathComponent()
    let sources = here.deletingLastPathComponent().appending(path: target.name)
    var texts: [URL] = []
    for folder in Self.folders.map({ sources.appending(path: $0) })
    where FileManager.default.fileExists(atPath: folder.path) {
      texts += try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    }
    texts.sort { $0.path < $1.path }
    let script = here.appending(path: "embed")
    let output = context.pluginWorkDirectoryURL.appending(path: "PackageResources.swift")
    return [
      .buildCommand(
        displayName: "Embedding the texts of \(target.name)", executable: URL(filePath: "/bin/bash"),
        arguments: [script.path, output.path] + texts.map(\.path), inputFiles: [script] + texts, outputFiles: [output])
    ]
  }
}
