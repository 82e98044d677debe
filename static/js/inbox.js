// The desk: which row is current, when arrivals may show themselves, and the checks before a verdict is sent.
import { selects } from "./choose.js";
import { isStale } from "./live.js";

const list = () => document.getElementById("list");
const rows = () => [...document.querySelectorAll("#list .case-row")];
const shown = () => document.querySelector("#case [data-case]")?.dataset.case ?? "";
let chosen = false;

function mark() {
  const id = shown();
  for (const row of rows()) {
    if (row.dataset.id === id) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
  guard();
}

// Arrivals show at once only where no row can move under the cursor: an empty list, or one nobody works in.
function free() {
  const here = list();
  if (!rows().length) return true;
  return !chosen && !selects() && !here.matches(":hover") && !here.contains(document.activeElement) && !typed();
}

function typed() {
  const form = document.querySelector("[data-verdicts]");
  return Boolean((form && (form.comment.value || form.reason.value)) || document.querySelector(".remedy[open]"));
}

// What was typed for a case is kept while the page lives, so that looking at another case loses nothing.
const drafts = new Map();

function keep() {
  const form = document.querySelector("[data-verdicts]");
  if (form && shown()) drafts.set(shown(), [form.reason.value, form.comment.value]);
}

function restore() {
  const form = document.querySelector("[data-verdicts]");
  const draft = drafts.get(shown());
  if (form && draft) [form.reason.value, form.comment.value] = draft;
}

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "case") keep();
});

document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id === "list" && !free()) event.detail.parameters.as_of = list().dataset.asOf;
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (!list()) return;
  if (event.detail.target.id === "case") {
    document.getElementById("main").dataset.view = "case";
    document.querySelector("#case .case-body")?.scrollTo(0, 0);
    restore();
    hold();
  }
  mark();
});

// What had the focus is gone with the case before it: the next thing to do is to read this one.
function hold() {
  if (document.activeElement && document.activeElement !== document.body) return;
  document.querySelector("#case .case-body, #case .case-none")?.focus({ preventScroll: true });
}

export function step(by) {
  const all = rows().filter((row) => !row.classList.contains("gone") || row.dataset.id === shown());
  const at = all.findIndex((row) => row.dataset.id === shown());
  const next = all[at < 0 ? 0 : at + by];
  if (!next) return;
  chosen = true;
  next.scrollIntoView({ block: "nearest" });
  next.click();
}

document.addEventListener("click", (event) => {
  if (event.target.closest(".case-row")) chosen = true;
});

// --- verdicts ----------------------------------------------------------------------------------------------------

const needsText = new Set(["reject", "override"]);

// Verdicts are off while the data may be old or the question is closed; typing stays possible.
function guard() {
  const form = document.querySelector("[data-verdicts]");
  const closed = Boolean(document.querySelector("#standing [data-closed]"));
  for (const button of document.querySelectorAll(".verdicts [name=verdict]")) button.disabled = closed || isStale();
  if (!form) return;
  form.dataset.verdict = form.reason.value.split(":")[0];
  for (const kept of document.querySelectorAll("#standing [data-kept]")) kept.hidden = !form.comment.value;
}

function refuse(text, field) {
  const notice = document.getElementById("complaint").content.firstElementChild.cloneNode(true);
  notice.dataset.complaint = field?.name ?? "";
  notice.querySelector("span").textContent = text;
  document.getElementById("refusal").replaceChildren(notice);
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
}

const said = (form, verdict) => form.querySelector(`[name=verdict][value="${verdict}"]`)?.dataset.word ?? verdict;

function complaint(form, verdict) {
  const meant = form.reason.value.split(":")[0];
  if (!meant) return ["Choose a reason code.", form.reason];
  if (meant !== verdict) return [`That reason is one to ${said(form, meant)}. Choose one to ${said(form, verdict)}.`, form.reason];
  if (needsText.has(verdict) && !form.comment.value.trim()) return [`Say in your own words why you ${said(form, verdict)}.`, form.comment];
  return null;
}

document.addEventListener("htmx:confirm", (event) => {
  const form = event.target;
  if (!form.matches?.("[data-verdicts]")) return;
  const verdict = event.detail.triggeringEvent?.submitter?.value ?? "";
  const problem = isStale() ? ["Reconnecting: verdicts are off.", null] : complaint(form, verdict);
  if (!problem) {
    document.getElementById("refusal").replaceChildren();
    return;
  }
  event.preventDefault();
  refuse(...problem);
});

// Enter in the text must not press the first verdict: nothing is pre-selected.
document.addEventListener("keydown", (event) => {
  const inForm = event.target.closest?.("[data-verdicts]");
  if (inForm && event.key === "Enter" && !event.target.matches("button, textarea")) event.preventDefault();
});

// A complaint about a field ends with what it asked for.
function heeded(event) {
  if (!event.target.closest("[data-verdicts]") || !event.target.value.trim()) return;
  event.target.removeAttribute("aria-invalid");
  document.querySelector(`#refusal [data-complaint="${event.target.name}"]`)?.remove();
}

document.addEventListener("input", heeded);
document.addEventListener("change", (event) => {
  if (!event.target.closest("[data-verdicts]")) return;
  heeded(event);
  guard();
});
document.addEventListener("countersign:line", guard);
document.addEventListener("htmx:afterSettle", guard);
addEventListener("DOMContentLoaded", () => { chosen = /\/inbox\/[0-9a-f-]{36}\//.test(location.pathname); mark(); });
mark();
document.querySelector("#list .case-row[aria-current]")?.scrollIntoView({ block: "nearest" });
