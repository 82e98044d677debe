// Choices that ask for another page at once: `<select data-submit>`. With the keyboard each arrow is a choice on the way
// to one, so nothing is sent before Enter or the button that then stands beside it. Afterwards the focus is where it was.
const KEPT = "countersign:focus";
let key = "";

function remember(select) {
  sessionStorage.setItem(KEPT, JSON.stringify({ path: location.pathname, place: place(select), top: scrollY }));
}

function place(select) {
  return [...document.querySelectorAll("select[data-submit]")].indexOf(select);
}

function send(select) {
  remember(select);
  select.form.requestSubmit();
}

function offer(select) {
  if (select.form.querySelector("[data-apply]")) return;
  const button = document.createElement("button");
  button.className = "button";
  button.dataset.apply = "";
  button.textContent = "Show";
  button.addEventListener("click", () => remember(select));
  [...select.form.querySelectorAll("select[data-submit]")].at(-1).after(button);
}

document.addEventListener("pointerdown", () => { key = ""; });
document.addEventListener("keydown", (event) => {
  const select = event.target.closest?.("select[data-submit]");
  if (!select) return;
  key = event.key;
  if (key === "Enter" && select.form.querySelector("[data-apply]")) {
    event.preventDefault();
    send(select);
  }
});
document.addEventListener("change", (event) => {
  if (!event.target.matches("select[data-submit]")) return;
  if (key && key !== "Enter") offer(event.target);
  else send(event.target);
});

// After the browser has gone to the place that the address names, which takes the focus away.
function restore() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  sessionStorage.removeItem(KEPT);
  if (kept?.path !== location.pathname) return;
  document.querySelectorAll("select[data-submit]")[kept.place]?.focus({ preventScroll: true });
  scrollTo({ top: kept.top, behavior: "instant" });
}

if (document.readyState === "complete") restore();
else addEventListener("load", () => requestAnimationFrame(restore), { once: true });
