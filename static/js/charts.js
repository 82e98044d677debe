// Live charts. The data comes as JSON of aggregated steps; a message on the socket fetches it anew, at most once in
// `GAP_MS`. Behind each chart stands a table of the same numbers.
const GAP_MS = 500;
const MEASURES = {
  decisions: { unit: "", places: 0, min: 0 },
  people: { unit: "%", places: 1, min: 0, max: 100 },
  confidence: { unit: "", places: 2, max: 1 },
  latency: { unit: "s", places: 2, min: 0 },
};
// Colour and dash together tell lines apart; no tone that means a warning elsewhere.
const TONES = ["--accent", "--text", "--control"];
const DASHES = ["solid", "dashed", "dotted", [8, 2, 2, 2]];
const style = (i) => ({ width: 1.6, type: DASHES[Math.floor(i / TONES.length) % DASHES.length] });

const zone = document.documentElement.dataset.zone || undefined;
const section = document.querySelector("[data-charts]");
const charts = new Map();
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

function label(time) {
  const at = new Date(time);
  const clock = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone });
  if (data.range === "hour") return clock;
  const day = at.toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: zone });
  return data.range === "day" ? clock : `${day} ${clock}`;
}

function option(measure) {
  const { unit, places, min, max } = MEASURES[measure];
  const [faint, line, text, surface] = ["--text3", "--line", "--text2", "--surface"].map(resolved);
  const colours = TONES.map(resolved);
  const font = { fontFamily: "Inter, system-ui, sans-serif", fontSize: 11, color: faint };
  return {
    animation: false,
    aria: { enabled: true },
    textStyle: font,
    grid: { left: 44, right: 14, top: data.agents.length > 1 ? 46 : 12, bottom: 24 },
    legend: { show: data.agents.length > 1, top: 0, left: 6, itemWidth: 22, itemHeight: 5, itemGap: 12, textStyle: { ...font, color: text } },
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: surface, borderColor: line,
      textStyle: { ...font, color: text }, axisPointer: { lineStyle: { color: faint } },
      formatter: (points) => [points[0]?.axisValueLabel, ...points.map((p) => {
        const value = p.value === null || p.value === undefined ? "–" : `${Number(p.value).toFixed(places)} ${unit}`;
        return `${p.marker}${p.seriesName}  ${value}${base(data.agents[p.seriesIndex], measure, p.dataIndex)}`;
      })].join("\n"),
    },
    xAxis: { type: "category", data: data.times.map(label), boundaryGap: false, axisTick: { show: false }, axisLine: { lineStyle: { color: line } }, axisLabel: { ...font, hideOverlap: true } },
    yAxis: { type: "value", min: measure === "confidence" ? (v) => Math.floor(v.min * 10 - 0.5) / 10 : min, max, scale: measure === "confidence", splitNumber: 4, axisLabel: { ...font, formatter: (v) => axis(v, places) }, splitLine: { lineStyle: { color: line } } },
    series: data.agents.map((agent, i) => ({
      name: agent.name, type: "line", data: agent[measure], showSymbol: lone(agent[measure]), showAllSymbol: true, symbol: "circle", symbolSize: 5,
      connectNulls: true, sampling: lone(agent[measure]) ? undefined : "lttb", color: colours[i % colours.length],
      lineStyle: style(i), emphasis: { focus: "series" },
    })),
  };
}

const axis = (value, places) => value.toLocaleString("en-GB", { maximumFractionDigits: places });

// A single point makes no line: then the points themselves are drawn.
const lone = (values) => values.filter((v) => v !== null).length < 4;

function draw() {
  for (const figure of section.querySelectorAll("[data-chart]")) {
    const measure = figure.dataset.chart;
    const canvas = figure.querySelector(".canvas");
    if (!charts.has(measure)) charts.set(measure, echarts.init(canvas, null, { renderer: "canvas" }));
    charts.get(measure).setOption(option(measure), { notMerge: true });
    table(figure, measure);
  }
}

function table(figure, measure) {
  const place = figure.querySelector(".numbers");
  if (place.hidden) return;
  const node = figure.querySelector("template").content.firstElementChild.cloneNode(true);
  node.tHead.rows[0].append(...data.agents.map((a) => cell("th", a.name)));
  for (let i = data.times.length - 1; i >= 0; i -= 1) {
    if (!data.agents.some((a) => a.counts[i])) continue;
    const line = node.tBodies[0].insertRow();
    line.insertCell().textContent = label(data.times[i]);
    line.append(...data.agents.map((a) => cell("td", shown(a[measure][i], measure) + base(a, measure, i))));
  }
  place.replaceChildren(node);
}

function cell(kind, text) {
  const made = document.createElement(kind);
  made.className = "r";
  made.textContent = text;
  if (kind === "th") made.scope = "col";
  return made;
}

// A rate is nothing without its base: 100.0 of one decision is not 100.0 of a thousand.
const base = (agent, measure, i) => (measure === "people" && agent.counts[i] ? ` of ${agent.counts[i]}` : "");
const shown = (value, measure) => (value === null ? "–" : value.toFixed(MEASURES[measure].places));

// Paper is white: what is drawn in the colours of a dark screen is drawn again for it.
function paper(printing) {
  document.documentElement.style.colorScheme = printing ? "light" : "";
  if (!data) return;
  draw();
  for (const chart of charts.values()) chart.getZr().flush();
}

async function load() {
  timer = 0;
  const answer = await fetch(section.dataset.source, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  data = await answer.json();
  draw();
}

function soon() {
  if (!paused && !timer) timer = setTimeout(load, GAP_MS);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-table], [data-pause]");
  if (!button) return;
  if (button.matches("[data-pause]")) pause(button);
  else toggle(button);
});

function pause(button) {
  paused = !paused;
  button.setAttribute("aria-pressed", String(paused));
  button.toggleAttribute("data-paused", paused);
  button.querySelector("span").textContent = paused ? "Resume updates" : "Pause updates";
  if (!paused) {
    soon();
    for (const element of document.querySelectorAll("[data-pausable][hx-get]")) htmx.trigger(element, "live");
  }
}

function toggle(button) {
  const figure = button.closest("[data-chart]");
  const place = figure.querySelector(".numbers");
  place.hidden = !place.hidden;
  button.setAttribute("aria-expanded", String(!place.hidden));
  if (data) table(figure, figure.dataset.chart);
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

if (section) {
  section.addEventListener("live", soon);
  setInterval(soon, 15_000);
  addEventListener("resize", () => charts.forEach((chart) => chart.resize()));
  document.addEventListener("countersign:theme", () => data && draw());
  addEventListener("beforeprint", () => paper(true));
  addEventListener("afterprint", () => paper(false));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => data && draw());
  load();
}
