import Wire

/// The dashboard *Passerelle* of Directus's Insights: how work goes on, and what has not reached Moodle.
///
/// It holds what works in the version: no list of metrics over a relation, no raw words of a state, and on Directus 10 lists in place
/// of bars that would be labelled by ids.
package enum Dashboard {
  /// What the database remembers it by.
  static let key = "passerelle"
  /// What people call it, in every language.
  package static let name = "Passerelle"

  /// The rows of the dashboard and of its panels, over those of the five collections that are the program's own.
  static func rows(for names: Set<String>, _ instance: Instance) -> [MetadataRow] {
    let dashboard = MetadataRow(
      .dashboards, key: key,
      [
        "key": .string(key), "name": .string(name), "icon": "hub", "color": "#2E6FB7",
        "note": .string(note[instance.language]),
      ])
    // Learners of an institution's own a trainer may not be allowed to read; the row leads to the grade in any case.
    let whose = names.contains("learners") ? "{{learner.name}} · " : ""
    return [dashboard]
      + placed(
        panels(whose, instance).filter { names.isSuperset(of: $0.besides.union([$0.collection])) }, instance.language)
  }

  private static let note = Words(
    fr: "Ce que disent la progression et les notes.", en: "What progress and grades say.")

  /// From the left, in rows as high as what stands in them.
  private static func placed(_ panels: [Panel], _ language: Language) -> [MetadataRow] {
    var rows: [MetadataRow] = []
    var (x, y, height) = (1, 1, 0)
    for panel in panels {
      if x > 1, x + panel.width > columns || panel.height != height {
        (x, y) = (1, y + height + 1)
      }
      height = panel.height
      rows.append(panel.row(x: x, y: y, language))
      x += panel.width + 1
    }
    return rows
  }

  /// What fits a window of 1,400 pixels without the side bar.
  private static let columns = 54

  private static func panels(_ whose: String, _ instance: Instance) -> [Panel] {
    let completed: JSONValue = ["_and": [["status": ["_eq": "completed"]]]]
    // Only what is completed has a date. One that staff mistyped may lie ahead.
    let hasPassed: JSONValue = ["completed_at": ["_lte": "$NOW"]]
    // A bar without a number is drawn as 0.
    let scored: JSONValue = ["_and": [["status": ["_eq": "completed"]], ["score": ["_nnull": true]]]]
    let notThere: JSONValue = ["_and": [["status": ["_in": ["pending", "failed", "emptied"]]]]]
    func grades(_ status: String) -> JSONValue { ["_and": [["status": ["_eq": .string(status)]]]] }
    func warning(_ color: String) -> JSONObject {
      ["conditionalFormatting": [["operator": ">", "value": 0, "color": .string(color)]]]
    }
    let figures: [Panel] = [
      .metric(
        "completed_week", Words(fr: "Grains terminés en 7 jours", en: "Grains completed in 7 days"),
        icon: "task_alt", color: "#0B5B3B", "progress",
        where: ["_and": [["completed_at": ["_gte": "$NOW(-7 days)"]], hasPassed]]),
      .metric(
        "average", Words(fr: "Résultat moyen", en: "Mean score"), icon: "percent", color: nil, "progress", "avg",
        of: "score", where: completed, ["numberStyle": "percent", "maximumFractionDigits": 1]),
      .metric("learners", Words(fr: "Apprenants", en: "Learners"), icon: "groups", color: "#3F6FB5", "learners"),
      .metric(
        "delivered", Words(fr: "Notes dans Moodle", en: "Grades in Moodle"), icon: "school", color: "#0B5B3B", "grades",
        where: grades("delivered")),
      .metric(
        "pending", Words(fr: "Notes en attente", en: "Grades pending"), icon: "schedule", color: "#7A4B00", "grades",
        where: grades("pending"), warning("#C47F00")),
      .metric(
        "failed", Words(fr: "Notes en échec", en: "Grades failed"), icon: "error", color: "#8B1A1A", "grades",
        where: grades("failed"), warning("#C0392B")),
      .metric(
        "emptied", Words(fr: "Notes effacées dans Moodle", en: "Grades emptied in Moodle"), icon: "delete_sweep",
        color: "#8B1A1A", "grades", where: grades("emptied"), warning("#C0392B")),
      .metric(
        "gone", Words(fr: "Notes d’activités supprimées", en: "Grades of activities gone"), icon: "link_off",
        color: "#4F5464", "grades", where: grades("gone")),
    ]
    let days = Panel(
      id: "completed_days", name: Words(fr: "Grains terminés par jour", en: "Grains completed by day"),
      icon: "trending_up", color: "#0B5B3B", type: "time-series", width: 26, height: 14, collection: "progress",
      options: [
        "function": "count", "precision": "day", "dateField": "completed_at", "range": "3 months", "valueField": "id",
        "color": "#0B5B3B", "missingData": "0", "curveType": "stepline", "fillType": "solid",
      ])
    let undelivered = Panel.list(
      "undelivered", Words(fr: "Notes non parvenues", en: "Grades not delivered"), icon: "report", color: "#8B1A1A",
      "grades", "\(whose){{activity_title}} · {{\(instance.language == .french ? "last_error_fr" : "last_error")}}",
      sort: "date_updated", descending: false,
      height: 14, where: notThere)
    let catalogue: [Panel] =
      instance.shape == .ten
      ? [
        .list(
          "latest", Words(fr: "Derniers grains terminés", en: "Grains completed last"), icon: "checklist",
          color: "#2E6FB7", "progress", "{{learner.name}} · {{grain.title}}", sort: "completed_at", descending: true,
          besides: ["learners", "grains"], where: ["_and": [hasPassed]]),
        .list(
          "modules", Words(fr: "Modules en service", en: "Active modules"), icon: "menu_book", color: "#5B3FA0",
          "modules", "{{title}}", sort: "sort", descending: false, where: ["_and": [["status": ["_eq": "active"]]]]),
      ]
      : [
        .bars(
          "average_by_grain", Words(fr: "Résultat moyen par grain", en: "Mean score by grain"), icon: "bar_chart",
          color: "#2E6FB7", "progress", by: "grain", in: "grains", "avg", of: "score", decimals: 2, where: scored),
        .bars(
          "completed_by_grain", Words(fr: "Grains terminés", en: "Completed by grain"), icon: "stacked_bar_chart",
          color: "#0B5B3B", "progress", by: "grain", in: "grains", "count", of: "id", decimals: 0, where: completed),
        .bars(
          "learners_by_module", Words(fr: "Apprenants notés par module", en: "Learners with a grade by module"),
          icon: "groups", color: "#5B3FA0", "grades", by: "module", in: "modules", "countDistinct", of: "learner",
          decimals: 0, where: ["_and": [["status": ["_neq": "none"]]]]),
      ]
    let people: [Panel] = [
      .list(
        "last_visits", Words(fr: "Dernières visites", en: "Last visits"), icon: "visibility", color: "#3F6FB5",
        "learners", "{{name}} · {{last_seen_at}}", sort: "last_seen_at", descending: true,
        where: ["_and": [["last_seen_at": ["_nnull": true]]]]),
      .list(
        "silent", Words(fr: "Sans nouvelles depuis 30 jours", en: "Nothing heard of for 30 days"),
        icon: "notifications_off", color: "#7A4B00", "learners", "{{name}} · {{last_seen_at}}", sort: "last_seen_at",
        descending: false,
        where: [
          "_or": [
            ["last_seen_at": ["_lt": "$NOW(-30 days)"]],
            ["_and": [["last_seen_at": ["_null": true]], ["date_created": ["_lt": "$NOW(-30 days)"]]]],
          ]
        ]),
    ]
    return figures + [days, undelivered] + catalogue + people
  }
}
