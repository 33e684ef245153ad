import Foundation
import TestSupport
import Testing
import Wire

/// `passerelle package`: a SCORM package becomes a mini-site, or nothing at all.
@Suite(.needsStack) struct PackageTests {
  private static let manifest = """
    \u{FEFF}<?xml version="1.0" encoding="UTF-8"?>
    <manifest xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
      <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion>
        <lom xmlns="http://www.imsglobal.org/xsd/imsmd_rootv1p2p1"><general><language>fr</language></general></lom></metadata>
      <organizations default="o"><organization identifier="o"><title>Sécurité &amp; santé</title>
        <item identifier="i1" identifierref="r1"><title>Les risques</title><adlcp:masteryscore>80</adlcp:masteryscore></item>
        <item identifier="c"><title>Chapitre</title>
          <item identifier="i2" identifierref="r2" parameters="?mode=2"><title>Les risques</title></item></item>
        <item identifier="i3" identifierref="asset"><title>Annexe</title></item></organization></organizations>
      <resources>
        <resource identifier="r1" type="webcontent" adlcp:scormtype="sco" href="un/index.html"/>
        <resource identifier="r2" type="webcontent" adlcp:scormtype="sco" href="deux.html"/>
        <resource identifier="asset" type="webcontent" adlcp:scormtype="asset" href="annexe.html"/>
      </resources>
    </manifest>
    """

  private static var good: [ZipFile.Entry] {
    var long = ZipFile.Entry("deux.html", String(repeating: "<p>Deux fois le même texte.</p>\n", count: 5000))
    long.isDeflated = true
    var noise = ZipFile.Entry("un/bruit.bin", "")
    noise.contents = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    noise.isDeflated = true
    return [
      ZipFile.Entry("imsmanifest.xml", manifest), ZipFile.Entry("un/", ""), ZipFile.Entry("un/index.html", "<p>Un"),
      long,
      noise, ZipFile.Entry("annexe.html", "<p>Annexe"),
    ]
  }

  /// Runs a test in a world with a folder of its own, and the folder that the package is to make.
  private func run(_ body: (World, URL, String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("package-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try World.run(.inProcess) { world in try body(world, folder, folder.path + "/site") }
  }

  @Test("A package is unpacked whole, its module and a grain for each unit are added, and each has its page")
  func made() throws {
    try run { world, folder, site in
      let zip = try ZipFile(entries: Self.good).write(to: folder)
      let run = try world.command("package", zip, "--to", site, "--url", "https://contenu.example/securite/")
      #expect(run.status == 0, "\(run.errorText)")
      #expect(run.text.contains("SCORM 1.2") && run.text.contains("passed from 80"), "\(run.text)")
      for entry in Self.good where !entry.name.hasSuffix("/") {
        let written = try Data(contentsOf: URL(fileURLWithPath: site + "/content/" + entry.name))
        #expect(Array(written) == entry.contents, "\(entry.name)")
      }
      let module: String = try world.database.value("select title from public.modules where slug = 'securite-sante'")
      #expect(module == "Sécurité & santé")
      let grains: [String] = try world.database.values(
        """
        select g.slug from public.grains g join public.modules m on m.id = g.module where m.slug = 'securite-sante'
        order by g.sort
        """)
      #expect(grains == ["les-risques", "les-risques-2"])
      let tag = try world.command("script").text.trimmingCharacters(in: .whitespacesAndNewlines)
      let index = try String(contentsOfFile: site + "/index.html", encoding: .utf8)
      #expect(index.contains(tag) && index.contains("href=\"les-risques-2.html\""))
      #expect(
        index.contains("<h1>Sécurité &amp; santé</h1>")
          && index.contains("<html lang=\"fr\" data-passerelle-module=\"securite-sante\">"))
      let page = try String(contentsOfFile: site + "/les-risques-2.html", encoding: .utf8)
      #expect(page.contains("data-src=\"content/deux.html?mode=2\"") && page.contains("data-passerelle-scorm=\"1.2\""))
      #expect(page.contains("<a href=\"index.html\">◂ Sécurité &amp; santé</a>"))
      #expect(!run.errorText.contains("own address"))
      let english = folder.path + "/english"
      #expect(try world.command("package", zip, "--to", english, "--module", "other", "--language", "en").status == 0)
      #expect(try String(contentsOfFile: english + "/index.html", encoding: .utf8).contains("<html lang=\"en\" "))
      // Not over what is there.
      let again = try world.command("package", zip, "--to", site)
      #expect(again.status == 1 && again.errorText.contains("is there already"))
    }
  }

  @Test(
    "Where the mini-site has Passerelle's own address, the command warns; programs and web servers' settings stay out")
  func warnings() throws {
    try run { world, folder, site in
      let files = Self.good + [".htaccess", "un/shell.PHP", "web.config"].map { ZipFile.Entry($0, "x") }
      let zip = try ZipFile(entries: files).write(to: folder)
      let run = try world.command("package", zip, "--to", site, "--url", "\(world.tool.base.origin)/site/")
      #expect(run.status == 0 && run.errorText.contains("Passerelle's own address"), "\(run.errorText)")
      for name in [".htaccess", "un/shell.PHP", "web.config"] {
        #expect(run.errorText.contains("obey it: \(name)\n"), "\(run.errorText)")
        #expect(!FileManager.default.fileExists(atPath: site + "/content/" + name))
      }
    }
  }

  /// An entry that must not be unpacked, and a word of the reason.
  private static func hostile() -> [(entry: ZipFile.Entry, reason: String)] {
    func entry(_ name: String, _ change: (inout ZipFile.Entry) -> Void = { _ in }) -> ZipFile.Entry {
      var entry = ZipFile.Entry(name, "x")
      change(&entry)
      return entry
    }
    let out = "leads out of the folder"
    return [
      (entry("../evil.html"), out), (entry("un/../../evil.html"), out), (entry("/etc/evil"), out),
      (entry("C:\\evil"), out), (entry("un\\..\\evil"), out), (entry("un//evil"), out), (entry("./evil"), out),
      (entry("un/ev\u{0}il"), out), (entry("un/ev\nil"), out), (entry(String(repeating: "a/", count: 300) + "b"), out),
      (entry("link") { $0.mode = 0o120777 }, "symbolic link"), (entry("pipe") { $0.mode = 0o010644 }, "neither a file"),
      (entry("secret") { $0.flags = 1 }, "encrypted"), (entry("odd") { $0.method = 99 }, "not known"),
      (entry("UN/INDEX.html"), "twice"), (entry("un/index.html/below"), "below a file"),
      (entry("sum") { $0.checksum = 7 }, "broken"), (entry("short") { $0.claimedSize = 9 }, "broken"),
      (entry("garbage") { $0.method = 8 }, "broken"),
      (entry("huge") { $0.claimedSize = 600 << 20 }, "more than is allowed"),
      // A bomb says that it is small.
      (
        entry("bomb") {
          $0.contents = Array(repeating: 0, count: 20 << 20)
          $0.isDeflated = true
          $0.claimedSize = 10
        }, "broken"
      ),
    ]
  }

  @Test("A hostile archive is refused, and leaves no file and no module", arguments: hostile().indices)
  func hostile(_ index: Int) throws {
    let (entry, reason) = Self.hostile()[index]
    try run { world, folder, site in
      let zip = try ZipFile(entries: Self.good + [entry]).write(to: folder)
      let before = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      let run = try world.command("package", zip, "--to", site)
      #expect(run.status == 1 && run.errorText.contains(reason), "\(entry.name.prefix(30)): \(run.errorText)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == before)
      #expect(!FileManager.default.fileExists(atPath: folder.deletingLastPathComponent().path + "/evil.html"))
      #expect(try world.database.count("select from public.modules") == 1)
    }
  }

  @Test(
    "What is no package is refused in words: no ZIP file, cut off, no manifest, no unit, a start page that is not there"
  )
  func refused() throws {
    try run { world, folder, site in
      let whole = try ZipFile(entries: Self.good).bytes()
      let units = Self.manifest.replacing("scormtype=\"sco\"", with: "scormtype=\"asset\"")
      let entity = Self.manifest.replacing(
        "<manifest ", with: "<!DOCTYPE m [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><manifest ")
      let cases: [(bytes: [UInt8], reason: String)] = [
        (Array("no zip".utf8), "no ZIP file"), ([], "no ZIP file"), (Array(whole.dropLast()), "no ZIP file"),
        (Array(whole.dropFirst(40)), "broken"),
        (try ZipFile(entries: Array(Self.good.dropFirst())).bytes(), "no imsmanifest.xml"),
        (try ZipFile(entries: [ZipFile.Entry("imsmanifest.xml", units)]).bytes(), "no unit"),
        (try ZipFile(entries: [ZipFile.Entry("imsmanifest.xml", Self.manifest)]).bytes(), "is not in the archive"),
        (try ZipFile(entries: [ZipFile.Entry("imsmanifest.xml", "<manifest>")]).bytes(), "cannot be read"),
        (try ZipFile(entries: [ZipFile.Entry("imsmanifest.xml", entity)]).bytes(), "cannot be read"),
      ]
      for (bytes, reason) in cases {
        let file = folder.appendingPathComponent("case.zip")
        try Data(bytes).write(to: file)
        let run = try world.command("package", file.path, "--to", site)
        #expect(run.status == 1 && run.errorText.contains(reason), "\(reason): \(run.errorText)")
        #expect(!FileManager.default.fileExists(atPath: site))
      }
    }
  }
}
