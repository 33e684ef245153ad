// What this mini-site adds to Passerelle's attributes: words for the grade, a quiz with a score, two languages.
"use strict";

const words = {
  fr: {
    title: "Découverte de Passerelle",
    other: ["EN", "en", "English"],
    none: "Rien à transmettre à Moodle pour l’instant.",
    instructor: "Vous visitez ce module comme enseignant : rien n’est noté.",
    delivered: (grade) => `${grade} : envoyée à Moodle.`,
    pending: (grade) => `${grade} : en attente. Moodle ne l’a pas encore reçue ; elle partira toute seule.`,
    failed: (grade) => `${grade} : Moodle l’a refusée. Signalez-le à votre enseignant.`,
    answerAll: "Répondez aux trois questions, puis validez.",
    result: (right) => `${right} sur 3. ${right === 3 ? "Sans faute !" : "Vous pouvez corriger et valider de nouveau."}`,
  },
  en: {
    title: "Discovering Passerelle",
    other: ["FR", "fr", "Français"],
    none: "Nothing to send to Moodle for now.",
    instructor: "You visit this module as a teacher: nothing is graded.",
    delivered: (grade) => `${grade}: sent to Moodle.`,
    pending: (grade) => `${grade}: on its way. Moodle has not received it yet; it will be sent by itself.`,
    failed: (grade) => `${grade}: Moodle refused it. Please tell your teacher.`,
    answerAll: "Answer the three questions, then submit.",
    result: (right) => `${right} out of 3. ${right === 3 ? "All right!" : "You may correct and submit again."}`,
  },
};

const find = (id) => document.getElementById(id);
const text = () => words[document.documentElement.lang];
let session;

function speak(language) {
  document.documentElement.lang = language;
  Passerelle.locale = language;
  const [textContent, lang, ariaLabel] = text().other;
  Object.assign(find("language"), { textContent, lang, ariaLabel });
  find("quiz-result").textContent = "";
  if (session) show(session.progress);
  else document.title = find("module-title").textContent = text().title;
}

function show(progress) {
  document.title = find("module-title").textContent = progress.module.title;
  for (const grain of progress.grains) {
    for (const element of document.querySelectorAll(`[data-title="${CSS.escape(grain.slug)}"]`)) {
      element.textContent = grain.title;
    }
  }
  const { status, score, maximum } = progress.grade;
  const number = (value) => value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
  const state = session?.role === "instructor" ? "instructor" : status;
  const say = text()[state];
  find("grade").textContent = typeof say === "string" ? say : say(`${number(score)} / ${number(maximum)}`);
  find("grade").parentElement.dataset.state = state;
  find("bravo").hidden = progress.completed < progress.total;
}

/** Marks each answer, and gives the number of right ones, or nothing while a question is unanswered. */
function judge(form) {
  const questions = [...form.querySelectorAll("fieldset")];
  const chosen = questions.map((question) => question.querySelector(":checked"));
  if (chosen.includes(null)) return undefined;
  questions.forEach((question, index) => {
    question.dataset.answer = "right" in chosen[index].dataset ? "right" : "wrong";
  });
  return chosen.filter((answer) => "right" in answer.dataset).length;
}

find("quiz").addEventListener("change", ({ target }) => delete target.closest("fieldset").dataset.answer);
find("quiz").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.submitter ?? find("quiz").querySelector("[type=submit]");
  const right = judge(find("quiz"));
  find("quiz-result").textContent = right === undefined ? text().answerAll : text().result(right);
  if (right === undefined) return;
  button.setAttribute("aria-busy", "true");
  try {
    await (await Passerelle.connect()).complete("passerelle", right / 3);
  } catch (error) {
    // The library has said it at the head of the page, which may be out of sight, and keeps what can still be sent.
    find("quiz-result").textContent += ` ${error.message}`;
  } finally {
    button.removeAttribute("aria-busy");
  }
});

find("language").addEventListener("click", () => speak(document.documentElement.lang === "fr" ? "en" : "fr"));

Passerelle.on("progress", show);
speak(/^fr/i.test(navigator.language) ? "fr" : "en");
Passerelle.connect().then((opened) => {
  session = opened;
  speak(/^fr/i.test(session.learner.locale ?? document.documentElement.lang) ? "fr" : "en");
  find("learner").textContent = session.learner.name ? ` ${session.learner.name}` : "";
  if (/^https?:/.test(session.returnUrl)) {
    find("back").href = session.returnUrl;
    find("back").hidden = false;
  }
  const asked = new URLSearchParams(location.search).get("grain");
  const grain = session.progress.grains.find(({ slug }) => slug === asked);
  if (!grain) return;
  find(grain.slug)?.scrollIntoView();
  find(grain.slug)?.querySelector("h2").focus({ preventScroll: true });
  if (grain.status === "none") session.start(grain.slug).catch(() => {});
}).catch(() => {});
