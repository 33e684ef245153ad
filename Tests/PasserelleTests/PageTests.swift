import CGI
import Testing
import Wire

@testable import Passerelle

/// Pages for people.
@Suite struct PageTests {
  private func page(_ refusal: Refusal, language: Language = .french, back: String? = nil) -> String {
    Page.refusal(refusal, RequestID(), returnURL: back.flatMap { WebURL($0) })(language)
  }

  @Test("Whatever comes from outside is escaped for its place")
  func escaping() throws {
    let hostile = page(
      .unknownModule(slugs: ["<script>alert(1)</script>", "a&b\"'"], isTeacher: true),
      back: "https://moodle.example/?a=1&b='%22%3E")
    #expect(!hostile.contains("<script>"))
    #expect(hostile.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(hostile.contains("a&amp;b"))
    #expect(hostile.contains("https://moodle.example/?a=1&amp;b="))
    #expect(!hostile.contains("b='"))
    let grain = page(.unknownGrain("<img src=x onerror=alert(1)>"))
    #expect(!grain.contains("<img"))
  }

  @Test("The person's language comes first and the other follows, each marked")
  func languages() {
    let french = page(.invalidCode)
    let english = page(.invalidCode, language: .english)
    #expect(
      french.contains(#"<p lang="en" class="other">"#) && french.contains("<h1>Impossible d’ouvrir l’activité</h1>"))
    #expect(
      english.contains(#"<p lang="fr" class="other">"#) && english.contains("<h1>The activity cannot be opened</h1>"))
    for text in [french, english] { #expect(text.contains("<code>invalid_code</code>")) }
  }

  @Test("There is a way back only when there is an address")
  func wayBack() {
    #expect(!page(.invalidCode).contains("<a "))
    #expect(
      page(.invalidCode, back: "https://moodle.example/x").contains(
        #"<a href="https://moodle.example/x" target="_top">"#))
  }

  @Test("An administrator's commands are folded away, and in the sentence for everybody there is none")
  func advice() {
    let page = page(.platformUnknown, language: .english)
    #expect(
      page.contains(
        "<details><summary>For the administrator</summary><p>On Passerelle’s server: passerelle platform invite"))
    #expect(!page.split(separator: "<details>")[0].contains("passerelle platform"))
    #expect(!self.page(.invalidCode).contains("<details>"))
  }

  @Test(
    "The institution's name, logo, colour and declaration of accessibility stand on a page, and nothing else is let in")
  func house() throws {
    var house = House()
    let page = Page(language: .french, title: Refusal.notFound.title) { _ in "<p>x</p>" }
    #expect(!page.response(status: 200, frameAncestors: nil, house: house).text.contains("<footer"))
    house.institution = "Lycée <X> & Y"
    house.logo = WebURL("https://www.example.org/logo.svg")
    house.colour = House.Colour("#0b57d0")
    house.declaration = WebURL("https://www.example.org/a11y?a=1&b=2")
    house.accessibility = .partial
    let response = page.response(status: 200, frameAncestors: nil, house: house)
    #expect(response.text.contains("<span>Lycée &lt;X&gt; &amp; Y</span>"))
    #expect(response.text.contains("<img src=\"https://www.example.org/logo.svg\" alt=\"\""))
    #expect(response.text.contains("border-top:.3rem solid #0b57d0"))
    #expect(response.text.contains("href=\"https://www.example.org/a11y?a=1&amp;b=2\""))
    #expect(response.text.contains("Accessibilité : partiellement conforme"))
    #expect(response.fields["Content-Security-Policy"]?.contains("img-src https://www.example.org") == true)
    for colour in ["red", "#fff", "#0b57d0;}", "#0b57dg", ""] { #expect(House.Colour(colour) == nil) }
  }

  @Test("The policy allows the page's own style and nothing else; frames as far as they are known")
  func policy() throws {
    let page = Page(language: .french, title: Refusal.notFound.title) { _ in "<p>x</p>" }
    func policy(_ origins: [Origin]?) -> String? {
      page.response(status: 400, frameAncestors: origins).fields["Content-Security-Policy"]
    }
    let moodle = try #require(Origin("https://moodle.example"))
    let known = try #require(policy([moodle]))
    #expect(known.hasPrefix("default-src 'none'; "))
    #expect(known.contains("frame-ancestors 'self' https://moodle.example"))
    #expect(!known.contains("unsafe"))
    #expect(policy([])?.contains("frame-ancestors 'self'") == true)
    #expect(policy(nil)?.contains("frame-ancestors") == false)
    let response = page.response(status: 418, frameAncestors: nil)
    #expect(response.status == 418 && response.fields["X-Frame-Options"] == nil)
    #expect(response.text.hasPrefix("<!doctype html>\n<html lang=\"fr\">"))
  }
}
