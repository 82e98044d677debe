// One socket per page. It carries no content: it says what changed, and elements with `data-live` fetch themselves.
//
// `data-live="inbox invoice/7"` lists topics. A message {topic, id} concerns an element that names the topic or
// "topic/id"; {"topic": "*", "resync": true} concerns all. Every message, the heartbeat included, proves the line.
const STALE_MS = 12_000;
const RETRY_MS = [250, 500, 1000, 2000, 4000];
const GAP_MS = 200;
const SIGNED_OUT = 4401;

const root = document.documentElement;
let socket = null;
let tries = 0;
let lastHeard = 0;
let serverTime = new Date();
let asked = "";
let watchdog = 0;
const waiting = new Map();

export const isStale = () => root.dataset.liveState === "stale";

function wanted() {
  const topics = new Set();
  for (const element of document.querySelectorAll("[data-live]")) {
    for (const topic of element.dataset.live.split(/\s+/)) if (topic) topics.add(topic);
  }
  return [...topics].sort();
}

function subscribe() {
  const topics = wanted();
  const key = topics.join(" ");
  if (socket?.readyState !== WebSocket.OPEN || key === asked) return;
  asked = key;
  socket.send(JSON.stringify({ subscribe: topics }));
}

function show(state) {
  if (root.dataset.liveState !== state) {
    root.dataset.liveState = state;
    document.dispatchEvent(new CustomEvent("countersign:line", { detail: state }));
  }
  const words = { live: "Live", stale: "Reconnecting", waiting: "Connecting" };
  const time = serverTime.toLocaleTimeString("en-GB", { timeZone: root.dataset.zone || undefined });
  for (const word of document.querySelectorAll("[data-live-word]")) word.textContent = words[state];
  for (const clock of document.querySelectorAll("[data-live-time]")) {
    clock.textContent = clock.closest(".live") ? `as of ${time}` : time;
  }
}

function heard(at) {
  lastHeard = Date.now();
  serverTime = at ? new Date(at) : new Date();
  show("live");
}

// The first message goes through at once, a burst after it is one more fetch.
function refresh(element) {
  const state = waiting.get(element) ?? { last: 0, timer: 0 };
  if (state.timer) return;
  const due = Math.max(0, state.last + (Number(element.dataset.gap) || GAP_MS) - Date.now());
  state.timer = setTimeout(() => {
    state.timer = 0;
    state.last = Date.now();
    if (!element.isConnected) waiting.delete(element);
    else if (!document.querySelector("[data-paused]") || !element.hasAttribute("data-pausable")) {
      htmx.trigger(element, "live");
    }
  }, due);
  waiting.set(element, state);
}

function concerns(element, message) {
  if (message.resync) return true;
  const topics = element.dataset.live.split(/\s+/);
  return topics.includes(message.topic) || topics.includes(`${message.topic}/${message.id}`);
}

function receive(event) {
  const message = JSON.parse(event.data);
  heard(message.at);
  if (!message.topic || (message.topic === "*" && !message.resync)) return;
  for (const element of document.querySelectorAll("[data-live]")) {
    if (concerns(element, message)) refresh(element);
  }
}

function connect() {
  const url = new URL("/live/", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(url);
  asked = "";
  socket.addEventListener("open", () => { tries = 0; subscribe(); });
  socket.addEventListener("message", receive);
  socket.addEventListener("close", (event) => {
    if (event.code === SIGNED_OUT) {
      location.assign(`/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
      return;
    }
    if (lastHeard || tries > 1) show("stale");
    setTimeout(connect, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]);
    tries += 1;
  });
}

function watch() {
  if (lastHeard && Date.now() - lastHeard > STALE_MS) {
    show("stale");
    socket?.close();
  }
}

if (document.querySelector("[data-live]")) {
  connect();
  watchdog = setInterval(watch, 2000);
  document.addEventListener("htmx:afterSettle", subscribe);
  addEventListener("pagehide", () => clearInterval(watchdog));
}
