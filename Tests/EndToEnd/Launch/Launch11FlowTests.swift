import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// LTI 1.1 launches that are accepted: who arrives, where, and what the signature covers.
@Suite(.needsStack) struct Launch11FlowTests {
  @Test(
    "A learner launched by LTI 1.1 completes three grains of four and has 15 of 20 before the answer",
    arguments: Transport.both)
  func journey(transport: Transport) throws {
    try Launch11Consumer.run(transport) { consumer in
      let trace = try consumer.ownLaunch()
      #expect(trace.hops.count == 2 && trace.final?.response.status == 303)
      #expect(trace.location?.description.hasPrefix(World.minisite + "#passerelle=") == true)
      let page = try MiniSite(consumer.world, code: try consumer.world.code(of: trace))
      #expect(page.opened.at("learner.name") == "Éloïse Lefèvre")
      #expect(page.opened.at("learner.email") == "student1@example.org")
      #expect(page.opened["role"] == "learner")
      #expect(page.opened.at("module.slug") == "decouverte")
      #expect(page.opened["returnUrl"]?.stringValue == trace.launchForm11?.value("launch_presentation_return_url"))
      for (done, grain) in TestDatabase.grains.prefix(3).enumerated() {
        let answer = try page.complete(grain)
        #expect(try answer.json.at("grade.status") == "delivered", "\(answer.text)")
        #expect(consumer.gradebook() == Double(done + 1) * 5)
      }
      #expect(consumer.gradebook() == 15)
      #expect(consumer.world.moodle.platform.grade(user: 3, activity: 2)?.completion == "COMPLETE")
    }
  }

  @Test("A teacher arrives at the dashboard as an instructor, and owes nothing", arguments: Transport.both)
  func teacher(transport: Transport) throws {
    try Launch11Consumer.run(transport) { consumer in
      let trace = try consumer.ownLaunch(user: 8)
      #expect(try trace.location?.withFragment(nil) == consumer.world.url("/dashboard"))
      let page = try MiniSite(consumer.world, code: try consumer.world.code(of: trace))
      #expect(page.opened["role"] == "instructor")
      let world = consumer.world
      #expect(try world.database.first("select instructor from passerelle.enrolments") == true)
      #expect(try world.database.count("select from public.grades where status <> 'none'") == 0)
      #expect(consumer.outcomes.isEmpty)
    }
  }

  @Test("HMAC-SHA1 and HMAC-SHA256 are taken", arguments: [Launch11Consumer.Method.sha1, .sha256])
  func methods(method: Launch11Consumer.Method) throws {
    try Launch11Consumer.run { consumer in
      let signer = consumer.with(method: method)
      let page = try signer.session(signer.launch())
      #expect(page.opened["role"] == "learner")
    }
  }

  @Test("Repeated, empty and non-ASCII parameters are signed as they are", arguments: Transport.both)
  func parameters(transport: Transport) throws {
    try Launch11Consumer.run(transport) { consumer in
      let message =
        try consumer.message([("lis_person_name_full", "Zoë Ñandú + fils & Cie = 100 % “été” 😀")]) + [
          ("custom_tag", "b"), ("custom_tag", ""), ("custom_tag", "à"), ("custom_tag", "a b"), ("ext_empty", ""),
          ("ext_é", "~*'()!"), ("", "nameless"), ("ext.dotted-name_1", "\t\n"),
        ]
      let page = try consumer.session(consumer.post(consumer.sign(message)))
      #expect(page.opened.at("learner.name") == "Zoë Ñandú + fils & Cie = 100 % “été” 😀")
      // Each of them counts: another order of repeated values is the same message, another value is not.
      let form = try consumer.sign(message)
      let shuffled = form.filter { $0.0 == "custom_tag" }.reversed() + form.filter { $0.0 != "custom_tag" }
      #expect(try consumer.post(Array(shuffled)).status == 303)
      for name in ["custom_tag", "ext_empty", "ext_é", ""] {
        var changed = try consumer.sign(message)
        let index = try #require(changed.firstIndex { $0.0 == name })
        changed[index].1 += "x"
        #expect(Refused(try consumer.post(changed)) == Refused(400, "launch11_signature_invalid"), "\(name)")
        changed.remove(at: index)
        #expect(Refused(try consumer.post(changed)) == Refused(400, "launch11_signature_invalid"), "\(name)")
      }
    }
  }

  @Test("The query of the launch URL is signed, and may name the module", arguments: Transport.both)
  func query(transport: Transport) throws {
    try Launch11Consumer.run(transport) { consumer in
      let world = consumer.world
      try world.database.execute("insert into public.modules (slug, title) values ('second', 'Deuxième')")
      let query = "?module=second&b=%C3%A9t%C3%A9+1&b=&a"
      let url = try world.url("/lti/launch" + query)
      // As Moodle does it, for an activity with an address of its own.
      world.moodle.platform.changeActivity(cmid: Launch11Consumer.cmid) { $0.toolURL = url.description }
      #expect(try consumer.ownSession().opened.at("module.slug") == "second")
      // The same signature for another query is none.
      let form = try consumer.sign(consumer.message(), url: url)
      for other in ["", "?module=decouverte&b=%C3%A9t%C3%A9+1&b=&a", query + "&c=1"] {
        let answer = try consumer.post(form, query: other)
        #expect(Refused(answer) == Refused(400, "launch11_signature_invalid"), "\(other)")
      }
      // Another way to write the same items is the same (RFC 5849 §3.4.1.3).
      #expect(try consumer.post(form, query: "?a=&b=&b=%c3%a9t%C3%A9%201&module=s%65cond").status == 303)
    }
  }

  @Test("A query with bytes that no URL has, which browsers leave as they are, is signed all the same")
  func rawQuery() throws {
    try Launch11Consumer.run(.event) { consumer in
      let query = "/lti/launch?module=decouverte"
      let form = try consumer.sign(consumer.message(), url: consumer.world.url(query + "&x=%7Ba%7Cb%7D%5E%60"))
      let body = FormURLEncoded.encode(form)
      let connection = try RawHTTP(consumer.world.tool.base)
      connection.write(
        "POST \(consumer.world.tool.base.path)\(query)&x={a|b}^` HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
          + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
      #expect(try connection.response()?.status == 303)
    }
  }

  @Test("The signature is for the base URL of the settings, whatever the request's own fields say")
  func baseURL() throws {
    try Launch11Consumer.run { consumer in
      let lies = [
        ("Host", "evil.example"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"),
        ("Forwarded", "host=evil.example;proto=https"), ("X-Forwarded-Port", "444"),
      ]
      #expect(try consumer.post(consumer.sign(consumer.message()), fields: lies).status == 303)
      for address in ["https://evil.example/passerelle/lti/launch", "https://tool.example/passerelle/lti/launch"] {
        let form = try consumer.sign(consumer.message(), url: WebURL(address))
        #expect(Refused(try consumer.post(form, fields: lies)) == Refused(400, "launch11_signature_invalid"))
      }
      // Host in capitals and the scheme's own port are the same address (RFC 5849 §3.4.1.2).
      let form = try consumer.sign(consumer.message(), url: WebURL("http://TOOL.example:80/passerelle/lti/launch"))
      #expect(try consumer.post(form).status == 303)
    }
  }

  @Test("The module and the grain come from custom parameters")
  func custom() throws {
    try Launch11Consumer.run { consumer in
      let world = consumer.world
      try world.database.execute("insert into public.modules (slug, title) values ('second', 'Deuxième')")
      let answer = try consumer.launch([("custom_module", "decouverte"), ("custom_grain", "bilan")])
      let location = try #require(answer.fields["Location"])
      #expect(location.hasPrefix(World.minisite + "?grain=bilan#passerelle="))
      #expect(try consumer.session(answer).opened.at("module.slug") == "decouverte")
      let back = try #require(SentBack(try consumer.launch([("custom_module", "troisieme")])))
      #expect(back.log == "unknown_module")
      #expect(back.message?.contains("decouverte") == true && back.message?.contains("second") == true)
    }
  }

  @Test("Nobody needs a cookie, also in a frame")
  func frame() throws {
    try Launch11Consumer.run { consumer in
      let answer = try consumer.post(
        consumer.sign(consumer.message()), fields: [("Sec-Fetch-Dest", "iframe"), ("Sec-Fetch-Site", "cross-site")])
      #expect(answer.status == 303 && answer.fields["Set-Cookie"] == nil)
      #expect(try consumer.session(answer).opened["role"] == "learner")
    }
  }
}
