// The part of passerelle.js for those who only look: an author without Moodle, a teacher. The page plays the server.
Passerelle.parts.preview = ({ words, say, failure, each, given, tellOf, base }) => {
  const page = document;
  Object.assign(words, {
    preview: ["Aperçu : rien n’est enregistré.", "Preview: nothing is recorded."],
    grade: ["Note", "Grade"],
    name: ["Prénom Nom", "First Last"],
    asLearner: ["Suivre l’activité comme apprenant", "Take the activity as a learner"],
  });
  let mood = "delivered";
  const bar = page.createElement("div");
  const text = page.createElement("span");
  const moods = page.createElement("select");
  const asLearner = page.createElement("button");
  bar.dataset.passerelleOwn = "div";
  bar.append(text);

  // Somebody who teaches the activity, and whom Moodle sends as a learner, becomes one for good: the page begins anew, with
  // the server.
  const becomeLearner = async ({ record, session }) => {
    await session.request("POST", "session/as-learner");
    const key = `passerelle ${base()} `;
    const records = JSON.parse(sessionStorage[key] ?? "[]");
    sessionStorage[key] = JSON.stringify(records.map((each) => (each.id === record.id ? { ...each, preview: false } : each)));
    location.reload();
  };

  const tally = (progress) => {
    const done = progress.grains.filter(({ status }) => status === "completed");
    const sum = (list, value) => list.reduce((all, grain) => all + (grain.weight ?? 1) * value(grain), 0);
    const ratio = sum(done, ({ score }) => score ?? 1) / (sum(progress.grains, () => 1) || 1);
    const { maximum } = progress.grade;
    return {
      ...progress, ratio, completed: done.length, total: progress.grains.length,
      grade: { status: done.length ? mood : "none", score: ratio * maximum, maximum, message: "" },
    };
  };

  return {
    // A session that no server knows.
    record() {
      const module = { slug: given("module") ?? "preview", title: page.title };
      const grade = { status: "none", score: 0, maximum: 100, message: "" };
      return {
        preview: true, role: "learner", learner: { id: "preview", name: say("name"), email: null, locale: null }, module,
        activity: null, scope: "learner", run: 0, grain: null, returnUrl: null, expiresAt: null,
        progress: { module, grains: [], completed: 0, total: 0, ratio: 0, grade },
      };
    },

    // The answer to GET and POST /api/progress.
    answer({ progress }, body) {
      const grains = progress.grains.map((grain) => ({ ...grain }));
      for (const { grain: slug, status, score } of body ? body.grains ?? [body] : []) {
        const grain = grains.find((each) => each.slug === slug);
        if (!grain) throw failure("unknown_grain", 422);
        if (status === "completed") {
          Object.assign(grain, { status, score: Math.max(grain.score ?? 0, score ?? 1), completedAt: new Date().toISOString() });
        } else if (grain.status === "none") grain.status = status;
      }
      return tally({ ...progress, grains });
    },

    // Without a catalogue the page's grains are all there are.
    show(here) {
      const { record, update, refresh } = here;
      const { grains } = record.progress;
      const before = grains.length;
      if (!record.path) {
        for (const name of ["grain", "start"]) {
          each(name, (element) => {
            const slug = element.getAttribute(`data-passerelle-${name}`);
            if (grains.some((grain) => grain.slug === slug)) return;
            grains.push({ slug, title: slug, weight: 1, status: "none", score: null, completedAt: null });
          });
        }
      }
      const language = say("preview");
      if (text.textContent !== language) {
        text.textContent = language;
        asLearner.textContent = say("asLearner");
        moods.ariaLabel = say("grade");
        moods.replaceChildren(...["delivered", "pending", "failed"].map((name) => new Option(say(name), name, false, name === mood)));
      }
      moods.onchange = () => {
        mood = moods.value;
        refresh();
      };
      if (!record.path && !moods.isConnected) bar.append(" ", moods);
      if (record.path && record.role === "learner") {
        asLearner.type = "button";
        asLearner.onclick = () => becomeLearner(here).catch(tellOf);
        if (!asLearner.isConnected) bar.append(" ", asLearner);
      } else asLearner.remove();
      if (!bar.isConnected) page.body.append(bar);
      if (grains.length > before) update(tally(record.progress));
    },

    // The preview goes along to the site's other pages.
    follow({ record }, link) {
      if (record.path || link.origin !== location.origin || /[?&]passerelle=preview/.test(link.search)) return;
      link.search += `${link.search ? "&" : "?"}passerelle=preview`;
    },

    leave: () => bar.remove(),
  };
};
