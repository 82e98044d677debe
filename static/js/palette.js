// Everything that can be done on this page, by name, with the key that does it: who looks a thing up twice knows its key.
import { run, works } from "./keys.js";

const SHOWN = 12;
const palette = () => document.getElementById("palette");
const field = () => palette().querySelector("[role=combobox]");
const options = () => [...palette().querySelectorAll("[role=option]")];
let found = [];
let at = 0;

const caps = (row) => [...row.querySelectorAll(".cap")].map((cap) => cap.textContent);

// The keys of the help that do something here, then the pages and queues of the navigation.
function commands() {
  const rows = [...document.querySelectorAll("#keys dt")].map((row) => [caps(row), row.nextElementSibling.textContent.trim()]);
  const keys = rows
    .filter(([keys]) => keys.length === 1 && works(keys[0].toLowerCase()))
    .map(([keys, name]) => ({ name, keys, act: () => run(keys[0].toLowerCase()) }));
  const places = [...document.querySelectorAll("a[data-go]")].map((link) => ({
    name: (link.querySelector(".label") ?? link).textContent.trim(),
    keys: ["G", link.dataset.go.toUpperCase()],
    act: () => link.click(),
  }));
  return [...keys, ...places];
}

// Each word that was typed begins a word of the name.
function fits(name, typed) {
  const words = name.toLowerCase().split(/[\s:,]+/);
  return typed.toLowerCase().split(/\s+/).every((part) => words.some((word) => word.startsWith(part)));
}

function cap(text) {
  const key = document.createElement("kbd");
  key.className = "cap";
  key.textContent = text;
  return key;
}

function option({ name, keys }, index) {
  const row = document.createElement("li");
  row.id = `command-${index}`;
  row.setAttribute("role", "option");
  const told = document.createElement("span");
  told.className = "caps";
  told.append(...keys.map(cap));
  row.append(name, told);
  return row;
}

function choose(index) {
  at = Math.max(-1, Math.min(index, found.length - 1));
  for (const [i, row] of options().entries()) row.setAttribute("aria-selected", String(i === at));
  const row = options()[at];
  if (row) field().setAttribute("aria-activedescendant", row.id);
  else field().removeAttribute("aria-activedescendant");
  row?.scrollIntoView({ block: "nearest" });
}

function show() {
  const typed = field().value.trim();
  found = commands().filter(({ name }) => !typed || fits(name, typed));
  if (typed) found = found.slice(0, SHOWN);
  palette().querySelector("ul").replaceChildren(...found.map(option));
  palette().querySelector("[data-none]").hidden = found.length > 0;
  choose(typed ? 0 : -1); // Enter alone does nothing: nothing is chosen for anybody
}

// The search of the frame, wherever it leads.
function search(typed) {
  const box = document.getElementById("search");
  if (!box) return;
  box.value = typed;
  box.form.requestSubmit();
}

function act() {
  const [chosen, typed] = [found[at], field().value.trim()];
  palette().hidePopover();
  if (chosen) chosen.act();
  else if (typed) search(typed);
}

document.addEventListener("keydown", (event) => {
  const opens = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (opens && palette()) {
    event.preventDefault();
    if (palette().matches(":popover-open")) return palette().hidePopover();
    field().value = "";
    palette().showPopover();
    show();
    field().focus();
    return;
  }
  if (event.target !== palette()?.querySelector("[role=combobox]")) return;
  const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: found.length - 1 };
  if (event.key in moves && !(event.key in { Home: 0, End: 0 } && field().value)) {
    event.preventDefault();
    choose(moves[event.key]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    act();
  }
});

document.addEventListener("input", (event) => {
  if (event.target === palette()?.querySelector("[role=combobox]")) show();
});

document.addEventListener("click", (event) => {
  const row = event.target.closest?.("#palette [role=option]");
  if (!row) return;
  choose(options().indexOf(row));
  act();
});
