import Wire

/// How tables lead to each other, and whether rows can be made in them.
extension Planner {
  /// How a column leads to another place.
  mutating func route(_ link: AdoptionMap.Link, in table: TableShape, to place: Place, _ shape: TableShape?) -> Route? {
    let name = link.column
    guard
      let column = column(
        name, in: table, [.integer, .uuid, .text],
        for: Words(fr: "un lien vers « \(place.table) »", en: "a link to “\(place.table)”"), written: true)
    else { return nil }
    if let foreign = table.link(column.name), (foreign.schema, foreign.table) != ("public", place.table) {
      refuse(
        name.line,
        Words(
          fr: "la colonne « \(column.name) » de « \(table.name) » mène à « \(foreign.table) », et non à « "
            + "\(place.table) »",
          en: "column “\(column.name)” of “\(table.name)” leads to “\(foreign.table)”, not to “\(place.table)”"))
      return nil
    }
    guard let target = target(link, place, shape) else { return nil }
    if column.kind == target.kind || column.kind == .text {
      // A text that holds a key of another type must be said to: a forgotten “holds” is likelier.
      if column.kind != target.kind, link.holds == nil {
        refuse(
          name.line,
          Words(
            fr: "la colonne « \(column.name) » est un texte et la clef de « \(place.table) » est "
              + "\(target.sqlType) : dites quelle colonne de « \(place.table) » elle contient, comme dans « "
              + "\(column.name) holds \(target.name) »",
            en:
              "column “\(column.name)” is text and the key of “\(place.table)” is \(target.sqlType): say which column of "
              + "“\(place.table)” it holds, as in “\(column.name) holds \(target.name)”"))
        return nil
      }
      return Route(column: column, place: place, target: target)
    }
    refuse(
      name.line,
      Words(
        fr: "la colonne « \(column.name) » est de type \(column.sqlType), mais « \(target.name) » de « "
          + "\(place.table) » est \(target.sqlType) : le lien ne correspond à rien",
        en: "column “\(column.name)” is of type \(column.sqlType), but “\(target.name)” of “\(place.table)” is "
          + "\(target.sqlType): the link fits nothing"))
    return nil
  }

  private mutating func target(_ link: AdoptionMap.Link, _ place: Place, _ shape: TableShape?) -> ColumnShape? {
    guard let holds = link.holds, holds != place.key.name else { return place.key }
    guard let target = shape?.column(holds) else {
      refuse(
        link.column.line,
        Words(
          fr: "« \(place.table) » n’a pas de colonne « \(holds) » qu’un lien puisse contenir"
            + (place.isOwn ? " ; les lignes de Passerelle se lient par leur id" : ""),
          en: "“\(place.table)” has no column “\(holds)” that a link could hold"
            + (place.isOwn ? "; Passerelle's own rows are linked by their id" : "")))
      return nil
    }
    guard shape?.isUnique([holds]) == true else {
      refuse(
        link.column.line,
        Words(
          fr: "la colonne « \(holds) » de « \(place.table) » n’est pas unique : un lien qui la contient "
            + "pourrait désigner plusieurs lignes",
          en: "column “\(holds)” of “\(place.table)” is not unique, so that a link holding it could mean several rows"))
      return nil
    }
    return target
  }

  // MARK: Rows that are inserted

  /// Every column that must have a value gets one.
  mutating func expectInsertable(_ table: TableShape, _ place: Place, named: [String], _ name: AdoptionMap.Name) {
    for column in table.columns where column.isNotNull && !column.hasDefault && !column.isGenerated {
      if named.contains(column.name) || column.name == place.id && place.addsID { continue }
      if column.name == place.key.name {
        // Directus makes uuids and texts itself and leaves the database without a default.
        if column.kind == .uuid || column.kind == .text && (column.maximumLength ?? 36) >= 36 { continue }
        refuse(
          name.line,
          Words(
            fr: "la clef de « \(table.name) » n’a pas de valeur par défaut : Passerelle ne pourrait pas "
              + "insérer de ligne",
            en: "the key of “\(table.name)” has no default, so that Passerelle could not insert a row"))
      } else {
        refuse(
          name.line,
          Words(
            fr: "la colonne « \(column.name) » de « \(table.name) » doit avoir une valeur, et Passerelle ne "
              + "saurait pas laquelle : donnez-lui une valeur par défaut, ou permettez qu’elle soit vide",
            en:
              "column “\(column.name)” of “\(table.name)” must have a value, and Passerelle would not know which: give it a "
              + "default, or let it be empty"))
      }
    }
  }
}
