/// Every table that says something of a person, column by column: what `learner export` does with it.
enum PersonalColumns {
  enum Holding {
    /// A value of its own in the export.
    case exported
    /// Seconds since 1970, in the export as an instant.
    case exportedAsInstant
    /// In the export, as one of a few words that the database allows, or as a yes or no.
    case exportedAsWord
    /// A key that joins tables, a digest, or a date that says nothing but when the row was written.
    case internalOnly
    /// Somebody else's secret: its presence is exported, its value never.
    case secret
  }

  static let tables: [String: [String: Holding]] = [
    "public.learners": [
      "id": .internalOnly, "name": .exported, "given_name": .exported, "family_name": .exported, "email": .exported,
      "locale": .exported, "date_created": .exported, "date_updated": .internalOnly, "last_seen_at": .exported,
    ],
    "public.progress": [
      "id": .internalOnly, "learner": .internalOnly, "grain": .internalOnly, "status": .exportedAsWord,
      "score": .exported,
      "completed_at": .exported, "date_created": .internalOnly, "date_updated": .internalOnly,
      "activity": .internalOnly, "activity_title": .exported,
      // What passerelle.corrections has, which is exported.
      "corrected_by": .internalOnly, "correction_reason": .internalOnly,
    ],
    "public.grades": [
      "id": .internalOnly, "learner": .internalOnly, "activity": .internalOnly, "module": .internalOnly,
      "activity_title": .exported, "status": .exportedAsWord, "score": .exported, "maximum": .exported,
      "version": .exported, "delivered_score": .exported, "delivered_maximum": .exported,
      "delivered_version": .exported,
      "delivered_at": .exported, "moodle_score": .exported, "moodle_read_at": .exported, "attempts": .exported,
      "next_attempt_at": .exported, "last_error_code": .exported,
      "last_error": .exported, "last_error_fr": .exported, "date_created": .exported, "date_updated": .exported,
    ],
    "passerelle.identities": [
      "platform": .internalOnly, "subject": .exported, "learner": .internalOnly, "seen_name": .exported,
      "seen_given_name": .exported, "seen_family_name": .exported, "seen_email": .exported, "seen_locale": .exported,
      "created_at": .exported,
    ],
    "passerelle.enrolments": [
      "id": .internalOnly, "learner": .internalOnly, "activity": .internalOnly, "subject": .exported,
      "roles": .exported, "groups": .exported,
      "instructor": .exportedAsWord, "gradable": .exportedAsWord, "line_item": .exported, "line_items": .exported,
      "scopes": .exported, "token_scope": .exported, "outcome_url": .exported, "outcome_sourcedid": .secret,
      "consumer": .internalOnly, "first_launch_at": .exported, "last_launch_at": .exported, "owed_ratio": .exported,
      "owed_version": .exported, "leased_ratio": .exported, "leased_version": .exported, "delivered_ratio": .exported,
      // A line item, or a sourcedid.
      "delivered_to": .secret,
      "lease": .internalOnly, "leased_until": .exported, "leased_at": .exported, "last_timestamp": .exportedAsInstant,
      "doubtful_timestamp": .exportedAsInstant, "confirm_at": .exported, "failing_since": .exported,
      "erring_since": .exported,
      "withdrawn_ratio": .exported, "withdrawn_completed": .exported, "listed_instructor_at": .exported,
      "own_progress": .exportedAsWord, "set_aside": .exportedAsWord, "withdraw_at": .exported,
      "previewed_at": .exported,
      "last_seen_at": .exported,
    ],
    "passerelle.runs": [
      "id": .internalOnly, "learner": .internalOnly, "module": .internalOnly, "activity": .internalOnly,
      "grain": .internalOnly, "activity_title": .exported, "ended_at": .exported, "grade": .exportedAsWord,
      "progress": .exported,
    ],
    "passerelle.states": [
      "id": .internalOnly, "learner": .internalOnly, "grain": .internalOnly, "activity": .internalOnly,
      "value": .exported, "created_at": .exported, "changed_at": .exported, "set_aside_at": .exported,
      "run": .exported,
    ],
    "passerelle.corrections": [
      "enrolment": .internalOnly, "grain": .internalOnly, "status": .exportedAsWord, "score": .exported,
      "teacher": .internalOnly, "corrected_by": .exported, "reason": .exported, "corrected_at": .exported,
    ],
    "passerelle.codes": [
      "code": .internalOnly, "enrolment": .internalOnly, "module": .internalOnly, "role": .exportedAsWord,
      "return_url": .exported, "expires_at": .exported, "learner": .internalOnly, "deep_link": .exported,
      "session_ends_at": .exported,
    ],
    "passerelle.sessions": [
      "token": .internalOnly, "enrolment": .internalOnly, "module": .internalOnly, "role": .exportedAsWord,
      "created_at": .exported, "expires_at": .exported, "learner": .internalOnly, "deep_link": .exported,
      "return_url": .exported,
    ],
    "passerelle.members": [
      "list": .internalOnly, "subject": .exported, "roles": .exported, "instructor": .exportedAsWord,
      "status": .exportedAsWord, "name": .exported, "given_name": .exported, "family_name": .exported,
      "email": .exported,
    ],
  ]
}
