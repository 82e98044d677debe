// Small things every page needs: loading bar, a signed-out answer, dialogs, copying, dismissing.
const SLOW_MS = 400;
let running = 0;
let timer = 0;

function settle() {
  running = Math.max(0, running - 1);
  if (running) return;
  clearTimeout(timer);
  document.body.classList.remove("waiting");
}

document.addEventListener("htmx:beforeRequest", () => {
  running += 1;
  clearTimeout(timer);
  timer = setTimeout(() => document.body.classList.toggle("waiting", running > 0), SLOW_MS);
});
document.addEventListener("htmx:afterRequest", settle);

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

export function showHelp() {
  const dialog = document.getElementById("keys");
  if (dialog && !dialog.open) dialog.showModal();
}

document.addEventListener("click", async (event) => {
  const target = event.target.closest("[data-help], [data-copy], [data-dismiss], dialog.help");
  if (!target) {
    for (const menu of document.querySelectorAll("details.me[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    return;
  }
  if (target.matches("[data-help]")) showHelp();
  else if (target.matches("[data-dismiss]")) target.parentElement.remove();
  else if (target.matches("[data-copy]")) await copy(target);
  else if (event.target === target) target.close();
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
