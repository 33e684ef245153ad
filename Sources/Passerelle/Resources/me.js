// The page on which learners see their own progress. page.js and progress.js come before it.
Object.assign(words, {
  title: ["Ma progression", "My progress"],
  preview: [
    "Vous enseignez cette activité : rien de ce que vous y faites n’est enregistré.",
    "You teach this activity: nothing that you do in it is recorded.",
  ],
  asLearner: ["La suivre comme apprenant", "Take it as a learner"],
  goOn: ["Continuer dans le mini-site", "Continue in the mini-site"],
  nextGrain: [(title) => `À suivre : ${title}`, (title) => `Next: ${title}`],
  allDone: ["Tout est terminé. Bravo !", "Everything is completed. Well done!"],
  journeyNone: [
    "Cette activité ne transmet pas de note à Moodle pour l’instant : votre travail est enregistré ici.",
    "This activity has no grade for Moodle for now: your work is recorded here.",
  ],
  attestation: ["Attestation", "Certificate of completion"],
  attests: [
    (name, module, date) => `${name} a terminé le module « ${module} » le ${date}.`,
    (name, module, date) => `${name} completed the module “${module}” on ${date}.`,
  ],
  attested: [(n, share) => `${n} grain${n > 1 ? "s" : ""}, résultat : ${share}.`, (n, share) => `${n} grain${n > 1 ? "s" : ""}, result: ${share}.`],
  issued: [(date, who) => `Fait le ${date}${who ? `, ${who}` : ""}.`, (date, who) => `Issued on ${date}${who ? `, ${who}` : ""}.`],
  print: ["Imprimer l’attestation", "Print the certificate"],
  somebody: [(id) => `Apprenant ${id}`, (id) => `Learner ${id}`],
});

const body = make("div", {});

const day = (value) => format("DateTimeFormat", { dateStyle: "long" }).format(new Date(value));
const nameOf = ({ name, email, id }) => name || email || say("somebody", id.slice(0, 8));

// What a learner has who completed everything: it prints alone.
const attestation = ({ module, grains, ratio }) => {
  const { institution, logo } = root.dataset;
  const last = grains.map(({ completedAt }) => completedAt).filter(Boolean).sort().at(-1);
  return make("section", { class: "attestation", "aria-labelledby": "attestation" },
    logo && make("img", { src: logo, alt: "" }), institution && make("p", {}, institution),
    make("h2", { id: "attestation" }, say("attestation")),
    make("p", {}, say("attests", nameOf(session.learner), titleIn(module.title), day(last ?? Date.now()))),
    make("p", {}, say("attested", grains.length, percent(ratio))),
    make("table", {}, make("caption", { class: "unseen" }, say("grains")), make("tbody", {}, ...grains.map(({ title, score, completedAt }) =>
      make("tr", {}, make("th", { scope: "row" }, titleIn(title)), make("td", {}, completedAt ? day(completedAt) : ""),
        make("td", { class: "number" }, score == null ? "" : percent(score)))))),
    make("p", {}, say("issued", day(Date.now()), institution)),
    make("p", { class: "tools" }, make("button", { type: "button", class: "print", onclick: () => print() }, say("print"))));
};

// A teacher who only looks becomes a learner for good.
const preview = make("p", {});
const becomeLearner = async () => {
  await call("POST", "session/as-learner");
  session = { ...session, preview: false };
  store[key + id] = JSON.stringify({ ...session, progress: null });
  preview.hidden = true;
  await load(true);
};

const show = (progress, isAsked) => {
  const { learner, returnUrl } = session;
  if (!root.contains(body)) {
    titled(say("title"));
    const back = returnUrl && make("a", { href: returnUrl, target: "_top", class: "button" }, say("home"));
    const goOn = button("goOn", async () => location.assign(await minisite()));
    preview.hidden = !session.preview;
    preview.replaceChildren(say("preview"), " ", button("asLearner", becomeLearner));
    root.replaceChildren(notice,
      head(say("title"), titleIn(progress.module.title), [nameOf(learner)], goOn, back, button("refresh", () => load(true))),
      preview, body, make("p", {}, updated), spoken);
  }
  const isWhole = progress.total > 0 && progress.completed >= progress.total;
  const next = progress.grains.find(({ status }) => status !== "completed");
  const { status, message } = progress.grade;
  body.replaceChildren(
    make("p", { class: "next" }, isWhole ? say("allDone") : next ? say("nextGrain", titleIn(next.title)) : ""),
    overview(progress), make("p", { class: "journey quiet" }, status === "none" ? say("journeyNone") : message),
    grainTable(progress.grains), isWhole ? attestation(progress) : "");
  fresh(isAsked);
};
const load = async (isAsked = false) => show(await call("GET", "progress"), isAsked);

openSession().then(() => {
  keepFresh(load);
  return session.progress ? show(session.progress) : load();
}).catch(fail);
