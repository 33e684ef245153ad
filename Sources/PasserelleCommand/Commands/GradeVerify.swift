import ArgumentParser
import HTTPClient
import Passerelle
import Store
import Wire

/// `passerelle grade verify`: compares what Moodle has with what it was given.
struct GradeVerify: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "verify",
      abstract: Words(
        fr: "Lit les résultats de Moodle et les compare à ce qui a été transmis.",
        en: "Read Moodle's results and compare them with what was delivered."),
      discussion: Words(
        fr: """
          Sans choix, toutes sont comparées. Ce que Moodle n’a plus devient « emptied » ; ce qui diffère (la note \
          propre d’un enseignant) est signalé et reste. Les notes de LTI 1.1 se lisent une à une, et jamais avec \
          --due. Code de sortie 1 quand quelque chose n’a pas pu être lu.
          """,
        en: """
          Without a choice all are compared. What Moodle has no more becomes “emptied”; what differs (a teacher's own grade) is told \
          and stays. Grades of LTI 1.1 are read one by one, and never by --due. Exit status 1 when something could not be read.
          """))
  }

  @Option(help: .init(Words(fr: "Seulement une activité, par son identifiant.", en: "Only an activity, by its id.")))
  var activity: String?
  @Option(
    help: .init(
      Words(
        fr: "Seulement une plateforme, par son émetteur, son nom ou son identifiant.",
        en: "Only a platform, by its issuer, name or id.")))
  var platform: String?
  @Flag(help: .init(Words(fr: "Toutes les activités.", en: "All activities.")))
  var all = false
  @Flag(
    help:
      .init(
        Words(
          fr: "Celles dont c’est le tour : ouvertes depuis la dernière fois, il y a une heure ou plus ; "
            + "les autres une fois par nuit. Pour la minuterie.",
          en:
            "Those whose turn it is: launched since the last time, an hour ago or more; the others once a night. For the timer."
        ))
  )
  var due = false
  @Flag(
    help: .init(
      Words(
        fr: "Remet en attente ce qui est vidé ; le prochain grade sync l’envoie.",
        en: "Make what is emptied pending again; the next grade sync sends it.")))
  var resend = false

  func validate() throws {
    guard [activity != nil, platform != nil, all, due].count(where: { $0 }) <= 1 else {
      throw ValidationError(
        Words(
          fr: "Choisissez l’un de --activity, --platform, --all et --due.",
          en: "Choose one of --activity, --platform, --all and --due."))
    }
    guard !(resend && due) else {
      throw ValidationError(
        Words(
          fr: "--resend se décide par une personne, pas avec --due.",
          en: "--resend is for a person to say, not for --due."))
    }
  }

  func run() throws {
    try Console.run {
      let workplace = try Workplace()
      let database = workplace.database
      if let activity, try !Grades.hasActivity(activity, in: database) {
        throw CommandFailure(
          Words(
            fr: "il n’y a pas d’activité \(activity) ; voir : passerelle activity list",
            en: "there is no activity \(activity); see: passerelle activity list"))
      }
      let chosen = try platform.map { try workplace.platform($0) }
      let candidates = try Verification.candidates(
        activity: activity, platform: chosen?.id, due: due, in: database)
      var environment = workplace.environment
      environment.readLongAnswers(upTo: GradeVerification.maximumBytes)
      let verification = GradeVerification(environment: environment, database: database)
      var bar = ProgressBar(Words(fr: "activités", en: "activities"))
      var found = Verification.Found()
      var (compared, gone) = (0, 0)
      var unread: [Words] = []
      for candidate in candidates {
        switch try verification.verify(candidate) {
        case .compared(let more):
          compared += 1
          found = found + more
        case .gone: gone += 1
        case .busy: break
        case .unread(let code, let words): unread.append(Words { "\(candidate.activity): \(code): \(words[$0])" })
        }
        bar.advance(of: candidates.count)
      }
      bar.finish()
      var line = [
        Words(
          fr: "activités comparées \(compared) : égales \(found.equal), vidées \(found.emptied), différentes "
            + "\(found.different)",
          en: "compared \(compared) activities: equal \(found.equal), emptied \(found.emptied), different "
            + "\(found.different)")
      ]
      if found.restored > 0 {
        line.append(Words(fr: ", revenues \(found.restored)", en: ", there again \(found.restored)"))
      }
      if found.passedOver > 0 {
        line.append(Words(fr: ", en cours \(found.passedOver)", en: ", under way \(found.passedOver)"))
      }
      if gone > 0 { line.append(Words(fr: " ; activités disparues \(gone)", en: "; gone \(gone) activities")) }
      Console.say(Words { language in line.map { $0[language] }.joined() })
      if resend {
        let selection = Grades.Selection(activity: activity, platform: chosen?.issuer)
        let again = try Grades.sendAgain(status: .emptied, selection, in: database)
        Console.say(Words(fr: "de nouveau en attente : \(again)", en: "pending again: \(again)"))
      }
      if !unread.isEmpty {
        throw CommandFailure(
          Words(
            fr: "non lus : \(unread.map(\.french).joined(separator: " ; "))",
            en: "not read: \(unread.map(\.english).joined(separator: "; "))"))
      }
    }
  }
}
