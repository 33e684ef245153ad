import DemoMoodle
import TestSupport
import Testing
import Wire

/// Two activities of one module on one page of Moodle.
@Suite("Activities side by side", .serialized, .needsBrowser) struct SideBySideTests {
  @Test("What is finished in one activity shows in the other on the same page, without a reload")
  func frames() throws {
    let activities = [Activity(name: "Un"), Activity(cmid: 3, instance: 2, name: "Deux")]
    try Studio.run(activities: activities) { studio in
      let frames = [2, 3].map { cmid in
        "<iframe id=f\(cmid) width=500 height=400 src=\"\(studio.room.moodle)/mod/lti/launch.php?id=\(cmid)&amp;user=3\"></iframe>"
      }.joined()
      try PlatformStub.run({ _, _ in .html("<!doctype html><title>Course</title>" + frames) }) { course in
        let port = try #require(WebURL(course.url)).port
        // Only pages of a registered site may show the tool in a frame.
        try studio.world.database.execute(
          "insert into passerelle.platforms (name, issuer) values ('Course', \("http://localhost:\(port)"))")
        let browser = studio.browser
        try browser.open("http://localhost:\(port)/")
        for frame in ["#f2", "#f3"] {
          try browser.enterFrame(frame)
          try studio.wait(for: "0 of 4 grains")
          try browser.run("window.loadedOnce = true")
          try browser.leaveFrames()
        }
        try browser.enterFrame("#f2")
        try browser.click("#one")
        try studio.wait(for: "1 of 4 grains")
        try browser.leaveFrames()
        try browser.enterFrame("#f3")
        try studio.wait(for: "1 of 4 grains")
        #expect(try browser.run("return window.loadedOnce") == true)
        #expect(try browser.run("return document.querySelector('#first').dataset.passerelleStatus") == "completed")
      }
    }
  }
}
