// What this mini-site adds to Passerelle's attributes: words for the grade, two languages.
"use strict";

const words = {
  fr: {
    title: "Découverte de Passerelle",
    other: ["EN", "en", "English"],
    none: "Rien à transmettre à Moodle pour l’instant.",
    instructor: "Vous visitez ce module comme enseignant : rien n’est noté.",
    delivered: (grade) => `${grade} : envoyée à Moodle.`,
    pending: (grade) => `${grade} : en attente. Elle part pour Moodle dans la minute, ou dès que Moodle répond.`,
    failed: (grade) => `${grade} : Moodle l’a refusée. Signalez-le à votre enseignant.`,
    emptied: (grade) => `${grade} : Moodle ne l’a plus. Terminer un grain de nouveau la renvoie.`,
    gone: "Cette activité n’existe plus dans Moodle.",
  },
  en: {
    title: "Discovering Passerelle",
    other: ["FR", "fr", "Français"],
    none: "Nothing to send to Moodle for now.",
    instructor: "You visit this module as a teacher: nothing is graded.",
    delivered: (grade) => `${grade}: sent to Moodle.`,
    pending: (grade) => `${grade}: on its way. It leaves for Moodle within the minute, or as soon as Moodle answers.`,
    failed: (grade) => `${grade}: Moodle refused it. Please tell your teacher.`,
    emptied: (grade) => `${grade}: Moodle no longer has it. Finishing a grain once more sends it again.`,
    gone: "This activity no longer exists in Moodle.",
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
  const { status, score, maximum, isPercent } = progress.grade;
  const number = (value, options) =>
    value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2, ...options });
  // Where Moodle has not said its maximum, a share is all that is true.
  const grade = isPercent ? number(score / maximum, { style: "percent" }) : `${number(score)} / ${number(maximum)}`;
  const state = session?.role === "instructor" ? "instructor" : status;
  const say = text()[state];
  find("grade").textContent = typeof say === "string" ? say : say(grade);
  find("grade").parentElement.dataset.state = state;
  find("bravo").hidden = progress.completed < progress.total;
}

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
