// Panels of plugins: what is pressed in them, and what a reader does by themselves: sort, page, turn to a tab.
import { act, filled } from "./acts.js";

const panelOf = (element) => element.closest(".panel");

function press(element, extra = [], problem = null) {
  const panel = panelOf(element);
  if (!panel?.dataset.look) return;
  const { plugin, panel: name, session, look, revision } = panel.dataset;
  const fields = [["plugin", plugin], ["panel", name], ["look", look], ["revision", revision], ["path", element.dataset.press], ...extra];
  if (session) fields.push(["session", session]);
  act(element, "/act/press", fields, problem);
}

export function listen() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.matches("[data-press]")) press(button);
    if (button?.matches("table.sortable th button")) sort(button.closest("th"));
    if (button?.matches("[role=tab]")) turn(button);
    if (button?.matches("[data-turn]")) page(button.closest(".pager"), Number(button.dataset.turn));
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-press]")) return;
    event.preventDefault();
    const problem = event.target.querySelector(".problem");
    problem.hidden = true;
    press(event.target, filled(event.target).map(([name, value]) => [`set.${name}`, value]), problem);
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.("[role=tab]")) return;
    const tabs = [...event.target.closest("[role=tablist]").querySelectorAll("[role=tab]")];
    const at = tabs.indexOf(event.target);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    turn(tabs[(next + tabs.length) % tabs.length]).focus();
  });
}

function turn(tab) {
  for (const other of tab.closest("[role=tablist]").querySelectorAll("[role=tab]")) {
    const mine = other === tab;
    other.ariaSelected = String(mine);
    other.tabIndex = mine ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !mine;
  }
  return tab;
}

// Numbers before texts or the other way round, nothing last either way: as both dashboards sort.
function compare(one, other, down) {
  const rank = (text) => (text.startsWith("n:") ? 0 : text.startsWith("t:") ? 1 : 2);
  if (rank(one) === 2 || rank(other) === 2) return rank(one) - rank(other);
  const sign = down ? -1 : 1;
  if (rank(one) !== rank(other)) return sign * (rank(one) - rank(other));
  if (rank(one) === 0) return sign * (Number(one.slice(2)) - Number(other.slice(2)));
  return sign * (one < other ? -1 : one > other ? 1 : 0);
}

const sorts = new WeakMap();
const pages = new WeakMap();

function sort(head) {
  const table = head.closest("table");
  const column = [...head.parentNode.children].indexOf(head);
  const down = head.ariaSort === "ascending";
  sorts.set(table, { column, down });
  pages.set(table, 0);
  sorted(table);
  paged(table);
}

function sorted(table) {
  const chosen = sorts.get(table);
  if (!chosen) return;
  const body = table.tBodies[0];
  const of = (row) => row.cells[chosen.column].dataset.sort;
  body.append(...[...body.rows].sort((a, b) => compare(of(a), of(b), chosen.down)));
  [...table.tHead.rows[0].cells].forEach((cell, at) => (cell.ariaSort = at === chosen.column ? (chosen.down ? "descending" : "ascending") : "none"));
}

function paged(table) {
  const size = Number(table.dataset.page);
  const rows = [...table.tBodies[0].rows];
  const count = Math.max(1, Math.ceil(rows.length / size));
  const at = Math.min(pages.get(table) ?? 0, count - 1);
  rows.forEach((row, number) => (row.hidden = Math.floor(number / size) !== at));
  const scroll = table.closest(".scroll") ?? table;
  let pager = scroll.nextElementSibling?.matches(".pager") ? scroll.nextElementSibling : null;
  if (count < 2) {
    pager?.remove();
    return;
  }
  if (!pager) {
    pager = document.createElement("p");
    pager.className = "pager";
    for (const [step, label] of [[-1, "Back"], [1, "Further"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.turn = step;
      button.textContent = label;
      pager.append(button, " ");
    }
    pager.append(document.createElement("span"));
    scroll.after(pager);
  }
  pager.lastElementChild.textContent = `Rows ${at * size + 1} to ${Math.min(rows.length, (at + 1) * size)} of ${rows.length}`;
  pager.firstElementChild.disabled = at === 0;
  pager.children[1].disabled = at === count - 1;
}

function page(pager, step) {
  const scroll = pager.previousElementSibling;
  const table = scroll.matches("table") ? scroll : scroll.querySelector("table");
  pages.set(table, (pages.get(table) ?? 0) + step);
  paged(table);
}

// After a piece of a panel was put into its place.
export function redrawn(panel) {
  for (const table of panel.querySelectorAll("table.sortable")) {
    sorted(table);
    paged(table);
  }
}
