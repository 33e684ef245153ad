import Wire

extension CollectionDescription {
  /// What Moodle's gradebook is owed and has.
  static let grades = CollectionDescription(
    name: "grades", icon: "school", color: "#B5443F",
    noun: Noun(
      title: Words(fr: "Notes", en: "Grades"), singular: Words(fr: "note", en: "grade"),
      plural: Words(fr: "notes", en: "grades")),
    note: Words(
      fr: "Une ligne par apprenant et par activité de Moodle : la note due, et son envoi.",
      en: "One row per learner and Moodle activity: the grade that is owed, and its delivery."),
    template: "{{learner.name}} · {{activity_title}}", isArchived: false, isSorted: false, accountability: .activity,
    fields: [
      .identifier(),
      .link("learner", Words(fr: "Apprenant", en: "Learner"), template: "{{name}}").with {
        $0.isReadOnly = true
        $0.note = Words(fr: "La personne à qui est la note.", en: "The person whose grade it is.")
      },
      .link("module", Words(fr: "Module", en: "Module"), template: "{{title}}").with {
        $0.isReadOnly = true
        $0.note = Words(fr: "Le module que l’activité ouvre.", en: "The module that the activity opens.")
      },
      .text("activity_title", Words(fr: "Activité dans Moodle", en: "Activity in Moodle")).with {
        $0.note = Words(fr: "Son titre, tel que Moodle le donne.", en: "Its title, as Moodle gives it.")
        $0.isReadOnly = true
        $0.width = .half
      },
      .choice(
        "status", Words(fr: "État de l’envoi", en: "Delivery"),
        [
          Choice("none", Words(fr: "Rien à envoyer", en: "Nothing to send"), .quiet),
          Choice("pending", Words(fr: "En attente", en: "Pending"), .waiting),
          Choice("delivered", Words(fr: "Envoyée", en: "Delivered"), .good),
          Choice("failed", Words(fr: "En échec", en: "Failed"), .bad),
          Choice("emptied", Words(fr: "Effacée dans Moodle", en: "Emptied in Moodle"), .bad),
          Choice("gone", Words(fr: "Activité supprimée", en: "Activity gone"), .quiet),
        ]
      ).with {
        $0.note = Words(
          fr: "Choisir « En attente » renvoie la note à Moodle. La note elle-même se corrige dans la progression.",
          en: "Choosing “Pending” sends the grade to Moodle again. The grade itself is corrected in the progress.")
      }.choosing(only: "pending", notIn: ["pending", "none"]),
      .number("score", Words(fr: "Note due", en: "Grade owed")).with {
        $0.isReadOnly = true
        $0.note = Words(
          fr: "Calculée d’après la progression, où elle se corrige.",
          en: "Computed from the progress, where it is corrected.")
      },
      .number("maximum", Words(fr: "Sur", en: "Out of")).with {
        $0.isReadOnly = true
        $0.note = Words(
          fr: "La note maximale de l’activité dans Moodle ; 100 tant qu’elle n’est pas connue.",
          en: "The activity’s maximum grade in Moodle; 100 as long as that is not known.")
      },
      .number("delivered_score", Words(fr: "Note dans Moodle", en: "Grade in Moodle")).with {
        $0.isReadOnly = true
        $0.note = Words(fr: "La dernière que Moodle a acceptée.", en: "The last that Moodle accepted.")
      },
      .number("moodle_score", Words(fr: "Autre note dans Moodle", en: "Other grade in Moodle")).with {
        $0.isReadOnly = true
        $0.note = Words(
          fr: "Ce que Moodle a, là où ce n’est pas la note envoyée : un enseignant l’a changée, ou c’est un barème.",
          en: "What Moodle has where it is not the grade that was sent: a teacher changed it, or it is a scale.")
      },
      .moment("moodle_read_at", Words(fr: "Lue dans Moodle le", en: "Read in Moodle on")).with {
        $0.isReadOnly = true
        $0.note = Words(
          fr: "Quand ce que Moodle a s’est trouvé autre.", en: "When what Moodle has was found to be something else.")
      },
      .moment("delivered_at", Words(fr: "Envoyée le", en: "Delivered on")).with {
        $0.isReadOnly = true
        $0.note = Words(fr: "Quand Moodle l’a acceptée.", en: "When Moodle accepted it.")
      },
      .reason("last_error_fr", Words(fr: "Dernier refus, en français", en: "Last refusal, in French")),
      .reason("last_error", Words(fr: "Dernier refus, en anglais", en: "Last refusal, in English")),
      .folded("delivery_details", Words(fr: "Détails de l’envoi", en: "Delivery details"), icon: "settings").with {
        $0.note = Words(
          fr: "Pour chercher pourquoi une note n’est pas arrivée.", en: "For looking into why a grade has not arrived.")
      },
      .detail(.moment("next_attempt_at", Words(fr: "Prochain essai", en: "Next attempt"))).with {
        $0.note = Words(fr: "Vide quand il n’y a rien à envoyer.", en: "Empty when there is nothing to send.")
      },
      .detail(
        .counter(
          "attempts", Words(fr: "Essais", en: "Attempts"),
          note: Words(fr: "Sans succès, pour la note due.", en: "Without success, for the grade owed."))),
      .detail(FieldDescription("last_error_code", Words(fr: "Code du refus", en: "Refusal code"))).with {
        $0.note = Words(
          fr: "Toujours le même pour la même raison ; la documentation l’explique.",
          en: "Always the same for the same reason; the documentation explains it.")
        $0.options["font"] = "monospace"
        $0.display = "formatted-value"
        $0.displayOptions = ["font": "monospace"]
      },
      .detail(.number("delivered_maximum", Words(fr: "Envoyée sur", en: "Delivered out of"))).with {
        $0.note = Words(fr: "Le maximum avec lequel elle est partie.", en: "The maximum with which it was sent.")
      },
      .detail(
        .counter(
          "version", Words(fr: "Version due", en: "Version owed"),
          note: Words(fr: "Compte les changements de la note.", en: "Counts the changes of the grade."))),
      .detail(
        .counter(
          "delivered_version", Words(fr: "Version envoyée", en: "Version delivered"),
          note: Words(fr: "Celle que Moodle a.", en: "The one that Moodle has."))),
      .detail(FieldDescription("activity", Words(fr: "Activité (identifiant)", en: "Activity (ID)"))).with {
        $0.options["font"] = "monospace"
        $0.width = .full
        $0.note = Words(
          fr: "L’activité dans les tables internes de Passerelle, que Directus ne voit pas : d’où l’absence de lien.",
          en: "The activity in Passerelle’s own tables, which Directus does not see: hence no link.")
      },
      .dateCreated(), .dateUpdated(),
    ],
    table: Table(
      columns: ["learner", "activity_title", "status", "score", "maximum", "delivered_at"], order: ["-date_created"],
      widths: ["learner": 240, "activity_title": 240]),
    bookmarks: [
      Bookmark(
        id: "waiting", name: Words(fr: "Notes en attente", en: "Grades that wait"), icon: "schedule", color: "#C27C0E",
        filter: ["_and": [["status": ["_in": ["pending", "failed", "emptied"]]]]],
        table: Table(
          columns: ["learner", "activity_title", "status", "score", "maximum", "last_error_fr", "next_attempt_at"],
          order: ["next_attempt_at"], widths: ["learner": 240, "activity_title": 240, "last_error_fr": 320]))
    ])
}

extension FieldDescription {
  /// Why Moodle did not take a grade, in words.
  fileprivate static func reason(_ name: String, _ label: Words) -> FieldDescription {
    FieldDescription(name, interface: "input-multiline", label).with {
      $0.options["trim"] = true
      $0.note = Words(fr: "Vide quand Moodle a pris la note.", en: "Empty when Moodle has taken the grade.")
      $0.isReadOnly = true
      $0.width = .half
    }
  }

  /// A field for whoever looks into a delivery, folded away.
  fileprivate static func detail(_ field: FieldDescription) -> FieldDescription {
    field.with {
      $0.group = "delivery_details"
      $0.isReadOnly = true
      $0.width = .half
    }
  }
}
