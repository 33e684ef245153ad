import TestSupport
import Testing
import Wire

/// An audit of the page that a browser shows, beside axe's: by what Chromium itself tells assistive technology, and by how the page
/// is laid out and painted, whatever axe leaves open. Each finding is a rule and the element's beginning.
enum PageAudit {
  /// Roles that say nothing without a name.
  private static let named: Set<String> = [
    "button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "spinbutton", "table", "region",
    "dialog",
    "image", "DisclosureTriangle", "columnheader", "rowheader",
  ]

  /// What is wrong with the page; empty when nothing is.
  static func findings(in browser: WebDriver) throws -> [String] {
    var found = try texts(browser.run(script))
    for node in try browser.accessibleNodes() where named.contains(node.role) && node.name.isEmpty {
      found.append("no name: \(node.role)")
    }
    found += try Axe.violations(in: browser).map { "axe " + $0 }
    return found
  }

  /// A page with something wrong fails the test, which then says what.
  static func expectNone(
    in browser: WebDriver, _ page: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let found = try findings(in: browser)
    #expect(found == [], "\(page) \(found)", sourceLocation: sourceLocation)
  }

  private static func texts(_ value: JSONValue) throws -> [String] {
    try #require(value.arrayValue).compactMap(\.stringValue)
  }

  /// Makes the text as wide as WCAG 1.4.12 says that it may become.
  static func spaceText(in browser: WebDriver) throws {
    try browser.run(
      """
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
        p { margin-bottom: 2em !important }`);
      document.adoptedStyleSheets = [sheet];
      """)
  }

  private static let script = #"""
    const found = [];
    const note = (rule, element) => found.push(`${rule}: ${element.outerHTML.slice(0, 160)}`);
    const isShown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const all = [...document.querySelectorAll("body *")].filter(isShown);
    const shown = (selector) => all.filter((element) => element.matches(selector));
    // Only for those who listen.
    const isHeard = (element) => !!element.closest(".unseen") || getComputedStyle(element).clipPath !== "none";

    // The page.
    if (!/^(fr|en)$/.test(document.documentElement.lang)) note("language", document.documentElement);
    if (!document.title.trim()) note("title", document.head);
    const zoom = document.querySelector("meta[name=viewport]")?.content ?? "";
    if (/user-scalable=no|maximum-scale=1/.test(zoom)) note("zoom", document.head);
    if (shown("main").length !== 1) note("one main", document.body);
    if (document.documentElement.scrollWidth > innerWidth) note(`wider than its window by ${document.documentElement.scrollWidth - innerWidth}`, document.body);
    const ids = new Set();
    for (const element of document.querySelectorAll("[id]")) {
      if (ids.has(element.id)) note("id twice", element);
      ids.add(element.id);
    }

    // Headings.
    const headings = shown("h1, h2, h3, h4");
    if (headings.filter((heading) => heading.localName === "h1" && !heading.closest("dialog")).length !== 1) note("one h1", document.body);
    headings.reduce((level, heading) => {
      const own = Number(heading.localName[1]);
      if (own > level + 1) note("heading level", heading);
      return own;
    }, 0);

    // Parts that belong together.
    for (const element of shown("ul > *, ol > *")) if (element.localName !== "li") note("in a list", element);
    for (const element of shown("dl > *")) if (!/^(dt|dd|div)$/.test(element.localName)) note("in a list of terms", element);
    for (const table of shown("table")) {
      if (!table.querySelector("th")) note("no heading", table);
      if (table.querySelector("thead") && !table.caption) note("no caption", table);
      for (const th of table.querySelectorAll("th")) if (!th.scope) note("no scope", th);
    }
    for (const element of shown("img")) if (!element.hasAttribute("alt")) note("no alternative", element);
    for (const element of shown("svg")) if (element.getAttribute("aria-hidden") !== "true" && element.getAttribute("role") !== "img") note("no alternative", element);
    for (const element of document.querySelectorAll("[aria-labelledby], [aria-describedby], [aria-controls]")) {
      for (const name of ["aria-labelledby", "aria-describedby", "aria-controls"]) {
        for (const id of (element.getAttribute(name) ?? "").split(/\s+/).filter(Boolean)) if (!document.getElementById(id)) note(`${name} leads nowhere`, element);
      }
    }

    // With the keyboard.
    const focusable = "a[href], button:not(:disabled), input:not(:disabled), select, textarea, summary, [tabindex='0']";
    for (const element of shown(`[aria-hidden=true]`)) if (element.matches(focusable) || element.querySelector(focusable)) note("focus where nothing is told", element);
    for (const element of document.querySelectorAll("[tabindex]")) if (element.tabIndex > 0) note("order of the focus", element);
    for (const element of all) {
      const { overflowX, overflowY } = getComputedStyle(element);
      const scrolls = (/auto|scroll/.test(overflowY) && element.scrollHeight > element.clientHeight + 1)
        || (/auto|scroll/.test(overflowX) && element.scrollWidth > element.clientWidth + 1);
      if (scrolls && !element.matches(focusable) && !element.querySelector(focusable)) note("scrolls without the keyboard", element);
    }
    for (const element of shown("button, select, summary, input")) {
      if (isHeard(element)) continue;
      const target = (element.closest("label") ?? element).getBoundingClientRect();
      if (target.width < 23.5 || target.height < 23.5) note(`target ${Math.round(target.width)} × ${Math.round(target.height)}`, element);
    }

    // Text that is cut off without being meant to be.
    for (const element of all) {
      const style = getComputedStyle(element);
      if (!/hidden|clip/.test(style.overflowX + style.overflowY) || isHeard(element) || !element.textContent.trim()) continue;
      const isMeant = style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none" || parseFloat(style.textIndent) > 20
        || element.closest("thead .cell") || element.localName === "svg";
      if (!isMeant && (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)) note("cut off", element);
    }

    // Contrast, of what is painted on plain grounds.
    const colour = (text) => {
      const numbers = (text.match(/-?[\d.]+(e-?\d+)?/g) ?? []).map(Number);
      if (!text.startsWith("color(")) return [...numbers.slice(0, 3), numbers[3] ?? 1];
      return [...numbers.slice(0, 3).map((one) => one * 255), numbers[3] ?? 1];
    };
    const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
    const light = (rgb) => {
      const [r, g, b] = rgb.map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
      const layers = [];
      for (let here = element; here; here = here.parentElement) {
        const style = getComputedStyle(here);
        if (style.backgroundImage !== "none") return null;
        layers.unshift(colour(style.backgroundColor));
      }
      return layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
    };
    // Behind a question that waits, and while something is under way, nothing can be pressed.
    const isInactive = (element) => element.closest("option, :disabled, [aria-busy=true]")
      || (document.querySelector("dialog:modal")?.contains(element) === false);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const judged = new Set();
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim() || judged.has(element) || !isShown(element) || isHeard(element) || isInactive(element) || element.closest("script")) continue;
      judged.add(element);
      const style = getComputedStyle(element);
      if (parseFloat(style.textIndent) > 20 || parseFloat(style.fontSize) === 0) continue;
      const below = ground(element);
      if (!below) continue;
      let opacity = 1;
      for (let here = element; here; here = here.parentElement) opacity *= Number(getComputedStyle(here).opacity);
      const ink = colour(style.color);
      const [a, b] = [light(over([...ink.slice(0, 3), ink[3] * opacity], below)), light(below)];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const size = parseFloat(style.fontSize);
      if (ratio < (size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5)) note(`contrast ${ratio.toFixed(2)}`, element);
    }
    return found;
    """#
}
