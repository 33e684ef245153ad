import Wire

extension CollectionDescription {
  /// People who came from Moodle.
  static let learners = CollectionDescription(
    name: "learners", icon: "person", color: "#3F6FB5",
    noun: Noun(
      title: Words(fr: "Apprenants", en: "Learners"), singular: Words(fr: "apprenant", en: "learner"),
      plural: Words(fr: "apprenants", en: "learners")),
    note: Words(
      fr: "Les personnes venues de Moodle ; leur fiche se crée à leur première visite.",
      en: "People who came from Moodle; their first visit makes their profile."),
    template: "{{name}}", isArchived: false, isSorted: false, accountability: .all,
    fields: [
      .identifier(),
      .text("name", Words(fr: "Nom complet", en: "Full name"), icon: "person").with {
        $0.note = Words(
          fr: "Repris de Moodle. Une correction faite ici reste, tant que Moodle n’envoie pas un autre nom.",
          en: "Taken from Moodle. A correction made here stays until Moodle sends another name.")
      },
      .text("given_name", Words(fr: "Prénom", en: "Given name")).with {
        $0.width = .half
        $0.note = Words(fr: "Repris de Moodle, comme le nom complet.", en: "Taken from Moodle, like the full name.")
      },
      .text("family_name", Words(fr: "Nom de famille", en: "Family name")).with {
        $0.width = .half
        $0.note = Words(fr: "Repris de Moodle, comme le nom complet.", en: "Taken from Moodle, like the full name.")
      },
      .text("email", Words(fr: "Adresse électronique", en: "Email address"), icon: "mail").with {
        $0.width = .half
        $0.note = Words(
          fr: "Reprise de Moodle ; elle reste quand Moodle ne l’envoie plus.",
          en: "Taken from Moodle; it stays when Moodle no longer sends it.")
      },
      .text("locale", Words(fr: "Langue", en: "Language"), icon: "translate").with {
        $0.options["placeholder"] = "fr"
        $0.width = .half
        $0.note = Words(
          fr: "Celle de la personne dans Moodle, par exemple fr ou en_GB.",
          en: "The person’s language in Moodle, such as fr or en_GB.")
      },
      .list(
        "progress", Words(fr: "Progression", en: "Progress"), columns: ["grain", "status", "score", "completed_at"],
        template: "{{grain.title}}"
      ).with {
        $0.note = Words(
          fr: "Ce que la personne a commencé et terminé. Un changement fait ici change sa note dans Moodle.",
          en: "What the person has started and completed. A change made here changes the grade in Moodle.")
      },
      .list(
        "grades", Words(fr: "Notes", en: "Grades"), columns: ["activity_title", "status", "score", "maximum"],
        template: "{{activity_title}}"
      ).with {
        $0.options["enableCreate"] = false
        $0.isReadOnly = true
        $0.note = Words(
          fr: "Ce que Moodle doit recevoir, calculé d’après la progression ; ici, à lire seulement.",
          en: "What Moodle is owed, computed from the progress; here to be read only.")
      },
      .moment("last_seen_at", Words(fr: "Vu le", en: "Last seen")).with {
        $0.isReadOnly = true
        $0.displayOptions = ["format": "short"]
        $0.note = Words(
          fr: "La dernière ouverture d’une activité ou le dernier travail, à l’heure près.",
          en: "The last time they opened an activity or worked, to the hour.")
      },
      .dateCreated(), .dateUpdated(),
    ],
    table: Table(
      columns: ["name", "email", "locale", "date_created"], order: ["name"], widths: ["name": 260, "email": 280]),
    bookmarks: [])
}
