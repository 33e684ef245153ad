import Wire

extension CollectionDescription {
  /// What an activity of Moodle opens: a mini-site of grains.
  static let modules = CollectionDescription(
    name: "modules", icon: "menu_book", color: "#6B4FA0",
    noun: Noun(
      title: Words(fr: "Modules", en: "Modules"), singular: Words(fr: "module", en: "module"),
      plural: Words(fr: "modules", en: "modules")),
    note: Words(
      fr: "Les mini-sites que les activités de Moodle ouvrent. Supprimer un module qui a des grains l’archive.",
      en: "The mini-sites that Moodle’s activities open. Deleting one that has grains archives it."),
    template: "{{title}}", isArchived: true, isSorted: true, accountability: .all,
    fields: [
      .identifier(),
      .text("title", Words(fr: "Titre", en: "Title"), icon: "title").with {
        $0.isRequired = true
        $0.note = Words(fr: "Ce que lisent apprenants et enseignants.", en: "What learners and teachers read.")
      },
      .slug(Words(fr: "Nom dans les adresses", en: "Name in addresses")).with {
        $0.note = Words(
          fr: "Le mini-site et Moodle s’y réfèrent : le changer coupe leurs liens.",
          en: "The mini-site and Moodle refer to it: changing it breaks their links.")
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
            "Un module archivé ne s’ouvre plus depuis Moodle ; progression et notes restent. Supprimer un module qui a des "
            + "grains l’archive.",
          en:
            "An archived module can no longer be opened from Moodle; progress and grades stay. Deleting one that has grains "
            + "archives it.")
      },
      .text("url", Words(fr: "Adresse du mini-site", en: "Mini-site address"), icon: "public").with {
        $0.options["placeholder"] = "https://"
        $0.note = Words(
          fr: "Vide : l’adresse générale des réglages.", en: "Empty: the general address from the settings.")
        $0.rule = FieldDescription.Rule(
          filter: ["_and": [["_or": [["url": ["_null": true]], ["url": ["_regex": "^https?://"]]]]]],
          message: Words(
            fr: "L’adresse commence par https:// ou http://.", en: "The address begins with https:// or http://."))
      },
      .choice(
        "grading", Words(fr: "Notation", en: "Grading"),
        [
          Choice("proportion", Words(fr: "En proportion", en: "Proportional"), .underway),
          Choice("all-or-nothing", Words(fr: "Tout ou rien", en: "All or nothing"), .waiting),
        ]
      ).with {
        $0.note = Words(
          fr:
            "En proportion : chaque grain terminé compte aussitôt. Tout ou rien : rien avant que tous soient terminés.",
          en: "Proportional: each completed grain counts at once. All or nothing: nothing until all are completed.")
      },
      .choice(
        "scope", Words(fr: "Portée", en: "Scope"),
        [
          Choice("learner", Words(fr: "La personne", en: "The person"), .underway),
          Choice("activity", Words(fr: "Chaque activité", en: "Each activity"), .waiting),
        ]
      ).with {
        $0.note = Words(
          fr:
            "La personne : fait une fois, fait dans toutes ses activités. Chaque activité : chacune part de rien. Un changement ne "
            + "perd rien : les activités déjà ouvertes continuent avec la progression de la personne ; ou la meilleure devient la "
            + "sienne.",
          en:
            "The person: done once, done in all their activities. Each activity: each begins at nothing. A change loses nothing: "
            + "activities opened before go on with the person’s progress; or the best becomes the person’s.")
      },
      .text("notice", Words(fr: "En ce moment", en: "At this moment"), icon: "sync").with {
        $0.note = Words(
          fr: "Ce qui se fait avec ce module sans vous ; vide d’ordinaire.",
          en: "What is being done to this module without you; usually empty.")
        $0.isReadOnly = true
      },
      .list(
        "grains", Words(fr: "Grains", en: "Grains"), columns: ["title", "slug", "weight", "status"],
        template: "{{title}}"
      ).with {
        $0.note = Words(fr: "Les unités du module, dans leur ordre.", en: "The module’s units, in their order.")
      },
      .list(
        "grades", Words(fr: "Notes", en: "Grades"), columns: ["learner", "status", "score", "maximum"],
        template: "{{learner.name}}"
      ).with {
        $0.options["enableCreate"] = false
        $0.isReadOnly = true
        $0.note = Words(
          fr: "Celles des activités de Moodle qui ouvrent ce module ; ici, à lire seulement.",
          en: "Those of the Moodle activities that open this module; here to be read only.")
      },
      .order(), .dateCreated(), .dateUpdated(),
    ],
    table: Table(columns: ["title", "slug", "status", "grading", "url"], order: ["sort"], widths: ["title": 280]),
    bookmarks: [])
}
