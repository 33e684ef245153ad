import Wire

/// Where a grade stands on its way to the platform's gradebook.
package enum GradeStatus: String, CaseIterable, Sendable {
  /// Nothing is owed: the activity takes no grade, the person teaches, or there is nothing to give yet.
  case none
  /// Owed and on its way.
  case pending
  /// The platform has it.
  case delivered
  /// The platform refused it in a way that asking again cannot help.
  case failed
  /// The platform had it, and has nothing there any more.
  case emptied
  /// The platform no longer has the activity.
  case gone

  /// What a learner is told.
  package var words: Words {
    switch self {
    case .none:
      Words(fr: "Aucune note à envoyer pour l’instant.", en: "No grade to send for now.")
    case .pending:
      Words(
        fr: "Progression enregistrée. La note est en attente et sera envoyée à Moodle.",
        en: "Progress saved. The grade is waiting and will be sent to Moodle.")
    case .delivered:
      Words(fr: "Note envoyée à Moodle.", en: "Grade sent to Moodle.")
    case .failed:
      Words(
        fr: "Progression enregistrée, mais Moodle a refusé la note. Signalez-le à votre enseignant.",
        en: "Progress saved, but Moodle refused the grade. Please tell your teacher.")
    case .emptied:
      Words(
        fr: "Progression enregistrée. Moodle n’a plus votre note : terminer un grain de nouveau la renvoie.",
        en: "Progress saved. Moodle no longer has your grade: finishing a grain once more sends it again.")
    case .gone:
      Words(
        fr: "Progression enregistrée. Cette activité n’existe plus dans Moodle.",
        en: "Progress saved. This activity no longer exists in Moodle.")
    }
  }

  /// What a learner is told of a grade that waits for nothing but the timer.
  package static var wordsOfSoon: Words {
    Words(
      fr: "Progression enregistrée. La note part pour Moodle dans la minute.",
      en: "Progress saved. The grade leaves for Moodle within the minute.")
  }

  /// What a teacher is told of a learner's grade.
  package var wordsForTeachers: Words {
    switch self {
    case .none: Words(fr: "Aucune note à envoyer.", en: "No grade to send.")
    case .pending: Words(fr: "La note attend d’être envoyée à Moodle.", en: "The grade waits to be sent to Moodle.")
    case .delivered: Words(fr: "Moodle a la note.", en: "Moodle has the grade.")
    case .failed: Words(fr: "Moodle a refusé la note.", en: "Moodle refused the grade.")
    case .emptied: Words(fr: "Moodle n’a plus la note.", en: "Moodle no longer has the grade.")
    case .gone: Words(fr: "L’activité n’existe plus dans Moodle.", en: "The activity no longer exists in Moodle.")
    }
  }
}

/// How many grains of a module are completed, in words: the comment beside the grade in the gradebook.
package struct GrainCount: Equatable, Sendable {
  /// Active grains completed.
  package let completed: Int
  /// Active grains in the module.
  package let total: Int

  /// Counts as the database gives them.
  package init(completed: Int, total: Int) {
    self.completed = completed
    self.total = total
  }

  /// Whether nothing is left to do.
  package var isComplete: Bool { total > 0 && completed >= total }

  /// "3 grains sur 4", "3 of 4 grains".
  package var words: Words {
    Words(
      fr: "\(completed) \(completed > 1 ? "grains" : "grain") sur \(total)",
      en: "\(completed) of \(total) \(total > 1 ? "grains" : "grain")")
  }
}
