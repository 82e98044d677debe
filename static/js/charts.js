// The control chart of one measure, and below it the evidence of a change on one time axis. The page brings its
// address; a message on the socket fetches what is new since the newest day, at most once in `GAP_MS`.
const GAP_MS = 500;
const MOST = 2000;

const zone = "UTC"; // days are UTC days, as they are counted
const figure = document.querySelector("[data-chart]");
const canvas = figure?.querySelector(".canvas");
let chart = null;
let data = null;
let paused = false;
let timer = 0;

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const resolved = (name) => {
  const probe = document.createElement("i");
  probe.className = "probe";
  document.body.append(probe);
  probe.style.color = token(name);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
};
const faded = (colour, share) => colour.replace(/rgba?\(([^)]+)\)/, (_, parts) => `rgba(${parts.split(",").slice(0, 3).join(",")}, ${share})`);

const day = (text, year) => new Date(`${text}T00:00:00Z`).toLocaleDateString("en-GB", {
  day: "numeric", month: "short", year: year ? "numeric" : undefined, timeZone: zone,
});
const whole = (value) => Math.round(value).toLocaleString("en-GB");
const short = (value) => (value >= 1e9 ? `${value / 1e9} bn` : value >= 1e6 ? `${value / 1e6} m` : value >= 1e3 ? `${value / 1e3} k` : String(value));

function colours() {
  const [text, text2, text3, line, surface, accent, warn, bad, band] =
    ["--text", "--text2", "--text3", "--line", "--surface", "--accent", "--warn", "--bad", "--band3"].map(resolved);
  return { text, text2, text3, line, surface, accent, warn, bad, band };
}

const nearest = (wanted) => {
  const found = data.points.findIndex((p) => p.day >= wanted);
  return found < 0 ? data.points.length - 1 : found;
};

const narrow = () => canvas.clientWidth < 560;
const edges = () => ({ left: 46, right: data.points.some((p) => p.evidence !== null) ? 62 : 16 });

// The words of a band run to the side that has more room, and break where that is not enough.
function bandWords(b) {
  const room = canvas.clientWidth - edges().left - edges().right;
  const [left, right] = [room * (1 - nearest(b.first) / data.points.length), room * ((nearest(b.last) + 1) / data.points.length)];
  const most = Math.max(left, right) - 8;
  const breaks = b.text.length * 6 > most ? { width: most, overflow: "break", lineHeight: 14 } : {};
  return { position: left >= right ? "insideBottomLeft" : "insideBottomRight", ...breaks };
}

function areas(c) {
  const font = { fontSize: 11, fontFamily: "Inter, system-ui, sans-serif", distance: 4 };
  const found = data.bands.filter((b) => !b.open).map((b) => [
    { xAxis: nearest(b.first), name: b.text, itemStyle: { color: faded(c.text3, 0.16) }, label: { ...font, ...bandWords(b), color: c.text2 } },
    { xAxis: nearest(b.last) },
  ]);
  let start = null;
  data.points.forEach((p, i) => {
    if (p.monthEnd && start === null) start = i;
    const next = data.points[i + 1];
    if (start !== null && !next?.monthEnd) {
      found.push([{ xAxis: start, itemStyle: { color: faded(c.text3, 0.07) }, label: { show: false } }, { xAxis: i }]);
      start = null;
    }
  });
  return found;
}

function marks(c) {
  const label = (text, color, at = "end") => ({
    show: true, formatter: text, position: at, color, fontSize: 11, fontWeight: 600, distance: 3,
  });
  const side = (where) => (nearest(where) > data.points.length * 0.85 ? { align: "right" } : nearest(where) < data.points.length * 0.1 ? { align: "left" } : {});
  const line = (where, text, color, type) => ({ xAxis: nearest(where), lineStyle: { color, type, width: 1.3 }, label: { ...label(text, color), ...side(where) } });
  const plate = { backgroundColor: c.text, color: c.surface, padding: [3, 6], borderRadius: 4 };
  const found = [
    ...data.versions.map((m) => ({ ...line(m.day, m.text, c.text, "dotted"), label: { ...label(m.text, c.text), ...plate } })),
    ...data.policies.map((m) => line(m.day, m.text, c.text3, "dotted")),
  ];
  if (data.onset) found.push({ ...line(data.onset, `onset ${day(data.onset)}`, c.warn, "dashed"), label: { ...label(`onset ${day(data.onset)}`, c.warn, "start"), ...side(data.onset) } });
  return found;
}

function option() {
  const c = colours();
  const font = { fontFamily: "Inter, system-ui, sans-serif", fontSize: 11, color: c.text3 };
  const points = data.points;
  const days = points.map((p) => p.day);
  const has = points.some((p) => p.evidence !== null);
  const values = points.flatMap((p) => [p.rate, p.low, p.high]).filter((v) => v !== null);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const step = [0.5, 1, 2, 5, 10, 20, 25, 50].find((size) => size * 5 >= high - low) ?? 50;
  const tall = canvas.clientHeight;
  const lower = has ? Math.round(tall * 0.32) : 0;
  const caption = narrow() ? 32 : 0; // below its title, on two lines
  const grids = [{ ...edges(), top: 24, height: tall - lower - 24 - 26 - (has ? 56 + caption : 0) }];
  if (has) grids.push({ ...edges(), bottom: 26, height: lower - 8 });
  const words = tall - lower - 26 - 20 - caption;
  const axis = (index, shown) => ({
    type: "category", gridIndex: index, data: days, boundaryGap: true, axisTick: { show: false },
    axisLine: { lineStyle: { color: c.line } }, axisLabel: { ...font, show: shown, hideOverlap: true, formatter: (d) => day(d) },
    axisPointer: { label: { show: false } },
  });
  const outside = (p) => p.outside && p.rate !== null;
  const top = 4 * Math.max(data.critical, ...points.map((p) => p.evidence ?? 1));
  const threshold = (value, name, color) => ({
    yAxis: value, lineStyle: { color, type: "dashed", width: 1.2 },
    label: { show: true, position: "insideStartTop", formatter: `${name} ${whole(value)}`, color, fontSize: 11, fontWeight: 600 },
  });
  const series = [
    { name: "low", type: "line", step: "middle", data: points.map((p) => p.low), stack: "limits", symbol: "none", lineStyle: { color: c.accent, width: 1, type: "dashed", opacity: 0.55 }, silent: true },
    { name: "limits", type: "line", step: "middle", data: points.map((p) => (p.low === null ? null : p.high - p.low)), stack: "limits", symbol: "none", lineStyle: { color: c.accent, width: 1, type: "dashed", opacity: 0.55 }, areaStyle: { color: faded(c.accent, 0.08) }, silent: true, markArea: { silent: true, data: areas(c) }, markLine: { silent: true, symbol: "none", data: marks(c) } },
    { name: "expected", type: "line", step: "middle", data: points.map((p) => p.usual), symbol: "none", lineStyle: { color: c.text3, width: 1.2 }, silent: true },
    { name: "mean", type: "line", data: points.map((p) => p.mean), symbol: "none", lineStyle: { color: c.accent, width: 2 }, silent: true },
    {
      name: "day", type: "line", lineStyle: { color: c.text3, width: 0.8, opacity: 0.8 }, sampling: points.length > MOST ? "lttb" : undefined,
      showSymbol: true, showAllSymbol: true, color: c.text2, cursor: "pointer",
      data: points.map((p) => ({
        value: p.rate, symbol: outside(p) ? "diamond" : "circle", symbolSize: outside(p) ? 10 : points.length > 120 ? 3 : 4,
        itemStyle: outside(p) ? { color: c.surface, borderColor: p.evidence > data.warning ? c.warn : c.text2, borderWidth: 1.6 } : { color: c.text2 },
      })),
    },
  ];
  if (has) {
    series.push({
      name: "evidence", type: "line", xAxisIndex: 1, yAxisIndex: 1, data: points.map((p) => p.evidence), symbol: "none",
      lineStyle: { color: c.text, width: 1.7 },
      endLabel: { show: true, formatter: ({ value }) => (value > 1e7 ? `${whole(value / 1e6)} m` : whole(value)), color: c.text2, fontWeight: 600, fontSize: 11, distance: 4 },
      markLine: { silent: true, symbol: "none", data: [threshold(data.warning, "WARNING", c.warn), threshold(data.critical, "CRITICAL", c.bad)] },
    });
  }
  return {
    animation: false,
    aria: { enabled: false },
    textStyle: font,
    title: has ? [{ text: "Evidence of a change", left: 8, top: words, padding: 0, textStyle: { ...font, color: c.text, fontSize: 13, fontWeight: 600 } },
      { text: "by chance about once in this many decisions, log scale", ...(narrow() ? { left: 8, top: words + 17 } : { left: 158, top: words + 2 }), padding: 0, textStyle: { ...font, color: c.text2, fontSize: 12, fontWeight: 400, width: canvas.clientWidth - (narrow() ? 16 : 160), overflow: "break" } }] : [],
    grid: grids,
    axisPointer: { link: [{ xAxisIndex: "all" }], lineStyle: { color: c.text3 } },
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: c.surface, borderColor: c.line,
      textStyle: { ...font, color: c.text }, formatter: (found) => says(points[found[0].dataIndex]),
    },
    xAxis: [axis(0, !has), ...(has ? [axis(1, true)] : [])],
    yAxis: [
      { type: "value", min: Math.max(0, Math.floor((low - step * 0.2) / step) * step), max: Math.min(100, Math.ceil((high + step * 0.2) / step) * step), interval: step, axisLabel: font, splitLine: { lineStyle: { color: c.line } } },
      ...(has ? [{ type: "log", gridIndex: 1, min: 1, max: top, axisLabel: { ...font, formatter: (v) => ([1, 100, 1e4, 1e6, 1e8, 1e10].includes(v) ? short(v) : "") }, splitLine: { lineStyle: { color: c.line, opacity: 0.6 } } }] : []),
    ],
    series,
  };
}

// What a day says: never a rate without its base.
function says(p) {
  const lines = [`${day(p.day, true)}${p.monthEnd ? ", month-end" : ""}`, `${p.rate.toFixed(1)} per 100: ${whole(p.events)} of ${whole(p.cases)}`];
  if (p.usual !== null) lines.push(`expected ${p.usual.toFixed(1)}, limits ${p.low.toFixed(1)}–${p.high.toFixed(1)}`);
  lines.push(`EWMA ${p.mean.toFixed(1)}`);
  if (p.evidence !== null) lines.push(`evidence ${whole(p.evidence)}, towards ${p.way === "up" ? "more" : "fewer"}`);
  if (p.outside) lines.push("outside the limits");
  return lines.join("\n");
}

function draw() {
  if (!data.points.length) return;
  chart ??= echarts.init(canvas, null, { renderer: "canvas" });
  chart.setOption(option(), { notMerge: true });
  canvas.dataset.drawn = String(data.points.length);
  if (!chart.listens) {
    chart.listens = true;
    chart.getZr().on("click", open);
  }
}

// A click anywhere above a day opens the decisions that it counts.
function open(event) {
  const at = [event.offsetX, event.offsetY];
  if (!chart.containPixel({ gridIndex: 0 }, at)) return;
  const [index] = chart.convertFromPixel({ gridIndex: 0 }, at);
  const point = data.points[Math.round(index)];
  if (point) location.assign(`${figure.dataset.list}&since=${point.day}&until=${point.day}`);
}

// Paper is white: what is drawn in the colours of a dark screen is drawn again for it.
function paper(printing) {
  document.documentElement.style.colorScheme = printing ? "light" : "";
  if (!data) return;
  draw();
  chart?.getZr().flush();
}

async function load() {
  timer = 0;
  const last = data?.points.at(-1)?.day;
  const source = last ? `${figure.dataset.source}&since=${last}` : figure.dataset.source;
  const answer = await fetch(source, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const found = await answer.json();
  data = found.since ? { ...found, points: [...data.points.filter((p) => p.day < found.since), ...found.points] } : found;
  draw();
}

function soon() {
  if (!paused && !timer) timer = setTimeout(load, GAP_MS);
}

function pause(button) {
  paused = !paused;
  button.setAttribute("aria-pressed", String(paused));
  button.toggleAttribute("data-paused", paused);
  if (paused) sessionStorage.setItem(`countersign:paused:${location.pathname}`, "yes");
  else sessionStorage.removeItem(`countersign:paused:${location.pathname}`);
  button.querySelector("span").textContent = paused ? "Resume updates" : "Pause updates";
  if (paused) return;
  if (figure) soon();
  for (const element of document.querySelectorAll("[data-pausable][hx-get]")) htmx.trigger(element, "live");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pause]");
  if (button) pause(button);
});

// A pause lasts on this page until it is taken back or the window is closed.
const stopped = document.querySelector("[data-pause]");
if (stopped && sessionStorage.getItem(`countersign:paused:${location.pathname}`)) pause(stopped);

if (figure) {
  figure.addEventListener("live", soon);
  addEventListener("resize", () => { chart?.resize(); if (data) draw(); });
  document.addEventListener("countersign:theme", () => data && draw());
  addEventListener("beforeprint", () => paper(true));
  addEventListener("afterprint", () => paper(false));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => data && draw());
  load();
}
