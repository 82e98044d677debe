// Small things every page needs: loading bar, a signed-out answer, copying, dismissing.

// What is being typed is newer than any answer of the server, and what a person has opened stays open.
if (window.Idiomorph) {
  window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) =>
    !(name === "value" && element === document.activeElement && element.matches("input, textarea"))
    && !(name === "open" && element.matches("details"));
  window.Idiomorph.defaults.callbacks.beforeNodeMorphed = (element) => !element.matches?.("[data-kept-open][open]");
}

const SLOW_MS = 400;
const SHOWN_MS = 8000;
const running = new Map();
let timer = 0;

// A request counts until it ends, whatever becomes of the element that sent it, and no longer than that element stands:
// what was swapped away meanwhile waits for nothing and tells nobody.
function busy() {
  return [...running.values()].some((element) => element.isConnected);
}

function settle() {
  if (busy()) return;
  clearTimeout(timer);
  document.body.classList.remove("waiting");
}

document.addEventListener("htmx:beforeSend", (event) => {
  const { xhr, elt } = event.detail;
  running.set(xhr, elt);
  xhr.addEventListener("loadend", () => {
    running.delete(xhr);
    settle();
  }, { once: true });
  clearTimeout(timer);
  timer = setTimeout(() => document.body.classList.toggle("waiting", busy()), SLOW_MS);
});
document.addEventListener("htmx:afterSettle", settle);

// What was done is said for a while, longer while it is being read; the history says it for good.
function passing(message) {
  setTimeout(() => {
    if (!message.isConnected) return;
    if (message.matches(":hover, :focus-within")) passing(message);
    else message.remove();
  }, SHOWN_MS);
}

function seen() {
  for (const message of document.querySelectorAll("[data-passing]:not([data-seen])")) {
    message.dataset.seen = "";
    passing(message);
  }
}

document.addEventListener("htmx:afterSettle", seen);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) document.querySelector("[data-passing]")?.remove();
});
seen();

// A fragment request that was sent to the sign-in page means the session is over: show that page whole.
document.addEventListener("htmx:beforeSwap", (event) => {
  const answered = new URL(event.detail.xhr.responseURL || location.href);
  if (answered.pathname.startsWith("/login/")) {
    event.detail.shouldSwap = false;
    location.assign(`/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
});

// A fragment that lost its page: the server's words, where the person looks.
document.addEventListener("htmx:sendError", (event) => {
  const place = event.target.closest?.("main")?.querySelector("#refusal");
  if (place) place.textContent = "The server cannot be reached. Nothing was sent; your text is kept.";
});

document.addEventListener("click", async (event) => {
  const target = event.target.closest("[data-copy], [data-dismiss]");
  if (target?.matches("[data-dismiss]")) target.parentElement.remove();
  else if (target) await copy(target);
});

async function copy(button) {
  const word = button.querySelector("span") ?? button;
  const before = word.textContent;
  try {
    const from = button.dataset.copyFrom ? document.querySelector(button.dataset.copyFrom) : null;
    await navigator.clipboard.writeText(from ? from.innerText : new URL(button.dataset.copy, location.href).href);
    word.textContent = "Copied";
  } catch {
    word.textContent = "Not copied: the browser refuses";
  }
  setTimeout(() => { word.textContent = before; }, 1500);
}

// The entry that is shown beside a timeline is the current one.
document.addEventListener("htmx:afterRequest", (event) => {
  const step = event.target.closest?.("[data-step]");
  if (!step || !event.detail.successful) return;
  for (const other of document.querySelectorAll("[data-step]")) other.removeAttribute("aria-current");
  step.setAttribute("aria-current", "true");
});
