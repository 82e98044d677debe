// Appearance and single keys change at once; the server keeps them in the person's cookies.
// The browser's time zone goes into a cookie as well, so that pages show local times.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.split("; ").includes(`tz=${zone}`)) {
  document.cookie = `tz=${zone}; path=/; max-age=31536000; samesite=lax`;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const button = event.submitter;
  if (!form.matches("[data-preferences]") || !button?.name) return;
  event.preventDefault();
  const body = new FormData(form);
  body.set(button.name, button.value);
  apply(form, button);
  await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
});

function apply(form, button) {
  const root = document.documentElement;
  if (button.name === "keys") {
    root.dataset.keys = button.value;
    button.setAttribute("aria-pressed", String(button.value === "on"));
    button.value = button.value === "on" ? "off" : "on";
    return;
  }
  if (button.value === "system") delete root.dataset.theme;
  else root.dataset.theme = button.value;
  for (const other of form.querySelectorAll('[name="theme"]')) {
    other.setAttribute("aria-pressed", String(other === button));
  }
  document.dispatchEvent(new CustomEvent("countersign:theme"));
}
