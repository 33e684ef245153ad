// The page on which learners see their own progress. page.js and progress.js come before it.
Object.assign(words, {
  title: ["Ma progression", "My progress"],
  back: ["Retourner dans Moodle", "Back to Moodle"],
  goOn: ["Continuer dans le mini-site", "Continue in the mini-site"],
});

const body = make("div", {});

const show = (progress, isAsked) => {
  const { learner, returnUrl } = session;
  if (!root.contains(body)) {
    titled(say("title"));
    const back = returnUrl && make("a", { href: returnUrl, class: "button" }, say("back"));
    const goOn = button("goOn", async () => location.assign(await minisite()));
    root.replaceChildren(notice,
      head(say("title"), progress.module.title, [learner.name ?? ""], goOn, back, button("refresh", () => load(true))),
      body, make("p", {}, updated), spoken);
  }
  body.replaceChildren(overview(progress), grainTable(progress.grains));
  fresh(isAsked);
};
const load = async (isAsked = false) => show(await call("GET", "progress"), isAsked);

openSession().then(() => {
  keepFresh(load);
  return session.progress ? show(session.progress) : load();
}).catch(fail);
