// The part for quizzes: <form data-passerelle-grain="slug" data-passerelle-quiz>, right choices and fields marked with
// data-passerelle-right. The score is right questions ÷ questions.
Passerelle.parts.quiz = ({ words, say, attend, create }) => {
  Object.assign(words, {
    all: ["Répondez à toutes les questions, puis validez.", "Answer every question, then submit."],
    right: [(n, total) => `${n} sur ${total}`, (n, total) => `${n} out of ${total}`],
  });
  const plain = (text) => text.normalize().trim().replace(/\s+/g, " ").toLowerCase();
  const has = (element) => element.hasAttribute("data-passerelle-right");

  // A field's choices: those of its name, or a list's entries; none where one writes.
  const choices = (form, field) =>
    field.options ? [...field.options] : /radio|checkbox/.test(field.type)
      ? [...form.elements].filter(({ type, name }) => type === field.type && name === field.name) : [];
  const questions = (form) => {
    const names = new Set();
    return [...form.elements].filter((field) => {
      const list = choices(form, field);
      if (!list.length) return has(field);
      const isNew = field.options || !names.has(field.name);
      names.add(field.name);
      return isNew && list.some(has);
    }).map((field) => {
      const list = choices(form, field);
      const chosen = list.filter(({ selected, checked }) => selected ?? checked);
      const answered = list.length ? chosen.some(({ selected, value }) => !selected || value !== "") : field.value.trim() !== "";
      const right = list.length ? list.every((each) => has(each) === (each.selected ?? each.checked))
        : field.getAttribute("data-passerelle-right").split("|").some((text) => plain(text) === plain(field.value));
      return { place: field.closest("fieldset") ?? field, answered, right };
    });
  };

  return {
    quiz(form) {
      const result = form.querySelector("output") ?? form.appendChild(create("p"));
      result.setAttribute("role", "status");
      form.addEventListener("change", ({ target }) =>
        (target.closest("fieldset") ?? target).removeAttribute("data-passerelle-answer"));
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const list = questions(form);
        if (!list.every(({ answered }) => answered)) {
          result.textContent = say("all");
          return;
        }
        const count = list.filter(({ right }) => right).length;
        list.forEach(({ place, right }) => place.setAttribute("data-passerelle-answer", right ? "right" : "wrong"));
        result.textContent = say("right")(count, list.length);
        const button = event.submitter ?? form.querySelector("[type=submit], button:not([type])") ?? form;
        if (list.length) attend(button, ({ complete }) => complete(form.dataset.passerelleGrain, count / list.length));
      });
    },
  };
};
