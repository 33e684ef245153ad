import Testing
import Wire

@Suite("HTML escaping")
struct HTMLTests {
  @Test("text cannot open an element")
  func text() {
    #expect(HTML.text("<b>R&D</b> \"é\"") == "&lt;b&gt;R&amp;D&lt;/b&gt; \"é\"")
    #expect(HTML.text("").isEmpty)
  }

  @Test("an attribute's value cannot end the attribute, whichever the quotes")
  func attribute() {
    #expect(HTML.attribute("\" onload='x' <&>é") == "&quot; onload=&#39;x&#39; &lt;&amp;&gt;é")
  }

  @Test("JSON in a script cannot end the script and is still the same value")
  func scriptJSON() throws {
    let value: JSONValue = ["</script><!--": "<script>&amp;é"]
    let text = HTML.scriptJSON(value)
    #expect(!text.contains("<") && !text.contains(">") && !text.contains("&"))
    #expect(try JSONValue(parsing: text) == value)
  }
}
