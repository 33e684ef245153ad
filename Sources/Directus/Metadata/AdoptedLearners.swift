import Wire

/// How Directus comes from a grade to its learner where learners live in a collection of an institution's own, which
/// describes that itself: there is no list of grades on its side.
package struct AdoptedLearners: Equatable, Sendable {
  /// Their collection.
  package let collection: String
  /// The field of `grades` that holds their key: `learner`, or `learner_key` where the key is no uuid.
  package let field: String
  /// The columns there that make a learner's name, in the order in which they are read.
  package let names: [String]

  /// What stands for learners, and how a grade leads there.
  package init(collection: String, field: String, names: [String]) {
    self.collection = collection
    self.field = field
    self.names = names
  }

  /// A learner's name in Directus's template syntax.
  var template: String { names.map { "{{\($0)}}" }.joined(separator: " ") }

  /// The same where a grade is spoken of.
  var templateFromGrade: String { names.map { "{{\(field).\($0)}}" }.joined(separator: " ") }

  /// The link. Nothing is taken out of a list that is not there; the action is the one that the column allows.
  var relation: RelationDescription {
    RelationDescription(
      manyCollection: CollectionDescription.grades.name, manyField: field, oneCollection: collection, oneField: nil,
      deselection: field == "learner" ? .delete : .nullify, sortField: nil)
  }

  /// Whether this is the field with the link.
  func holds(_ collection: String, _ field: String) -> Bool {
    collection == CollectionDescription.grades.name && field == self.field
  }
}

extension CollectionDescription {
  /// The collection where learners are theirs: a grade shows the learner by their key. Every other field keeps its place.
  func showing(_ learners: AdoptedLearners) -> CollectionDescription {
    guard name == CollectionDescription.grades.name else { return self }
    var fields = self.fields
    if let place = fields.firstIndex(where: { $0.name == "learner" }) {
      let own = fields[place]
      fields[place] = .link(learners.field, own.label, template: learners.template).with {
        $0.isReadOnly = own.isReadOnly
        $0.note = own.note
      }
      if learners.field != own.name {
        fields.append(
          FieldDescription(own.name, own.label).with {
            $0.options["font"] = "monospace"
            $0.note = own.note
            $0.isReadOnly = true
            $0.isHidden = true
          })
      }
    }
    return CollectionDescription(
      name: name, icon: icon, color: color, noun: noun, note: note,
      template: "\(learners.templateFromGrade) · {{activity_title}}", isArchived: isArchived, isSorted: isSorted,
      accountability: accountability, fields: fields, table: table.showing(learners),
      bookmarks: bookmarks.map {
        Bookmark(
          id: $0.id, name: $0.name, icon: $0.icon, color: $0.color, filter: $0.filter, table: $0.table.showing(learners)
        )
      })
  }
}

extension CollectionDescription.Table {
  fileprivate func showing(_ learners: AdoptedLearners) -> Self {
    func renamed(_ column: String) -> String { column == "learner" ? learners.field : column }
    return Self(
      columns: columns.map(renamed), order: order,
      widths: Dictionary(widths.map { (renamed($0.key), $0.value) }, uniquingKeysWith: max))
  }
}
