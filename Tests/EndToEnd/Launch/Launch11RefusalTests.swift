import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// LTI 1.1 launches that are refused: before the proof by a page, after it by way of the platform.
@Suite(.needsStack) struct Launch11RefusalTests {
  @Test("A launch that was changed after it was signed is a page, and leaves nothing behind")
  func tampered() throws {
    try Launch11Consumer.run { consumer in
      let form = try consumer.sign(consumer.message())
      for (name, value) in [
        ("user_id", "4"), ("roles", "Instructor"), ("lis_result_sourcedid", "x"),
        ("lis_outcome_service_url", "http://e"),
        ("launch_presentation_return_url", "http://evil.example/"), ("oauth_timestamp", "1"), ("oauth_nonce", "other"),
        ("oauth_callback", "http://evil.example/"),
      ] {
        var changed = form
        let index = try #require(changed.firstIndex { $0.0 == name })
        changed[index].1 = value
        let response = try consumer.post(changed)
        #expect(Refused(response) == Refused(400, "launch11_signature_invalid"), "\(name)")
        #expect(!response.text.contains("evil.example"))
        changed.remove(at: index)
        #expect(Refused(try consumer.post(changed)).status == 400, "\(name)")
      }
      #expect(Refused(try consumer.post(form + [("custom_module", "x")])).code == "launch11_signature_invalid")
      #expect(try consumer.world.database.count("select from passerelle.nonces") == 0)
      // The launch itself was never spent.
      #expect(try consumer.post(form).status == 303)
    }
  }

  @Test("OAuth's own parameters: missing, twice, or not understood")
  func oauth() throws {
    try Launch11Consumer.run { consumer in
      for name in ["oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature_method"] {
        for value in [nil, ""] as [String?] {
          let form = try consumer.sign(consumer.message(), oauth: [(name, value)])
          #expect(Refused(try consumer.post(form)) == Refused(400, "launch11_parameter_missing"), "\(name)")
        }
        let twice = try consumer.sign(consumer.message())
        let value = try #require(twice.first { $0.0 == name }?.1)
        #expect(
          Refused(try consumer.post(twice + [(name, value)])) == Refused(400, "launch11_parameter_duplicate"), "\(name)"
        )
      }
      let cases: [(String, String, String)] = [
        ("oauth_version", "2.0", "launch11_oauth_version_unsupported"),
        ("oauth_timestamp", "soon", "launch11_parameter_invalid"),
        ("oauth_timestamp", "-5", "launch11_parameter_invalid"),
        ("oauth_timestamp", "99999999999999999999", "launch11_parameter_invalid"),
        ("oauth_nonce", "a\u{1}b", "launch11_parameter_invalid"),
        ("oauth_signature_method", "RSA-SHA1", "launch11_signature_method_unsupported"),
        ("oauth_signature_method", "hmac-sha1", "launch11_signature_method_unsupported"),
      ]
      for (name, value, code) in cases {
        let form = try consumer.sign(consumer.message(), oauth: [(name, value)])
        #expect(Refused(try consumer.post(form)) == Refused(400, code), "\(name) \(value)")
      }
      let plain = consumer.with(method: .plaintext)
      #expect(
        Refused(try plain.post(plain.sign(plain.message()))) == Refused(400, "launch11_signature_method_unsupported"))
      // A version is not required (RFC 5849 §3.1).
      #expect(try consumer.post(consumer.sign(consumer.message(), oauth: [("oauth_version", nil)])).status == 303)
    }
  }

  @Test("A parameter of the message that comes twice, signed, goes back")
  func duplicates() throws {
    try Launch11Consumer.run { consumer in
      for name in ["user_id", "resource_link_id", "roles", "lis_result_sourcedid", "context_id"] {
        let message = try consumer.message()
        let value = try #require(message.first { $0.0 == name }?.1)
        let back = SentBack(try consumer.post(consumer.sign(message + [(name, value)])))
        #expect(back?.log == "launch11_message_parameter_duplicate", "\(name)")
      }
      // Two return URLs are none: nobody can say which the platform meant.
      let message = try consumer.message([("resource_link_id", nil)])
      let twice = message + [("launch_presentation_return_url", "http://other.example/")]
      #expect(
        Refused(try consumer.post(consumer.sign(twice))) == Refused(400, "launch11_message_parameter_duplicate"))
    }
  }

  @Test("The timestamp may be five minutes off, either way, and no more")
  func timestamps() throws {
    try Launch11Consumer.run { consumer in
      // Not at the very edge: some seconds pass between signing and judging.
      for offset in [-285, 285] as [Int64] {
        let answer = try consumer.with(clockOffset: offset).launch()
        #expect(answer.fields["Location"]?.contains("#passerelle=") == true, "\(offset)")
      }
      for offset in [-301, 330, -86400, 86400 * 365] as [Int64] {
        let answer = try consumer.with(clockOffset: offset).launch()
        #expect(SentBack(answer)?.log == "launch11_timestamp_refused", "\(offset)")
      }
    }
  }

  @Test(
    "A nonce comes once per consumer key, whatever its timestamp; another key has its own", arguments: Transport.both)
  func nonces(transport: Transport) throws {
    try Launch11Consumer.run(transport) { consumer in
      let form = try consumer.sign(consumer.message(), nonce: "same")
      #expect(try consumer.post(form).status == 303)
      #expect(SentBack(try consumer.post(form))?.log == "launch11_nonce_used")
      let later = consumer.with(clockOffset: 60)
      #expect(
        SentBack(try later.post(later.sign(later.message(), nonce: "same")))?.log == "launch11_nonce_used")
      let world = consumer.world
      #expect(try Launch11Consumer.add("autre", secret: "x", issuer: world.moodle.url, world).status == 0)
      let other = consumer.with(key: "autre", secret: "x")
      #expect(try other.post(other.sign(other.message(), nonce: "same")).status == 303)
      // Swept nonces are too old for any timestamp.
      try world.database.execute("update passerelle.nonces set expires_at = now() - interval '1 second'")
      #expect(try world.command("sweep").status == 0)
      #expect(try world.database.count("select from passerelle.nonces") == 0)
    }
  }

  @Test("The same launch many times at once is one launch", arguments: Transport.both)
  func simultaneous(transport: Transport) throws {
    try Launch11Consumer.run(transport) { consumer in
      let form = try consumer.sign(consumer.message())
      let answers = try simultaneously(8) { _ in try consumer.post(form) }.map { try $0.get() }
      #expect(answers.allSatisfy { $0.status == 303 })
      #expect(answers.count { SentBack($0)?.log == "launch11_nonce_used" } == 7)
      let accepted = answers.filter { $0.fields["Location"]?.contains("#passerelle=") == true }
      #expect(accepted.count == 1)
      #expect(try consumer.world.database.count("select from passerelle.codes") == 1)
      // Seven replays do not spoil the one that counted.
      #expect(try consumer.session(try #require(accepted.first)).opened["role"] == "learner")
    }
  }

  @Test("Somebody whom an institution's own collections do not know goes back with words, or reads them on a page")
  func unknownLearner() throws {
    try Launch11Consumer.run { consumer in
      // As an adoption with `create = no` has it.
      try consumer.world.database.execute(
        """
        create or replace function passerelle.learner_create(
          p_name text, p_given_name text, p_family_name text, p_email text, p_locale text) returns uuid
        language plpgsql as $$ begin raise exception 'nobody matches' using errcode = 'PSA01'; end $$
        """)
      let back = SentBack(try consumer.launch([("launch_presentation_locale", "en")]))
      #expect(back?.log == "learner_unknown" && back?.message?.contains("matches nobody here") == true)
      let page = try consumer.launch([("launch_presentation_return_url", nil)])
      #expect(Refused(page) == Refused(403, "learner_unknown"))
      #expect(try consumer.world.database.count("select from public.learners") == 0)
    }
  }

  @Test("A disabled platform: the signature is still judged first", arguments: Transport.both)
  func disabled(transport: Transport) throws {
    try Launch11Consumer.run(transport) { consumer in
      let world = consumer.world
      let id: String = try world.database.value("select id::text from passerelle.platforms")
      #expect(try world.command("platform", "disable", id).status == 0)
      let back = SentBack(try consumer.launch([("launch_presentation_locale", "en")]))
      #expect(back?.log == "platform_disabled")
      #expect(
        Refused(try consumer.launch([("launch_presentation_return_url", nil)])) == Refused(403, "platform_disabled"))
      let forger = consumer.with(secret: "other")
      #expect(Refused(try forger.launch()) == Refused(400, "launch11_signature_invalid"))
      #expect(try world.database.count("select from public.learners") == 0)
      #expect(try world.command("platform", "enable", id).status == 0)
      #expect(try consumer.launch().fields["Location"]?.contains("#passerelle=") == true)
    }
  }

  @Test("A new secret for a key takes the place of the old one, and nothing secret reaches the log")
  func newSecret() throws {
    try Launch11Consumer.run { consumer in
      let world = consumer.world
      #expect(try consumer.launch().status == 303)
      let run = try Launch11Consumer.add(Launch11Consumer.key, secret: "nouveau ß", issuer: world.moodle.url, world)
      #expect(run.status == 0 && !run.text.contains("nouveau"))
      #expect(Refused(try consumer.launch()) == Refused(400, "launch11_signature_invalid"))
      let renewed = consumer.with(secret: "nouveau ß")
      #expect(try renewed.launch().fields["Location"]?.contains("#passerelle=") == true)
      // A key belongs to one site.
      let stolen = try Launch11Consumer.add(Launch11Consumer.key, secret: "x", issuer: "http://other.example", world)
      #expect(stolen.status == 1 && stolen.errorText.contains("belongs to another platform"))
      let log = try world.tool.log
      for secret in [Launch11Consumer.secret, "nouveau", "student1@example.org", "Lefèvre", "launchid"] {
        #expect(!log.contains(secret), "\(secret)")
      }
    }
  }

  @Test("The return URL keeps its own query and goes nowhere that the platform did not sign")
  func returnURLs() throws {
    try Launch11Consumer.run { consumer in
      for (sent, expected) in [
        ("https://lms.example/back", "https://lms.example/back"),
        ("https://lms.example/back?a=1&b=%C3%A9", "https://lms.example/back?a=1&b=%C3%A9"),
        ("https://lms.example/back?a=1#top", "https://lms.example/back?a=1"),
      ] {
        let response = try consumer.launch([("lti_version", nil), ("launch_presentation_return_url", sent)])
        #expect(SentBack(response)?.url == expected, "\(response.fields["Location"] ?? "")")
      }
      for sent in [
        "https://user:secret@lms.example/", "ftp://lms.example/", "https://lms.example/\r\nX: y", "data:text/html,x",
      ] {
        let response = try consumer.launch([("lti_version", nil), ("launch_presentation_return_url", sent)])
        #expect(Refused(response) == Refused(400, "launch11_version_unsupported"), "\(sent)")
        #expect(response.fields["X"] == nil)
      }
    }
  }
}
