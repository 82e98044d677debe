// Single keys. They act only outside fields, without modifiers, and not at all where the person turned them off.
import { clear, toggle } from "./choose.js";
import { step } from "./inbox.js";

const LONG_MS = 1500;
let gAt = 0;

const press = (selector) => document.querySelector(selector)?.click();
const focus = (selector) => document.querySelector(selector)?.focus();
const verdict = (value) => () => press(`[data-verdicts] [value="${value}"]:not(:disabled)`);

const open = (name) => () => {
  const menu = document.querySelector(`[data-menu="${name}"]`);
  if (!menu) return;
  menu.open = true;
  menu.querySelector("button, select")?.focus();
};

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  a: verdict("approve"),
  r: verdict("reject"),
  v: verdict("override"),
  e: remedy,
  n: () => press("[data-next]"),
  z: () => press("[data-undo]:not(:disabled)"),
  c: reason,
  t: () => focus("[data-verdicts] [name=comment]"),
  o: () => press("[data-original]"),
  s: open("aside"),
  h: open("hand-over"),
  x: toggle,
  m: () => focus(".remark [name=text]"),
  ".": () => press("[data-arrivals]"),
  "/": () => focus("#search, [type=search]"),
  "?": () => document.getElementById("keys")?.showPopover(),
};

function remedy() {
  const first = document.querySelector("[data-remedies] details");
  if (!first) return;
  first.open = true;
  first.querySelector("input:not([type=hidden]), select")?.focus();
}

function reason() {
  const field = document.querySelector("[data-verdicts] [name=reason]");
  field?.focus();
  try {
    field?.showPicker?.();
  } catch {
    // A browser may refuse to open a list without a click; the field has the focus all the same.
  }
}

// The reason takes letters only while its list is open: closed, a letter is a verdict as everywhere else, and never
// quietly another reason.
function typing(target) {
  const field = target.closest?.("input, textarea, select, [contenteditable]");
  return field?.matches("[data-verdicts] select") ? isOpen(field) : Boolean(field);
}

function isOpen(select) {
  try {
    return select.matches(":open");
  } catch {
    return false; // A browser without :open keeps the keys of an open list to itself.
  }
}

// What a key needs to do anything: a control that is there and may be used now.
const NEEDS = {
  a: '[data-verdicts] [value="approve"]:not(:disabled)',
  r: '[data-verdicts] [value="reject"]:not(:disabled)',
  v: '[data-verdicts] [value="override"]:not(:disabled)',
  c: "[data-verdicts] [name=reason]",
  t: "[data-verdicts] [name=comment]",
  z: "[data-undo]:not(:disabled)",
  n: "[data-next]",
  o: "[data-original]",
  s: '[data-menu="aside"]',
  h: '[data-menu="hand-over"]',
  m: ".remark [name=text]",
  ".": "[data-arrivals]",
  "/": "#search, [type=search]",
};

/** Does this key do something on the page as it is? */
export const works = (key) => key in KEYS && Boolean(document.querySelector(NEEDS[key] ?? (key === "?" ? "#keys" : "#list")));

/** Do what the key does. */
export const run = (key) => KEYS[key]?.();

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details[data-menu][open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
    return;
  }
  if (event.key === "Escape" && event.target.matches?.("input, textarea, select, [contenteditable]")) {
    event.target.blur();
    return;
  }
  if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector(":popover-open") && clear()) {
    event.preventDefault();
    return;
  }
  const off = document.documentElement.dataset.keys === "off";
  if (off || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target) || document.querySelector(":popover-open")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const action = Date.now() - gAt < LONG_MS ? () => press(`[data-go="${CSS.escape(key)}"]`) : KEYS[key];
  gAt = key === "g" ? Date.now() : 0;
  if (!action || key === "g") return;
  event.preventDefault();
  action(event);
});
