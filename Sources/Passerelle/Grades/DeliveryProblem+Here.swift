import LTI
import Postgres
import Store
import Wire

/// What this program finds out by itself.
extension DeliveryProblem {
  /// The codes of these problems; a line item that is missing has that of ``ScoreRefusal``.
  enum Code: String, StableCode {
    case gradeLocked = "grade_locked"
    case lineItemUnderWay = "grade_line_item_under_way"
    case registrationMissing = "registration_missing"
    case gradeUnusable = "grade_unusable"
    case leaseLost = "lease_lost"
    case toolKeyUnusable = "tool_key_unusable"
    case consumerSecretUnusable = "consumer_secret_unusable"
    case databaseUnavailable = "database_unavailable"
    case activityGone = "activity_gone"
    case learnerNotEnrolled = "learner_not_enrolled"
    case activityWithoutGrade = "activity_without_grade"
  }

  /// A day of the same trouble: a person must look. Where Moodle itself answered, with errors 500 or results not stored, a
  /// locked grade is the likeliest, whatever else it may be; what something in front answered keeps its name.
  static func erredForADay(_ error: DeliveryProblem) -> DeliveryProblem {
    if error.isIntercepted {
      return DeliveryProblem(
        error.stableCode,
        Words(
          fr: "Depuis un jour, quelque chose répond à la place de Moodle. Si Moodle a changé d’adresse : "
            + "« passerelle platform move ». Sinon, une fois Moodle joignable, « passerelle grade retry ».",
          en:
            "For a day something has answered in Moodle’s place. If Moodle has another address now: “passerelle platform "
            + "move”. Otherwise, once Moodle can be reached, “passerelle grade retry”."),
        remedy: .change, leavesDoubt: error.leavesDoubt, logLine: "\(error.logLine) for a day")
    }
    return DeliveryProblem(
      Code.gradeLocked,
      Words(
        fr: "Moodle n’enregistre pas la note depuis un jour : elle est sans doute verrouillée dans le carnet de notes. "
          + "Déverrouillez-la, puis rouvrez l’activité ou lancez « passerelle grade retry ».",
        en:
          "Moodle has not stored the grade for a day: it is probably locked in the gradebook. Please unlock it, then "
          + "open the activity again or run “passerelle grade retry”."),
      remedy: .change, leavesDoubt: error.leavesDoubt, logLine: "\(Code.gradeLocked.rawValue) \(error.logLine)")
  }

  /// The score meets 404, the list of line items no longer names the activity, and none may be made for it.
  static var activityGone: DeliveryProblem {
    DeliveryProblem(
      Code.activityGone,
      Words(
        fr: "L’activité n’existe plus dans Moodle. Rien ne lui est plus envoyé, à moins que quelqu’un ne l’y rouvre.",
        en: "The activity no longer exists in Moodle. Nothing more is sent to it, unless somebody opens it there again."
      ),
      remedy: .gone)
  }

  /// Moodle took a grade of this person's here before, and grades them no more.
  static var learnerNotEnrolled: DeliveryProblem {
    DeliveryProblem(
      Code.learnerNotEnrolled,
      Words(
        fr: "Cette personne n’est plus inscrite au cours dans Moodle, qui ne prend plus sa note.",
        en: "This person is no longer enrolled in the course in Moodle, which takes their grade no more."),
      remedy: .change)
  }

  /// What a grade has for words that Moodle took and did not keep: the activity's grade type is “none”.
  static var activityWithoutGrade: (code: String, words: Words) {
    (
      Code.activityWithoutGrade.rawValue,
      Words(
        fr: "Cette activité n’a pas de note dans Moodle.", en: "This activity has no grade in Moodle.")
    )
  }

  /// Another process is making the activity's line item.
  static var lineItemUnderWay: DeliveryProblem {
    DeliveryProblem(
      Code.lineItemUnderWay,
      Words(
        fr: "L’élément de note est en cours de création dans Moodle. Nouvel essai prévu.",
        en: "The line item is being made in Moodle. It will be tried again."))
  }

  /// There is no line item, and none may be made.
  static var lineItemMissing: DeliveryProblem {
    DeliveryProblem(ScoreRefusal.lineItemMissing.stableCode, ScoreRefusal.lineItemMissing.words, remedy: .change)
  }

  /// The platform has no registration by which it would give access tokens.
  static var registrationMissing: DeliveryProblem {
    DeliveryProblem(
      Code.registrationMissing,
      Words(
        fr: "Ce Moodle n’a plus d’enregistrement LTI 1.3. Rouvrez l’activité depuis Moodle.",
        en: "This Moodle has no LTI 1.3 registration any more. Open the activity again from Moodle."),
      remedy: .change)
  }

  /// A number that no platform stores.
  static var unusableGrade: DeliveryProblem {
    DeliveryProblem(
      Code.gradeUnusable,
      Words(fr: "La note calculée ne peut pas être envoyée.", en: "The computed grade cannot be sent."),
      remedy: .change)
  }

  /// Somebody else holds the lease by now, and will deliver.
  static var leaseLost: DeliveryProblem {
    DeliveryProblem(
      Code.leaseLost,
      Words(
        fr: "La remise a pris trop de temps et a été reprise.",
        en: "The delivery took too long and was taken over."))
  }

  /// No key to ask for an access token with.
  static var toolKeyUnusable: DeliveryProblem {
    DeliveryProblem(
      Code.toolKeyUnusable,
      Words(
        fr: "La clé de l’outil manque ou ne s’ouvre pas avec PASSERELLE_SECRET. Lancez « passerelle doctor ».",
        en: "The tool’s key is missing or does not open with PASSERELLE_SECRET. Run “passerelle doctor”."))
  }

  /// No secret to sign Basic Outcomes with.
  static var consumerSecretUnusable: DeliveryProblem {
    DeliveryProblem(
      Code.consumerSecretUnusable,
      Words(
        fr: "Le secret LTI 1.1 ne s’ouvre pas avec PASSERELLE_SECRET. Enregistrez-le de nouveau.",
        en: "The LTI 1.1 secret does not open with PASSERELLE_SECRET. Register it again."))
  }

  /// The database failed in the middle of a delivery.
  init(_ error: PostgresError) {
    self.init(
      Code.databaseUnavailable,
      Words(
        fr: "La base de données n’a pas répondu. Nouvel essai prévu.",
        en: "The database did not answer. It will be tried again."),
      logLine: "\(DatabaseTrouble(error).rawValue) \(error.description)")
  }
}
