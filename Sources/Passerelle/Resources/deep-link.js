// The page on which a teacher chooses what an activity shows (LTI Deep Linking 2.0, section 3): lists modules and grains,
// and posts the platform the signed answer, by the browser, as it wants it. page.js comes before it.
Object.assign(words, {
  title: ["Choisir un contenu", "Choose content"],
  one: [
    "Choisissez un module, ou un seul de ses grains, qui est alors noté seul.",
    "Choose a module, or just one of its grains, which is then graded alone.",
  ],
  apart: ["chaque activité part de rien", "each activity begins at nothing"],
  several: [
    "Choisissez des modules, ou des grains : chacun devient une activité. Un grain choisi seul est noté comme ce grain.",
    "Choose modules, or grains: each becomes an activity. A grain chosen alone is graded as that grain.",
  ],
  grains: [(n) => `${n} grain${n > 1 ? "s" : ""} de ce module`, (n) => `${n} grain${n > 1 ? "s" : ""} of this module`],
  add: ["Ajouter au cours", "Add to the course"],
  cancel: ["Annuler", "Cancel"],
  none: ["Choisissez au moins un contenu.", "Choose at least one item."],
  empty: ["Il n’y a encore aucun module.", "There are no modules yet."],
  again: [
    "Retournez dans Moodle et choisissez de nouveau « Sélectionner un contenu ».",
    "Go back to Moodle and choose “Select content” again.",
  ],
});

const answer = async (items, form) => {
  form.inert = true;
  try {
    const { returnUrl, jwt } = await call("POST", "deep-link", { items });
    const post = make("form", { method: "post", action: returnUrl, hidden: true },
      make("input", { type: "hidden", name: "JWT", value: jwt }));
    document.body.append(post);
    post.submit();
  } catch (error) {
    form.inert = false;
    form.querySelector("[role=alert]").textContent = error.message;
  }
};

const show = ({ modules, acceptMultiple }) => {
  const choice = (title, item) => {
    const type = acceptMultiple ? "checkbox" : "radio";
    return make("label", {}, make("input", { type, name: "item", value: JSON.stringify(item) }), ` ${title}`);
  };
  const list = modules.map(({ slug, title, grains, scope }) => {
    const item = make("li", {}, choice(scope === "activity" ? `${titleIn(title)} (${say("apart")})` : titleIn(title), { module: slug }));
    if (grains.length) {
      item.append(make("details", {}, make("summary", {}, say("grains", grains.length)),
        make("ul", {}, ...grains.map((grain) =>
          make("li", {}, choice(titleIn(grain.title), { module: slug, grain: grain.slug }))))));
    }
    return item;
  });
  const legend = say(!list.length ? "empty" : acceptMultiple ? "several" : "one");
  const alert = make("p", { role: "alert" });
  const cancel = make("button", { type: "button", onclick: () => answer([], form) }, say("cancel"));
  const buttons = make("p", {}, cancel);
  if (list.length) buttons.prepend(make("button", { type: "submit" }, say("add")), " ");
  const form = make("form", {}, make("fieldset", {}, make("legend", {}, legend), make("ul", {}, ...list)), alert, buttons);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const items = [...form.querySelectorAll("input:checked")].map(({ value }) => JSON.parse(value));
    alert.textContent = "";
    if (items.length) answer(items, form);
    else alert.textContent = say("none");
  });
  root.replaceChildren(make("h1", {}, say("title")), form);
};

openSession().then(() => {
  titled(say("title"));
  return call("GET", "deep-link");
}).then(show).catch(fail);
