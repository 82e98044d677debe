// Files dropped or chosen are sent in small groups, so that progress is true and no request grows without bound.
const AT_ONCE = 20;
const BYTES_AT_ONCE = 24 * 2 ** 20;

const form = document.querySelector("[data-upload]");

function groups(files) {
  const out = [];
  let group = [];
  let size = 0;
  for (const file of files) {
    if (group.length && (group.length >= AT_ONCE || size + file.size > BYTES_AT_ONCE)) {
      out.push(group);
      [group, size] = [[], 0];
    }
    group.push(file);
    size += file.size;
  }
  if (group.length) out.push(group);
  return out;
}

function send(files, onProgress) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.csrfmiddlewaretoken.value);
  for (const file of files) body.append("files", file, file.webkitRelativePath || file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("load", () => (request.status < 300 ? resolve(request.responseText) : reject(request)));
    request.addEventListener("error", () => reject(request));
    request.send(body);
  });
}

function progress(done, total, word) {
  const place = form.querySelector("[data-progress]");
  place.hidden = false;
  place.querySelector("progress").value = total ? (100 * done) / total : 0;
  place.querySelector("[data-progress-word]").textContent = word;
}

async function upload(files) {
  const all = [...files];
  const total = all.reduce((sum, file) => sum + file.size, 0);
  const results = document.getElementById("results");
  results.replaceChildren();
  form.querySelector("[data-upload-refusal]").replaceChildren();
  let sent = 0;
  let count = 0;
  for (const group of groups(all)) {
    const show = (loaded) => progress(sent + loaded, total, `${count} of ${all.length} files read`);
    show(0);
    try {
      results.insertAdjacentHTML("beforeend", await send(group, show));
      htmx.process(results);
    } catch (request) {
      refuse(request, all.length - count);
      break;
    }
    sent += group.reduce((sum, file) => sum + file.size, 0);
    count += group.length;
  }
  progress(sent, total, `${count} of ${all.length} files read`);
  form.reset();
  htmx.trigger(document.body, "uploaded");
}

function refuse(request, left) {
  const place = form.querySelector("[data-upload-refusal]");
  if (request.status === 403) place.innerHTML = request.responseText;
  else if (request.status === 413) place.textContent = "A file of them is far over 25 MB. Leave it out and drop the others again.";
  else place.textContent = `The server did not take the last ${left} files (${request.status || "no answer"}). Drop them again.`;
  place.className = "bad";
}

if (form) {
  const drop = form.querySelector("[data-drop]");
  form.files.addEventListener("change", () => form.files.files.length && upload(form.files.files));
  for (const name of ["dragover", "dragenter"]) {
    addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
  addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) upload(event.dataTransfer.files);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.files.files.length) upload(form.files.files);
  });
}
