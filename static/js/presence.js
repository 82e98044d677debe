// Who else has a case before them: this page says that it is looked at, and shows who else is.
const BEAT_MS = 20_000;
let typed = "";

const look = () => document.getElementById("look");

// Something typed that is not sent, in the answer or in a remark.
function unsent() {
  const form = document.querySelector("[data-verdicts]");
  const remark = document.querySelector(".remark [name=text]");
  return Boolean(form?.comment.value || form?.reason.value || remark?.value);
}

function beat() {
  const form = look();
  if (!form || document.hidden) return;
  typed = unsent() ? "1" : "";
  form.typing.value = typed;
  htmx.trigger(form, "beat");
}

function noticed() {
  if (look() && (unsent() ? "1" : "") !== typed) beat();
}

// What the server said of everybody is shown where the case is: in its row and above it.
function place() {
  const said = document.getElementById("looking");
  if (!said) return;
  for (const spot of document.querySelectorAll("[data-looked]")) {
    const found = said.querySelector(`[data-looks="${CSS.escape(spot.dataset.looked)}"]`);
    const words = found ? found.innerHTML : "";
    if (spot.dataset.shown === words) continue;
    spot.dataset.shown = words;
    spot.replaceChildren(...(found ? found.cloneNode(true).children : []));
  }
}

setInterval(beat, BEAT_MS);
document.addEventListener("input", noticed);
document.addEventListener("change", noticed);
document.addEventListener("visibilitychange", beat);
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "case") typed = "";
  place();
});
addEventListener("pagehide", () => {
  const leave = document.getElementById("leave");
  if (leave && look()) navigator.sendBeacon(leave.action, new FormData(leave));
});
