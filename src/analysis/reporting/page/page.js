"use strict";
const root = document.documentElement;
let data, words;
const pick = pair => typeof pair === "string" ? pair : pair[root.lang === "zh" ? 1 : 0];
const make = (tag, text, name) => { const e = document.createElement(tag); if (text !== undefined) e.textContent = text; if (name) e.className = name; return e; };

function numberOf(text) {
  const found = text.replace(/,/g, "").match(/-?\d+(\.\d+)?/);
  return found ? parseFloat(found[0]) + (text[0] === "<" ? -1e-6 : text[0] === ">" ? 1e-6 : 0) : NaN;
}
function shown(cell) { // what a reader of this language sees; not the other tongue's text
  const own = cell.querySelector(root.lang === "zh" ? ".zh" : ".en");
  return (own || cell).textContent.trim() || (cell.querySelector("svg") ? cell.querySelector("svg").getAttribute("aria-label") : "");
}
function sortBy(table, place, head) {
  const down = head.getAttribute("aria-sort") === "ascending", body = table.tBodies[0];
  for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const numeric = head.classList.contains("n"), sign = down ? -1 : 1;
  const keyed = [...body.rows].map(row => { const text = shown(row.cells[place]); return [numeric ? numberOf(text) : text, row]; });
  const none = key => numeric ? isNaN(key) : key === "" || key === "—";
  keyed.sort((a, b) => none(a[0]) - none(b[0]) || (none(a[0]) ? 0 : sign * (numeric ? a[0] - b[0] : a[0].localeCompare(b[0], root.lang))));
  body.append(...keyed.map(pair => pair[1]));
}
function filter(table, text, count) {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  let left = 0;
  for (const row of table.tBodies[0].rows) {
    const told = [...row.cells].map(shown).join(" ").toLowerCase();
    row.hidden = !wanted.every(word => told.includes(word));
    left += !row.hidden;
  }
  count.textContent = pick(words.rows).replace("{n}", left);
}
function enliven(table) {
  const tools = make("div", undefined, "tools"), box = make("input"), count = make("span", undefined, "quiet");
  box.type = "search"; box.dataset.box = ""; tools.append(box, count);
  box.placeholder = pick(words.filter); box.setAttribute("aria-label", pick(words.filter));
  box.addEventListener("input", () => filter(table, box.value, count));
  table.parentNode.before(tools); filter(table, "", count);
  [...table.tHead.rows[0].cells].forEach((head, place) => {
    const button = head.querySelector("button");
    button.addEventListener("click", () => sortBy(table, place, head));
  });
}

function cellOf(part, place, value) {
  const cell = make("td", undefined, part.kinds[place]), text = part.kinds[place] === "n" || part.kinds[place] === "d" ? value : part.texts[value];
  const told = text === null || text === undefined ? "—" : pick(text);
  const link = part.links[place];
  if (link && told !== "—") { const a = make("a", told); a.href = "#" + link + "=" + encodeURIComponent(told); cell.append(a); } else cell.textContent = told;
  return cell;
}
function tableOf(part, rows, leave) {
  const table = make("table"), head = table.createTHead().insertRow(), body = table.createTBody(), places = part.heads.map((_, i) => i).filter(i => i !== leave);
  for (const place of places) { const th = make("th", undefined, part.kinds[place]), button = make("button", pick(part.heads[place])); th.scope = "col"; th.append(button); head.append(th); }
  for (const row of rows) { const tr = body.insertRow(); tr.append(...places.map(place => cellOf(part, place, row[place]))); }
  const scroll = make("div", undefined, "scroll"); scroll.append(table);
  return [scroll, table];
}
const OPEN = new Set(["plan", "rating"]);
function show(kind, name) {
  const panel = document.getElementById("panel"), inner = make("div"), top = make("div", undefined, "top"), back = make("button", pick(words.back));
  back.addEventListener("click", () => { if (history.length > 1) history.back(); else location.hash = ""; });
  top.append(back, make("h2", name)); inner.append(top);
  let any = false;
  for (const part of data.parts) {
    const own = part.links.map((link, place) => link === kind ? place : -1).filter(place => place >= 0);
    const rows = part.always ? part.rows : part.rows.filter(row => own.some(place => pick(part.texts[row[place]] ?? "") === name));
    if (!rows.length) continue;
    any = any || !part.always;
    const box = make("details"), title = make("summary", pick(part.title) + " (" + rows.length + ")");
    box.append(title); box.open = OPEN.has(part.key);
    const fill = () => {
      if (box.childElementCount > 1) return;
      const [scroll, table] = tableOf(part, rows, own.length === 1 ? own[0] : -1);
      box.append(scroll); enliven(table);
      if (part.left) box.append(make("p", pick(words.left).replace("{n}", part.left), "quiet"));
    };
    box.addEventListener("toggle", fill); if (box.open) fill();
    inner.append(box);
  }
  if (!any) inner.append(make("p", pick(words.nobody)));
  panel.replaceChildren(inner); panel.hidden = false; document.body.style.overflow = "hidden"; back.focus();
}
function follow() {
  const found = location.hash.match(/^#(supplier|sku)=(.*)$/);
  let name = "";
  try { name = found ? decodeURIComponent(found[2]) : ""; } catch (error) { name = ""; }
  if (name) show(found[1], name);
  else { document.getElementById("panel").hidden = true; document.body.style.overflow = ""; }
}
function speak(language) {
  root.lang = language; document.title = pick(data.title);
  document.getElementById("language").textContent = language === "zh" ? "English" : "中文";
  document.querySelectorAll("input[data-box]").forEach(box => { box.placeholder = pick(words.filter); box.setAttribute("aria-label", pick(words.filter)); box.dispatchEvent(new Event("input")); });
  try { localStorage.setItem("language", language); } catch (error) { /* a page from disk may not keep anything */ }
  follow();
}
async function load() { // a large page carries its data packed
  const held = document.getElementById("data");
  if (held.type === "application/json") return JSON.parse(held.textContent);
  const packed = Uint8Array.from(atob(held.textContent), letter => letter.charCodeAt(0));
  return JSON.parse(await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text());
}
function start(found) {
  data = found; words = data.words;
  document.querySelectorAll("main table").forEach(enliven);
  document.getElementById("language").addEventListener("click", () => speak(root.lang === "zh" ? "en" : "zh"));
  addEventListener("hashchange", follow);
  addEventListener("keydown", event => { if (event.key === "Escape" && !document.getElementById("panel").hidden) location.hash = ""; });
  let kept = null;
  try { kept = localStorage.getItem("language"); } catch (error) { /* as above */ }
  speak(kept === "zh" || kept === "en" ? kept : /^zh/i.test(navigator.language) ? "zh" : "en");
}
load().then(start);
