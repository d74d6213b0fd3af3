// One stream of events for all regions of the page; opened anew when the page gets other regions.
import { redrawn } from "./panels.js";
import { replace, show } from "./morph.js";

let stream = null;
let followed = "";

export function follow() {
  const names = [...new Set([...document.querySelectorAll("[data-region]")].map((element) => element.dataset.region))];
  const query = names.map((name) => `region=${encodeURIComponent(name)}`).join("&");
  if (query === followed || !names.length) return;
  followed = query;
  stream?.close();
  stream = new EventSource(`/live?${query}`);
  stream.onmessage = (event) => take(JSON.parse(event.data));
  stream.onopen = () => (document.getElementById("lost").hidden = true);
  stream.onerror = () => {
    document.getElementById("lost").hidden = false;
    if (stream.readyState === EventSource.CLOSED) setTimeout(again, 2000); // refused: signed out, maybe
  };
}

function again() {
  followed = "";
  follow();
}

function take(piece) {
  for (const element of document.querySelectorAll(`[data-region="${CSS.escape(piece.region)}"]`)) {
    const end = pinned(element);
    if (piece.parts) parts(element, piece);
    else show(element, piece.html);
    for (const log of end) log.scrollTop = log.scrollHeight;
    here(element);
  }
  follow();
}

// Logs that were read to their end stay there.
function pinned(element) {
  const near = (log) => log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
  const logs = [...element.querySelectorAll("[data-follow]")];
  return logs.length ? logs.filter(near) : { *[Symbol.iterator]() { yield* element.querySelectorAll("[data-follow]"); } };
}

function parts(panel, piece) {
  panel.dataset.look = piece.look;
  panel.dataset.revision = piece.revision;
  for (const [path, html] of piece.parts) {
    const part = [...panel.querySelectorAll("[data-path]")].find((one) => one.dataset.path === path);
    if (part) replace(part, html);
    else show(panel, html);
  }
  redrawn(panel);
}

// The page that is open is marked among the links to pages.
function here(element) {
  for (const link of element.querySelectorAll("a[href]"))
    if (element.dataset.here && link.getAttribute("href") === element.dataset.here) link.setAttribute("aria-current", "page");
}
