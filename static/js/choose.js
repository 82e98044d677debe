// Cases that are chosen in the list, to be answered together, and the sums of what is ticked before it is answered.
const boxes = () => [...document.querySelectorAll("#list .pick input")];
const bar = () => document.querySelector("[data-chosen]");
const chosen = new Map(); // id of a case -> what the bar says of it
let gone = [];

// --- amounts: whole cents, so that no sum is off by a rounding ---------------------------------------------------------

function cents(text) {
  const [whole, part = ""] = text.replace("-", "").split(".");
  const found = BigInt(whole) * 100n + BigInt(`${part}00`.slice(0, 2));
  return text.startsWith("-") ? -found : found;
}

function money(currency, amount) {
  const plain = (amount < 0n ? -amount : amount).toString().padStart(3, "0");
  const whole = plain.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${currency} ${amount < 0n ? "\u2212" : ""}${whole}.${plain.slice(-2)}`;
}

function sums(rows) {
  const found = new Map();
  for (const { currency, amount } of rows) {
    if (amount) found.set(currency, (found.get(currency) ?? 0n) + cents(amount));
  }
  return [...found].sort().map(([currency, amount]) => money(currency, amount));
}

// --- the list ----------------------------------------------------------------------------------------------------------

const about = ({ dataset }) => ({ ...dataset });

function take(box) {
  box.checked = true;
  chosen.set(box.value, about(box));
}

function causes() {
  return new Set([...chosen.values()].map((row) => row.cause));
}

// The one cause of all that is chosen, if there are others of it in the list.
function ofCause() {
  const [cause, ...others] = causes();
  if (!cause || others.length) return [];
  return boxes().filter((box) => box.dataset.cause === cause);
}

function tell() {
  const here = bar();
  if (!here) return;
  const some = chosen.size > 0;
  here.toggleAttribute("data-some", some || gone.length > 0);
  say(here.querySelector("[data-chosen-words]"), some ? [`${chosen.size} selected`, ...sums(chosen.values())].join(" \u00b7 ") : "Nothing is selected.");
  const lost = here.querySelector("[data-chosen-gone]");
  lost.hidden = gone.length === 0;
  say(lost, gone.join(" "));
  here.querySelector("[data-chosen-answer]").disabled = !some;
  here.querySelector("[data-choose-none]").hidden = !some && gone.length === 0;
  here.querySelector("[data-choose-cause]").hidden = ofCause().length <= chosen.size;
}

// What is said already is not said again: a reader that listens would hear it anew with every refresh.
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// The list comes anew with each arrival and answer: what was chosen stays chosen, and what is gone is said.
function renew() {
  if (!bar()) return;
  const now = new Map(boxes().map((box) => [box.value, box]));
  for (const [id, row] of chosen) {
    if (now.has(id)) {
      take(now.get(id));
      continue;
    }
    chosen.delete(id);
    const ended = document.querySelector(`#line-${CSS.escape(id)} .gone .bottom`)?.textContent.replace(/\s+/g, " ").trim();
    gone.push(ended ? `${row.name} is no longer selected: ${ended}.` : `${row.name} is no longer in this list.`);
  }
  for (const box of now.values()) box.checked = chosen.has(box.value);
  tell();
}

function change(act) {
  gone = [];
  act();
  tell();
}

function current() {
  return boxes().find((box) => box.closest(".case-line").querySelector("[aria-current]"));
}

export function toggle({ shiftKey }) {
  const box = document.activeElement?.closest?.(".case-line")?.querySelector(".pick input") ?? current();
  if (!box) return;
  change(() => {
    if (shiftKey) all(box);
    else if (chosen.delete(box.value)) box.checked = false;
    else take(box);
  });
}

function all(box) {
  if (!box.dataset.cause) return take(box);
  for (const other of boxes()) if (other.dataset.cause === box.dataset.cause) take(other);
}

// Whoever has selected something works in the list.
export const selects = () => chosen.size > 0;

// Escape clears what is selected; tells whether anything was.
export function clear() {
  if (!bar() || (!chosen.size && !gone.length)) return false;
  change(() => {
    chosen.clear();
    for (const box of boxes()) box.checked = false;
  });
  return true;
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches("#list .pick input")) {
    change(() => (box.checked ? chosen.set(box.value, about(box)) : chosen.delete(box.value)));
  } else if (box.matches("[data-together] input")) recount();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-choose-cause]")) change(() => ofCause().forEach(take));
  if (event.target.closest("[data-choose-none]")) clear();
});

// --- what is ticked before it is answered --------------------------------------------------------------------------------

function recount() {
  const shown = document.querySelector("[data-sums]");
  if (!shown) return;
  const ticked = [...document.querySelectorAll("[data-together] input:checked")].map(about);
  say(shown.querySelector("[data-sums-count]"), `${ticked.length} case${ticked.length === 1 ? "" : "s"}`);
  say(shown.querySelector("[data-sums-amounts]"), sums(ticked).map((sum) => ` \u00b7 ${sum}`).join(""));
  const worth = shown.querySelector("[data-sums-worth]");
  const own = worth.dataset.sumsWorth;
  const foreign = ticked.some((row) => row.currency !== own);
  const [all = ""] = sums(ticked.map(({ worth: amount }) => ({ currency: own, amount })));
  say(worth, foreign && all ? `(${all} in company currency)` : "");
  document.querySelector("[data-counted]").value = ticked.length;
}

// What the browser kept of a page that was left counts as chosen.
function begin() {
  for (const box of boxes()) if (box.checked) take(box);
  tell();
}

document.addEventListener("htmx:afterSwap", renew);
addEventListener("pageshow", begin);
begin();
