import Foundation
import JOSE
import Passerelle
import TestSupport
import Testing
import Wire

/// What browsers are sent of the client library is made from what people read. These tests only read files.
@Suite struct LibraryFileTests {
  /// The largest size over the wire, compressed: of the core, and of each part.
  private static let limits = (core: 6 * 1024, part: 4 * 1024)
  private static let folder = Stack.root.appendingPathComponent("Sources/Passerelle")

  private static func made(_ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent("Resources/\(name)"), encoding: .utf8)
  }

  @Test("Each script is made from its source as it is now, and small: the core 6 KiB compressed, a part 4")
  func made() throws {
    let sources = try FileManager.default.contentsOfDirectory(
      atPath: Self.folder.appendingPathComponent("Library").path
    )
    .filter { $0.hasSuffix(".js") }.sorted()
    #expect(sources == (["passerelle.js"] + ScriptFile.parts.map { "passerelle-\($0).js" }).sorted())
    for name in sources {
      let source = try Data(contentsOf: Self.folder.appendingPathComponent("Library/\(name)"))
      let path = Self.folder.appendingPathComponent("Resources/\(name)").path
      let text = try Self.made(name)
      let digest = Hex.encode(Array(SHA256.hash(Array(source)).prefix(4)))
      #expect(text.hasPrefix("//\(digest)\n"), "\(name): run Sources/Passerelle/Library/minify")
      let run = try ShellCommand(["bash", "-c", "gzip -9 <\"$1\" | wc -c", "size", path])
      let size = try #require(Int(run.output.trimmingCharacters(in: .whitespacesAndNewlines)))
      print("\(name): \(text.utf8.count) bytes, \(size) compressed")
      #expect(size <= (name == "passerelle.js" ? Self.limits.core : Self.limits.part), "\(name)")
    }
  }

  @Test("The core knows the version and the hash of its first part, and that one the hashes of all others")
  func hashes() throws {
    func integrity(_ part: String) throws -> String {
      let file = try #require(ScriptFile(name: "passerelle-\(part)-\(Version.current).js"))
      #expect(try file.bytes == Array(Self.made("passerelle-\(part).js").utf8))
      return file.integrity
    }
    let core = try Self.made("passerelle.js")
    #expect(core.contains("\"\(Version.current)\""))
    #expect(try core.contains(integrity("parts")))
    let parts = try Self.made("passerelle-parts.js")
    for part in ScriptFile.parts where part != "parts" {
      let hash = try integrity(part)
      #expect(parts.contains("\(part):\"\(hash)\""), "\(part): run Sources/Passerelle/Library/minify")
    }
    #expect(!(core + parts).contains("HASH"))
  }

  @Test("passerelle.js exports nothing, passerelle.mjs does, and both stand under the version's name, too")
  func names() throws {
    let exports = "export const { connect }"
    for name in ScriptFile.names {
      let file = try #require(ScriptFile(name: name), "\(name)")
      let text = String(decoding: file.bytes, as: UTF8.self)
      #expect(text.contains(exports) == name.hasSuffix(".mjs"), "\(name)")
      #expect(file.isImmutable == name.contains(Version.current), "\(name)")
    }
    #expect(ScriptFile(name: "passerelle-scorm.js") == nil)
    #expect(ScriptFile(name: "passerelle-0.9.0.js") == nil)
    #expect(ScriptFile(name: "../passerelle.js") == nil)
  }
}
