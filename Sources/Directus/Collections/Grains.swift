import Wire

extension CollectionDescription {
  /// The small units that a module is made of.
  static let grains = CollectionDescription(
    name: "grains", icon: "extension", color: "#2F8F6B",
    noun: Noun(
      title: Words(fr: "Grains", en: "Grains"), singular: Words(fr: "grain", en: "grain"),
      plural: Words(fr: "grains", en: "grains")),
    note: Words(
      fr:
        "Les petites unités d’un module ; leurs poids font la note. Supprimer un grain commencé par des apprenants l’archive.",
      en:
        "The small units of a module; their weights make the grade. Deleting one that learners have begun archives it."),
    template: "{{title}}", isArchived: true, isSorted: true, accountability: .all,
    fields: [
      .identifier(),
      .text("title", Words(fr: "Titre", en: "Title"), icon: "title").with {
        $0.isRequired = true
        $0.note = Words(fr: "Ce que lisent apprenants et enseignants.", en: "What learners and teachers read.")
      },
      .link("module", Words(fr: "Module", en: "Module"), template: "{{title}}").with {
        $0.isRequired = true
        $0.note = Words(
          fr: "Le module dont il fait partie. En changer change les notes dans les deux.",
          en: "The module that it is part of. Another one changes the grades in both.")
      },
      .choice(
        "status", Words(fr: "État", en: "Status"),
        [
          Choice("active", Words(fr: "En service", en: "Active"), .good),
          Choice("archived", Words(fr: "Archivé", en: "Archived"), .quiet),
        ]
      ).with {
        $0.note = Words(
          fr:
            "Un grain archivé ne compte plus dans la note. Supprimer un grain qui a de la progression l’archive : rien "
            + "ne se perd.",
          en:
            "An archived grain no longer counts in the grade. Deleting one that has progress archives it: nothing is lost."
        )
      },
      .slug(Words(fr: "Nom dans les adresses", en: "Name in addresses")).with {
        $0.note = Words(
          fr: "Le mini-site s’y réfère : le changer coupe ses liens. Unique dans son module.",
          en: "The mini-site refers to it: changing it breaks its links. Unique within its module.")
      },
      .number("weight", Words(fr: "Poids", en: "Weight")).with {
        $0.options["min"] = 0
        $0.options["step"] = 0.5
        $0.note = Words(
          fr: "Sa part dans la note, face aux autres grains. Le changer change les notes de tous.",
          en: "Its part of the grade against the other grains. Changing it changes everybody’s grade.")
        $0.rule = FieldDescription.Rule(
          filter: ["_and": [["weight": ["_gt": 0]], ["weight": ["_lt": 1_000_000]]]],
          message: Words(
            fr: "Le poids est un nombre plus grand que 0 (et plus petit qu’un million).",
            en: "The weight is a number greater than 0 (and less than a million)."))
      },
      .list(
        "progress", Words(fr: "Progression", en: "Progress"), columns: ["learner", "status", "score", "completed_at"],
        template: "{{learner.name}}"
      ).with {
        $0.note = Words(fr: "Qui l’a commencé ou terminé.", en: "Who has started or completed it.")
      },
      .order(), .dateCreated(), .dateUpdated(),
    ],
    table: Table(
      columns: ["title", "module", "weight", "status", "slug"], order: ["module", "sort"],
      widths: ["title": 280, "module": 220]),
    bookmarks: [])
}
