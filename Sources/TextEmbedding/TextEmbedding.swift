import Foundation
import PackagePlugin

/// Puts the texts of a target (pages, scripts, SQL) into its program, as the string literals of an enum `PackageResources`.
///
/// SwiftPM's own `.embedInCode` writes each byte as a number: for half a megabyte of those the compiler needs minutes.
@main
struct TextEmbedding: BuildToolPlugin {
  /// One command for all texts of the target: its files that are not excluded in the manifest, but for Swift and documentation.
  func createBuildCommands(context: PluginContext, target: Target) -> [Command] {
    guard let module = target.sourceModule else { return [] }
    let texts = module.sourceFiles.map(\.url).filter { !["swift", "docc"].contains($0.pathExtension) }
      .sorted { $0.path < $1.path }
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "embed")
    let output = context.pluginWorkDirectoryURL.appending(path: "PackageResources.swift")
    return [
      .buildCommand(
        displayName: "Embedding the texts of \(target.name)", executable: URL(filePath: "/bin/bash"),
        arguments: [script.path, output.path] + texts.map(\.path), inputFiles: [script] + texts, outputFiles: [output])
    ]
  }
}
