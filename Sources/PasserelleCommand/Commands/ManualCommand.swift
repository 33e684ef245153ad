import ArgumentParser
import Foundation
import Passerelle
import Wire

/// `passerelle manual`: its own manual pages, which cgi-bin/install puts where `man` looks.
struct ManualCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "manual",
      abstract: Words(
        fr: "Écrit les pages de manuel de cette commande, dans la langue de l’environnement.",
        en: "Write this command's manual pages, in the language of the locale."),
      discussion: Words(
        fr: "Tirées des mêmes définitions que --help. Les pages en français vont dans fr/man1, les autres dans man1.",
        en: "Made of the same definitions as --help. French pages go into fr/man1, others into man1."))
  }

  @Option(
    help: .init(
      Words(
        fr:
          "Le dossier des pages de manuel, par exemple /usr/local/share/man ; sinon les pages vont à la sortie standard.",
        en: "The folder of manual pages, such as /usr/local/share/man; standard output when left out.")),
    completion: .directory)
  var to: String?

  func run() throws {
    try Console.run {
      let pages = try Self.pages(in: Console.language)
      guard let to else {
        for page in pages { print(page.text, terminator: "") }
        return
      }
      let folder = URL(fileURLWithPath: to, isDirectory: true)
        .appendingPathComponent(Console.language == .french ? "fr/man1" : "man1", isDirectory: true)
      do {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for page in pages {
          try Data(page.text.utf8).write(to: folder.appendingPathComponent("\(page.name).1"), options: .atomic)
        }
      } catch let error as CocoaError {
        throw CommandFailure(
          Words(
            fr: "impossible d’écrire \(folder.path) : \(error.localizedDescription)",
            en: "\(folder.path) cannot be written: \(error.localizedDescription)"))
      }
      Console.say(
        Words(
          fr: "écrites : \(pages.count) pages dans \(folder.path)",
          en: "written: \(pages.count) pages in \(folder.path)"))
    }
  }

  /// The page of the whole, and one for each command.
  private static func pages(in language: Language) throws -> [ManualPage] {
    let whole = try CommandDescription.whole()
    let below = (whole.subcommands ?? []).filter { $0.commandName != "help" }
    return [ManualPage(of: whole, in: language)]
      + below.map { ManualPage(of: $0, below: whole.commandName, in: language) }
  }
}
