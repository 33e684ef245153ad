// A stand-in for an H5P player, for this example alone: it says what a true/false question of H5P says.
"use strict";

const listeners = [];
window.H5P = { externalDispatcher: { on: (name, listener) => listeners.push(listener) } };
const say = (verb, raw) => {
  const statement = {
    verb: { id: `http://adlnet.gov/expapi/verbs/${verb}` },
    object: { id: location.href, definition: { extensions: { "http://h5p.org/x-api/h5p-local-content-id": 1 } } },
    result: { score: { min: 0, max: 1, raw, scaled: raw }, completion: true, success: raw === 1 },
  };
  for (const listener of listeners) listener({ data: { statement } });
};
const player = document.getElementById("player");
player.innerHTML = "<p data-content-id=\"1\">La Terre est ronde. · The earth is round.</p>";
for (const [text, raw] of [["Vrai · True", 1], ["Faux · False", 0]]) {
  const button = player.appendChild(document.createElement("button"));
  button.textContent = text;
  button.addEventListener("click", () => say("answered", raw));
}
