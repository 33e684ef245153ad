import Passerelle
import Wire

/// A page of the manual in the man macros, made of the definitions that `--help` shows.
struct ManualPage {
  /// Without the section: `passerelle-grade`.
  let name: String
  private(set) var text: String
  private let language: Language

  /// The page of the whole command: what there is, and where it is described.
  init(of whole: CommandDescription, in language: Language) {
    self.init(whole.commandName, whole.abstract, language)
    section(Words(fr: "SYNOPSIS", en: "SYNOPSIS"))
    macro("B", whole.commandName)
    line(Words(fr: "COMMANDE [OPTION…]", en: "COMMAND [OPTION…]")[language])
    describe(whole.discussion)
    section(Words(fr: "COMMANDES", en: "COMMANDS"))
    for command in Self.shown(whole.subcommands) {
      let page = "\(whole.commandName)-\(command.commandName)"
      line(".TP\n\\fB\(Self.escaped(page))\\fR(1)")
      line(Self.escaped(command.abstract ?? ""))
    }
    section(Words(fr: "FICHIERS", en: "FILES"))
    entry(
      Workplace.standardSettingsFile,
      Words(
        fr: "Les réglages, que lit aussi le serveur web. PASSERELLE_CONFIG en nomme un autre.",
        en: "The settings, which the web server reads, too. PASSERELLE_CONFIG names another file."))
    entry(
      "/etc/passerelle/owner.env",
      Words(
        fr: "La connexion du propriétaire des tables, que seul root lit.",
        en: "The connection of the tables' owner, which root alone reads."))
    section(Words(fr: "ENVIRONNEMENT", en: "ENVIRONMENT"))
    entry(
      "LC_ALL, LC_MESSAGES, LANG",
      Words(
        fr:
          "La langue des messages : le français pour un environnement linguistique français, l’anglais sinon. Les codes, les "
          + "états et --json ne changent pas.",
        en:
          "The language of messages: French where the locale is French, English otherwise. Codes, states and --json stay the "
          + "same."))
    section(Words(fr: "CODE DE SORTIE", en: "EXIT STATUS"))
    entry("0", Words(fr: "Fait.", en: "Done."))
    entry(
      "1",
      Words(
        fr: "Refusé ou échoué, avec la raison sur la sortie d’erreur.",
        en: "Refused or failed, with the reason on standard error."))
    entry("64", Words(fr: "Mauvais usage.", en: "Wrong usage."))
  }

  /// The page of one command, with what is below it.
  init(of command: CommandDescription, below parent: String, in language: Language) {
    self.init("\(parent)-\(command.commandName)", command.abstract, language)
    let path = "\(parent) \(command.commandName)"
    section(Words(fr: "SYNOPSIS", en: "SYNOPSIS"))
    let below = Self.shown(command.subcommands)
    if below.isEmpty {
      synopsis(path, command)
    } else {
      for (number, each) in below.enumerated() {
        if number > 0 { line(".br") }
        synopsis("\(path) \(each.commandName)", each)
      }
    }
    describe(command.discussion)
    if below.isEmpty {
      section(Words(fr: "OPTIONS", en: "OPTIONS"))
      options(command)
    } else {
      section(Words(fr: "COMMANDES", en: "COMMANDS"))
      for each in below {
        line(".SS \"\(Self.escaped("\(path) \(each.commandName)"))\"")
        line(Self.escaped(each.abstract ?? ""))
        if let discussion = each.discussion, !discussion.isEmpty {
          line(".PP")
          paragraphs(discussion)
        }
        options(each)
      }
    }
    section(Words(fr: "VOIR AUSSI", en: "SEE ALSO"))
    line("\\fB\(Self.escaped(parent))\\fR(1)")
  }

  private init(_ name: String, _ abstract: String?, _ language: Language) {
    self.name = name
    self.language = language
    let title = Words(fr: "Manuel de Passerelle", en: "Passerelle's manual")[language]
    text = """
      .\\" Made by "passerelle manual" of what --help shows.
      .TH \(Self.escaped(name.uppercased())) 1 "" "Passerelle \(Self.escaped(Version.current))" "\(Self.escaped(title))"
      .SH \(Words(fr: "NOM", en: "NAME")[language])
      \(Self.escaped(name)) \\- \(Self.escaped(abstract ?? ""))

      """
  }

  // MARK: - Parts

  private static func shown(_ commands: [CommandDescription]?) -> [CommandDescription] {
    // The parser's own, of which every --help speaks.
    (commands ?? []).filter { $0.commandName != "help" }
  }

  private mutating func synopsis(_ path: String, _ command: CommandDescription) {
    var words = ["\\fB\(Self.escaped(path))\\fR"]
    for argument in (command.arguments ?? []) where argument.shouldDisplay && !isOwn(argument) {
      var word =
        argument.kind == "positional"
        ? value(argument) : [name(argument), value(argument)].filter { !$0.isEmpty }.joined(separator: " ")
      if argument.isRepeating { word += " …" }
      words.append(argument.isOptional || argument.kind == "flag" ? "[\(word)]" : word)
    }
    line(words.joined(separator: " "))
  }

  private mutating func describe(_ discussion: String?) {
    guard let discussion, !discussion.isEmpty else { return }
    section(Words(fr: "DESCRIPTION", en: "DESCRIPTION"))
    paragraphs(discussion)
  }

  /// Lines that are indented are examples, and stay as they are.
  private mutating func paragraphs(_ discussion: String) {
    var isExample = false
    for each in discussion.split(separator: "\n", omittingEmptySubsequences: true) {
      if each.hasPrefix("  ") != isExample {
        isExample.toggle()
        line(isExample ? ".PP\n.nf\n.RS 4" : ".RE\n.fi\n.PP")
      }
      line(Self.escaped(isExample ? String(each.dropFirst(2)) : String(each)))
    }
    if isExample { line(".RE\n.fi") }
  }

  private mutating func options(_ command: CommandDescription) {
    for argument in (command.arguments ?? []) where argument.shouldDisplay {
      let names = (argument.names ?? []).map { "\\fB\(Self.escaped($0.text))\\fR" }.joined(separator: ", ")
      line(".TP\n" + [names, value(argument)].filter { !$0.isEmpty }.joined(separator: " "))
      var words = help(argument) ?? argument.abstract ?? ""
      if let discussion = argument.discussion, !discussion.isEmpty { words += " " + discussion }
      if let value = argument.defaultValue, !value.isEmpty {
        words += Words(fr: " (par défaut : \(value))", en: " (default: \(value))")[language]
      }
      line(Self.escaped(words))
    }
  }

  /// The parser's own two options, of which it speaks English only.
  private func help(_ argument: CommandDescription.Argument) -> String? {
    switch argument.preferredName?.text {
    case "--help": Words(fr: "Affiche l’aide.", en: "Show help information.")[language]
    case "--version": Words(fr: "Affiche la version.", en: "Show the version.")[language]
    default: nil
    }
  }

  private func isOwn(_ argument: CommandDescription.Argument) -> Bool { help(argument) != nil }

  private func name(_ argument: CommandDescription.Argument) -> String {
    argument.preferredName.map { "\\fB\(Self.escaped($0.text))\\fR" } ?? ""
  }

  private func value(_ argument: CommandDescription.Argument) -> String {
    guard argument.kind != "flag", let name = argument.valueName else { return "" }
    return "\\fI\(Self.escaped(name))\\fR"
  }

  private mutating func entry(_ term: String, _ words: Words) {
    line(".TP\n\\fB\(Self.escaped(term))\\fR")
    line(Self.escaped(words[language]))
  }

  private mutating func section(_ title: Words) { line(".SH \"\(title[language])\"") }

  private mutating func macro(_ name: String, _ argument: String) { line(".\(name) \(Self.escaped(argument))") }

  private mutating func line(_ words: String) { text += words + "\n" }

  /// A text as troff prints it: nothing of it is a request, and no hyphen becomes a dash.
  static func escaped(_ text: String) -> String {
    var output = ""
    for character in text {
      switch character {
      case "\\": output += "\\e"
      case "-": output += "\\-"
      case "\"": output += "\\(dq"
      // Not every terminal has these; troff knows what to print there.
      case "’": output += "\\(cq"
      case "“": output += "\\(lq"
      case "”": output += "\\(rq"
      case "«": output += "\\(Fo"
      case "»": output += "\\(Fc"
      case "›": output += "\\(fc"
      case "…": output += "..."
      case "\u{A0}": output += "\\ "
      default: output.append(character)
      }
    }
    return output.hasPrefix(".") || output.hasPrefix("'") ? "\\&" + output : output
  }
}
