import ArgumentParser
import Foundation
import Passerelle
import Wire

/// `passerelle script`: the tag that authors paste, and the client library as files for a web server.
struct ScriptCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "script",
      abstract:
        Words(
          fr: "Affiche la ligne qui relie une page à cette Passerelle, avec l’empreinte du script ; ou "
            + "écrit les fichiers du script.",
          en:
            "Print the line that joins a page to this Passerelle, with the script's hash; or write the script's files."),
      discussion: Words(
        fr: """
          L’adresse nomme cette version, pour que les navigateurs la gardent toujours et en vérifient l’empreinte. Une \
          page qui doit suivre d’elle-même les mises à jour nomme plutôt passerelle.js, sans empreinte.
          """,
        en: """
          The address names this version, so that browsers keep it for ever and check its hash. A page that shall follow \
          updates by itself names passerelle.js instead, and no hash.
          """))
  }

  @Option(
    help: .init(
      Words(
        fr: "Un dossier où mettre les fichiers du script pour le serveur web ; ceux des anciennes "
          + "versions y restent.",
        en: "A folder in which to put the script's files for the web server; those of older versions stay there.")))
  var to: String?
  @Flag(help: .init(Words(fr: "En JSON.", en: "As JSON.")))
  var json = false

  func run() throws {
    try Console.run {
      if let to { return try Self.write(to: to) }
      let settings = try Workplace.settings()
      let (address, file) = try Self.versioned(settings)
      if json {
        return print(
          IndentedJSON.text([
            "src": .string(address), "integrity": .string(file.integrity), "version": .string(Version.current),
          ]))
      }
      print(try Self.tag(settings))
    }
  }

  /// The line that joins a page to this Passerelle.
  static func tag(_ settings: Settings) throws -> String {
    let (address, file) = try versioned(settings)
    return "<script src=\"\(address)\" integrity=\"\(file.integrity)\" crossorigin></script>"
  }

  private static func versioned(_ settings: Settings) throws -> (address: String, file: ScriptFile) {
    guard let file = ScriptFile(name: ScriptFile.versioned) else {
      throw CommandFailure(
        Words(
          fr: "le programme ne contient pas \(ScriptFile.versioned)", en: "the program holds no \(ScriptFile.versioned)"
        ))
    }
    return (settings.baseURL.insertingPath("/" + file.name).description, file)
  }

  /// Each file beside its name and then renamed: a browser gets the old one or the new one.
  private static func write(to folder: String) throws {
    let directory = URL(fileURLWithPath: folder, isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      for name in ScriptFile.names {
        guard let file = ScriptFile(name: name) else {
          throw CommandFailure(Words(fr: "le programme ne contient pas \(name)", en: "the program holds no \(name)"))
        }
        try Data(file.bytes).write(to: directory.appendingPathComponent(name), options: .atomic)
      }
    } catch let error as CocoaError {
      throw CommandFailure(
        Words(
          fr: "impossible d’écrire \(folder) : \(error.localizedDescription)",
          en: "\(folder) cannot be written: \(error.localizedDescription)"))
    }
    Console.say(
      Words(
        fr: "écrits : \(ScriptFile.names.count) fichiers dans \(folder)",
        en: "written: \(ScriptFile.names.count) files in \(folder)"))
  }
}
