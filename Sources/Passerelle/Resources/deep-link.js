// The page on which a teacher chooses what an activity shows (LTI Deep Linking 2.0, section 3): trades the one-time code
// for a session, lists modules and grains, and posts the platform the signed answer, by the browser, as it wants it.
(() => {
  const words = {
    title: ["Choisir un contenu", "Choose content"],
    one: ["Choisissez un module, ou un seul de ses grains.", "Choose a module, or just one of its grains."],
    several: [
      "Choisissez des modules, ou des grains : chacun devient une activité.",
      "Choose modules, or grains: each becomes an activity.",
    ],
    grains: [(n) => `${n} grain${n > 1 ? "s" : ""} de ce module`, (n) => `${n} grain${n > 1 ? "s" : ""} of this module`],
    add: ["Ajouter au cours", "Add to the course"],
    cancel: ["Annuler", "Cancel"],
    none: ["Choisissez au moins un contenu.", "Choose at least one item."],
    empty: ["Il n’y a encore aucun module.", "There are no modules yet."],
    away: ["Le serveur ne répond pas. Réessayez.", "The server does not answer. Try again."],
    again: [
      "Retournez dans Moodle et choisissez de nouveau « Sélectionner le contenu ».",
      "Go back to Moodle and choose “Select content” again.",
    ],
  };
  const root = document.getElementById("deep-link");
  let token;

  const say = (name) => words[name][document.documentElement.lang === "en" ? 1 : 0];
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // sessionStorage lives as long as the frame, so that a reload needs no second code; where the browser refuses it, a
  // plain object lives as long as the page.
  let store = {};
  try {
    store = sessionStorage ?? store;
  } catch {}
  const key = `passerelle deep-link ${root.dataset.api}`;

  const call = async (method, path, body) => {
    const headers = { "Content-Type": "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    let response, answer;
    try {
      response = await fetch(root.dataset.api + path, {
        method, headers, body: body && JSON.stringify(body), cache: "no-store", signal: AbortSignal.timeout?.(20000),
      });
      answer = await response.json();
    } catch {
      throw Error(say("away"));
    }
    if (response.ok) return answer;
    if (response.status === 401) delete store[key];
    throw Error(answer.detail ?? say("away"));
  };

  const fail = (error) => {
    const alert = make("p", { role: "alert" }, error.message);
    root.replaceChildren(make("h1", {}, say("title")), alert, make("p", {}, say("again")));
  };

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
    const choice = (title, value) => {
      const input = make("input", { type: acceptMultiple ? "checkbox" : "radio", name: "item" });
      input.value = JSON.stringify(value);
      return make("label", {}, input, ` ${title}`);
    };
    const list = modules.map(({ slug, title, grains }) => {
      const item = make("li", {}, choice(title, { module: slug }));
      if (grains.length) {
        item.append(make("details", {}, make("summary", {}, say("grains")(grains.length)),
          make("ul", {}, ...grains.map((grain) =>
            make("li", {}, choice(grain.title, { module: slug, grain: grain.slug }))))));
      }
      return item;
    });
    const legend = say(!list.length ? "empty" : acceptMultiple ? "several" : "one");
    const alert = make("p", { role: "alert" });
    const cancel = make("button", { type: "button" }, say("cancel"));
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
    cancel.addEventListener("click", () => answer([], form));
    root.replaceChildren(make("h1", {}, say("title")), form);
  };

  const open = async () => {
    const code = /[#&]passerelle=([^&]*)/.exec(location.hash)?.[1];
    history.replaceState(history.state, "", location.pathname + location.search);
    if (code) {
      const session = await call("POST", "session", { code });
      store[key] = JSON.stringify({ token: session.token, locale: session.learner.locale });
    }
    const kept = JSON.parse(store[key] ?? "null");
    if (!kept) throw Error(say("again"));
    token = kept.token;
    // Moodle knows the person's language better than the browser does.
    if (kept.locale) document.documentElement.lang = /^fr/i.test(kept.locale) ? "fr" : "en";
    document.title = `${say("title")} – Passerelle`;
    show(await call("GET", "deep-link"));
  };
  open().catch(fail);
})();
