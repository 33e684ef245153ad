import Foundation
import TestSupport
import Testing
import Wire

/// The package's manifest against the sources.
@Suite struct ManifestTests {
  /// A target of the package, as SwiftPM understands the manifest.
  private struct Target {
    let name: String
    let folder: URL
    let dependencies: Set<String>

    init?(_ description: JSONValue) {
      guard let name = description["name"]?.stringValue, let kind = description["type"]?.stringValue else { return nil }
      self.name = name
      let place = description["path"]?.stringValue ?? (kind == "test" ? "Tests/" : "Sources/") + name
      folder = Document.root.appendingPathComponent(place).standardizedFileURL
      dependencies = Set(
        (description["dependencies"]?.arrayValue ?? []).compactMap { dependency in
          (dependency["byName"] ?? dependency["target"] ?? dependency["product"])?.arrayValue?.first?.stringValue
        })
    }
  }

  /// SwiftPM builds a module that is not named at some other time, and then the build fails, or not, as it happens.
  @Test("A target names the modules that its sources import, and no other")
  func imports() throws {
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("manifest-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let answer = try ShellCommand(
      ["sh", "-c", "swift package --scratch-path \"$1\" dump-package 2>/dev/null", "sh", scratch.path],
      in: Document.root)
    try #require(answer.status == 0, "\(answer.output)")
    let targets = try #require(JSONValue(parsing: answer.output, maxBytes: 1 << 20)["targets"]?.arrayValue)
      .compactMap(Target.init)
    let names = Set(targets.map(\.name))
    // What a program is linked with, and no source imports.
    let linked: Set<String> = ["CLibPQStatic", "CGIStart", "CICUStub"]
    #expect(names.isSuperset(of: ["Wire", "Passerelle", "EndToEndTests"]))
    for target in targets {
      let inner = targets.map(\.folder.path).filter { $0.hasPrefix(target.folder.path + "/") }
      var imported: Set<String> = []
      let files = FileManager.default.enumerator(at: target.folder, includingPropertiesForKeys: nil)
      for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
        if inner.contains(where: { file.standardizedFileURL.path.hasPrefix($0 + "/") }) { continue }
        let text = try String(contentsOf: file, encoding: .utf8)
        for match in text.matches(of: /(?m)^(?:@testable )?import (?:(?:struct|enum|class|func) )?(\w+)/) {
          imported.insert(String(match.1))
        }
      }
      let used = imported.intersection(names)
      let unnamed = used.subtracting(target.dependencies)
      #expect(unnamed == [], "\(target.name) does not name \(unnamed)")
      let unused = target.dependencies.intersection(names).subtracting(used).subtracting(linked)
      #expect(unused == [], "\(target.name) names \(unused) and uses nothing of it")
    }
  }
}
