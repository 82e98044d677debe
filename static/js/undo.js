// Answers that can still be taken back: seconds left beside the button, and a look at what became of each.
// The server's word counts: it takes an answer back for as long as it has not counted it.
const LATE_MS = 2500;
const asked = new WeakSet();

// Both clocks may differ: the seconds run from when the page was given the answer, and never past those that remain.
function left(strip) {
  strip.dataset.ends ??= Date.now() + Math.max(0, Number(strip.dataset.seconds)) * 1000;
  return Math.ceil((Number(strip.dataset.ends) - Date.now()) / 1000);
}

function tick() {
  for (const strip of document.querySelectorAll("[data-seconds]")) {
    const seconds = left(strip);
    const word = strip.querySelector("[data-left]");
    if (word) word.textContent = seconds > 0 ? `${seconds} s` : "";
    const bar = strip.querySelector("progress");
    if (bar) bar.value = Math.max(0, seconds);
    if (seconds * 1000 < -LATE_MS && !asked.has(strip)) {
      asked.add(strip);
      htmx.trigger(strip, "live");
    }
  }
}

setInterval(tick, 1000);
document.addEventListener("htmx:afterSettle", tick);
tick();
