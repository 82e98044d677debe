// Coding by keyboard: a field is selected whole when it is reached, and a confirmed line hands on to the next.
const NEXT = ".coding-line:not(.done) [name=account]";

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.(".coding-line .field")) event.target.select();
});

// After settling: until then a line with the same id still wears the class of the one it replaced.
document.addEventListener("htmx:afterSettle", (event) => {
  const line = event.target.closest?.(".coding-line");
  if (!line?.matches(".done")) return;
  const fields = [...document.querySelectorAll(NEXT)];
  const after = fields.find((field) => line.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING);
  (after ?? fields[0])?.focus();
});
