import Wire

extension CollectionDescription {
  /// What each learner has done of each grain.
  static let progress = CollectionDescription(
    name: "progress", icon: "trending_up", color: "#C27C0E",
    noun: Noun(
      title: Words(fr: "Progression", en: "Progress"), singular: Words(fr: "étape", en: "progress entry"),
      plural: Words(fr: "étapes", en: "progress entries")),
    note: Words(
      fr: "Une ligne par apprenant et par grain. Ce qui change ici change la note dans Moodle.",
      en: "One row per learner and grain. What changes here changes the grade in Moodle."),
    template: "{{learner.name}} · {{grain.title}}", isArchived: false, isSorted: false, accountability: .activity,
    fields: [
      .identifier(),
      .link("learner", Words(fr: "Apprenant", en: "Learner"), template: "{{name}}").with {
        $0.isRequired = true
        $0.note = Words(fr: "La personne dont c’est le travail.", en: "The person whose work this is.")
      },
      .link("grain", Words(fr: "Grain", en: "Grain"), template: "{{title}}").with {
        $0.isRequired = true
        $0.note = Words(fr: "Ce qu’elle a commencé ou terminé.", en: "What they have started or completed.")
      },
      .text("activity_title", Words(fr: "Activité", en: "Activity"), icon: "school").with {
        $0.isReadOnly = true
        $0.note = Words(
          fr:
            "L’activité et le cours dont c’est la progression ; vide : celle de la personne, dans toutes ses activités.",
          en: "The activity and course whose progress this is; empty: the person’s, in all their activities.")
      },
      .choice(
        "status", Words(fr: "État", en: "Status"),
        [
          Choice("started", Words(fr: "Commencé", en: "Started"), .underway),
          Choice("completed", Words(fr: "Terminé", en: "Completed"), .good),
        ]
      ).with {
        $0.note = Words(
          fr: "« Terminé » compte dans la note ; la date se remplit d’elle-même.",
          en: "“Completed” counts in the grade; the date fills itself in.")
      },
      .number("score", Words(fr: "Résultat", en: "Score")).with {
        $0.options["min"] = 0
        $0.options["max"] = 1
        $0.options["step"] = 0.01
        $0.note = Words(
          fr: "De 0 à 1 (0,5 : la moitié), sur un grain terminé. Vide : le grain compte en entier.",
          en: "From 0 to 1 (0.5 is half), on a completed grain. Empty: the grain counts whole.")
        $0.rule = FieldDescription.Rule(
          filter: ["_and": [["_or": [["score": ["_null": true]], ["score": ["_between": [0, 1]]]]]]],
          message: Words(
            fr: "Le résultat est un nombre de 0 à 1, ou reste vide.", en: "The score is a number from 0 to 1, or empty."
          ))
      }.open(while: "status", is: "completed", "pas terminé · not completed"),
      .moment("completed_at", Words(fr: "Terminé le", en: "Completed on")).with {
        $0.displayOptions = ["format": "short"]
        $0.note = Words(
          fr: "Vide tant que le grain n’est pas terminé.", en: "Empty as long as the grain is not completed.")
      }.open(while: "status", is: "completed", "pas terminé · not completed"),
      FieldDescription("activity", Words(fr: "Activité (identifiant)", en: "Activity (ID)")).with {
        $0.options["font"] = "monospace"
        $0.width = .full
        $0.isReadOnly = true
        $0.note = Words(
          fr: "L’activité dans les tables internes de Passerelle ; vide : la progression de la personne.",
          en: "The activity in Passerelle’s own tables; empty: the person’s progress.")
      },
      .text("corrected_by", Words(fr: "Corrigé par", en: "Corrected by"), icon: "edit").with {
        $0.isReadOnly = true
        $0.width = .half
        $0.note = Words(
          fr: "L’enseignant qui l’a corrigé sur le tableau de bord ; vide dès que l’apprenant a fait mieux.",
          en: "The teacher who corrected it on the dashboard; empty once the learner has done better.")
      },
      .text("correction_reason", Words(fr: "Motif de la correction", en: "Reason of the correction")).with {
        $0.isReadOnly = true
        $0.width = .half
        $0.note = Words(fr: "Ce que l’enseignant a écrit.", en: "What the teacher wrote.")
      },
      .dateCreated(), .dateUpdated(),
    ],
    table: Table(
      columns: ["learner", "grain", "activity_title", "status", "score", "completed_at"], order: ["-date_created"],
      widths: ["learner": 240, "grain": 240]),
    bookmarks: [])
}
