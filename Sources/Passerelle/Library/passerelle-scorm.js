// The part for packages of SCORM 1.2 and 2004 (4th edition; one SCO) that are unzipped on the same site:
//   <iframe data-passerelle-grain="slug" data-passerelle-scorm data-src="package/index.html"></iframe>
// The author's frame becomes the one in which the API stands, the package plays in a frame within: so each has its own.
Passerelle.parts.scorm = ({ part, current, here, warn }) => {
  const quiet = () => {};
  const pause = (time) => new Promise((resume) => setTimeout(resume, time));

  // What the manifest says of the package that lies at an address: looked for upwards within the site.
  const manifest = async (src) => {
    for (let folder = new URL(".", src), last; folder.href !== last; last = folder.href, folder = new URL("..", folder)) {
      const text = await fetch(new URL("imsmanifest.xml", folder)).then((answer) => (answer.ok ? answer.text() : ""), () => "");
      const root = new DOMParser().parseFromString(text, "text/xml").documentElement;
      if (root.localName === "manifest") return read(root, folder, src);
    }
    return {};
  };
  const read = (root, folder, src) => {
    const all = (name, from = root) => [...from.getElementsByTagNameNS("*", "*")].filter(({ localName }) => localName.toLowerCase() === name);
    const text = (name, from) => all(name, from)[0]?.textContent.trim() ?? "";
    const schema = text("schemaversion");
    const resource = all("resource").find((each) => each.hasAttribute("href")
      && new URL(each.getAttribute("href"), folder).pathname === src.pathname);
    const items = all("item").filter((item) => item.hasAttribute("identifierref"));
    const item = items.find((each) => each.getAttribute("identifierref") === resource?.getAttribute("identifier")) ?? items[0];
    const own = [...(item?.children ?? [])];
    let order = own.find(({ localName }) => localName === "sequencing");
    const shared = order?.getAttribute("IDRef");
    if (shared) order = all("sequencing").find((each) => each.getAttribute("ID") === shared) ?? order;
    const first = order && all("primaryobjective", order)[0];
    const objectives = order ? [first, ...all("objective", order)].map((each) => each?.getAttribute("objectiveID")).filter(Boolean) : [];
    const part = (name) => own.find(({ localName }) => localName.toLowerCase() === name)?.textContent.trim() ?? "";
    const is2004 = /2004|^CAM|1\.3/.test(schema);
    const limits = { max_time_allowed: part("maxtimeallowed"), time_limit_action: part("timelimitaction") };
    const preset = is2004
      ? { ...limits, launch_data: part("datafromlms"), completion_threshold: part("completionthreshold"),
          scaled_passing_score: first?.getAttribute("satisfiedByMeasure") === "true" ? text("minnormalizedmeasure", first) || "1.0" : "" }
      : { launch_data: part("datafromlms"), "student_data.mastery_score": part("masteryscore"),
          "student_data.max_time_allowed": limits.max_time_allowed, "student_data.time_limit_action": limits.time_limit_action };
    objectives.forEach((id, index) => (preset[`objectives.${index}.id`] = id));
    return { version: is2004 ? "2004" : /^1\.2/.test(schema) ? "1.2" : undefined, preset };
  };

  const open = new Map();
  // One that was taken out of the page has said its last word.
  new MutationObserver(() => open.forEach(({ settle }, frame) => {
    if (frame.isConnected) return;
    open.delete(frame);
    settle?.();
  })).observe(document, { childList: true, subtree: true });
  // The frame is emptied before it is let go: a package that speaks only when it is left, does so now.
  const empty = async (frame) => {
    const { inner, settle } = open.get(frame) ?? {};
    open.delete(frame);
    if (!inner?.contentWindow) return;
    await Promise.race([pause(2000), new Promise((resume) => {
      inner.onload = resume;
      inner.contentWindow.location.replace("about:blank");
    })]);
    settle();
  };
  const put = async (frame) => {
    const { passerelleGrain: grain, passerelleScorm: asked, src: address } = frame.dataset;
    const src = new URL(address ?? "", document.baseURI);
    if (!address) return;
    if (src.origin !== location.origin && location.protocol !== "file:") warn(`a SCORM package of another site cannot be heard: ${src}`);
    const place = {};
    open.set(frame, place);
    const [session, { version: found, preset }] = await Promise.all([current().catch(() => null), manifest(src)]);
    const version = /^(1\.2|2004)$/.test(asked) ? asked : found;
    if (!version) warn(`no imsmanifest.xml above ${src} says a version: both APIs of SCORM are offered`);
    const self = here();
    let kept, box;
    while (session) {
      try {
        box = (await part("state"))(self, grain);
        kept = await box.get();
        break;
      } catch (error) {
        if (!error.away) {
          warn(`the state of "${grain}": ${error.message}`);
          box = null;
          break;
        }
        await pause(5000);
      }
    }
    if (open.get(frame) !== place) return;
    const { learner } = session ?? {};
    const begun = Date.now();
    // What the server knows already is not told again.
    const known = self?.session.progress?.grains.find(({ slug }) => slug === grain);
    let reported = known?.status === "completed" ? known.score ?? 1 : -1;
    let timer, gone = false, last = "", committed = !!kept;
    const runtime = await part("cmi");
    const play = (version) => runtime(version, {
      kept: kept?.scorm === version ? kept : undefined, preset: version === found || !found ? preset : undefined,
      person: { id: learner?.id ?? "", name: learner?.name ?? "" },
      page: () => place.inner?.contentDocument,
      touched: () => {
        try {
          return place.inner.contentWindow.navigator.userActivation.hasBeenActive;
        } catch {
          return Date.now() - begun > 3000;
        }
      },
      changed: (isCommit = false) => {
        committed = isCommit;
        if (gone || !frame.isConnected) return settle();
        timer ??= setTimeout(settle, 100);
      },
    });
    const runs = (version ? [version] : ["1.2", "2004"]).map(play);
    const keep = (run) => {
      const state = run.snapshot();
      const text = JSON.stringify(state);
      if (!box || text === last || !Object.keys(state.cmi).length) return;
      last = text;
      try {
        box.put(state);
      } catch (error) {
        warn(error.message);
        try {
          box.put(run.snapshot(true));
        } catch {}
      }
    };
    // A burst of calls is one of ours.
    const settle = () => {
      clearTimeout(timer);
      timer = null;
      const run = runs.find(({ started }) => started());
      if (!run || !session) return;
      keep(run);
      const outcome = run.outcome();
      const points = outcome && (outcome.score ?? 1);
      // Done without a score may be followed by one, until the package commits or is left.
      if (points > reported && (outcome.score !== undefined || committed || gone || !frame.isConnected)) {
        reported = points;
        session.complete(grain, outcome.score).catch(quiet);
      } else if (known?.status === "none" && reported === -1) {
        reported = -0.5;
        session.start(grain).catch(quiet);
      }
      if (gone) self.part();
    };
    place.settle = settle;
    addEventListener("pagehide", ({ persisted }) => {
      gone = true;
      settle();
      // A page that is kept for Back unloads no frame: a package that speaks only then is told so, after its own "pagehide".
      const content = place.inner?.contentWindow;
      if (persisted && open.get(frame) === place) {
        content?.addEventListener("pagehide", () => content.dispatchEvent(new Event("unload")), { once: true });
      }
    });
    addEventListener("pageshow", ({ persisted }) => {
      gone = false;
      if (persisted && open.get(frame) === place) empty(frame).then(() => show(frame));
    });

    frame.srcdoc = "<!doctype html>";
    await new Promise((resume) => (frame.onload = resume));
    frame.onload = null;
    const outer = frame.contentWindow;
    for (const { api } of runs) outer[api.LMSInitialize ? "API" : "API_1484_11"] = api;
    const inner = outer.document.createElement("iframe");
    Object.assign(inner, { src: src.href, title: frame.title || document.title, allow: "autoplay; fullscreen" });
    inner.style.cssText = "position:fixed;inset:0;width:100%;height:100%;border:0";
    outer.document.body.append(inner);
    place.inner = inner;
  };

  // A link to elsewhere waits until every package has been left.
  addEventListener("click", async (event) => {
    const link = event.target.closest?.("a[href]");
    const frames = [...open.keys()].filter(({ isConnected }) => isConnected);
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
      || !/^(_self|_top|)$/.test(link.target) || link.hasAttribute("download") || !/^http/.test(link.protocol) || !frames.length
      || link.href.split("#")[0] === location.href.split("#")[0]) return;
    event.preventDefault();
    await Promise.all(frames.map(empty));
    (link.target === "_top" ? top : window).location.assign(link.href);
  });

  const show = (frame) => put(frame).catch(({ message }) => warn(message));

  return {
    scorm(frame) {
      show(frame);
      // Another package in the same frame, or none: the former is left first.
      new MutationObserver(async () => {
        await empty(frame);
        if (frame.dataset.src) show(frame);
        else frame.removeAttribute("srcdoc");
      }).observe(frame, { attributeFilter: ["data-src"] });
    },
  };
};
