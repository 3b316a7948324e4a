// The live feed says that something happened; what is shown now is asked for again, not faster than the desk can answer.
import { tick } from "./ticking.js";
import { say } from "./words.js";

const QUIETEST = 1_500;
const EASE = 20; // a look that took 100 ms is followed by a pause of two seconds: whoever watches yields to who works
const ANNOUNCE_EVERY = 10_000;
const FAR = 60_000;

export function following() {
  const { live, about } = document.body.dataset;
  if (!live) return { refresh: async () => location.reload() };
  const state = { running: false, wanted: false, next: 0, timer: 0, announced: 0, delay: 1_000, feed: null, out: false };

  const later = () => {
    if (document.hidden || state.out) return;
    clearTimeout(state.timer);
    state.timer = setTimeout(refresh, Math.max(0, state.next - Date.now()));
  };

  async function refresh() {
    clearTimeout(state.timer);
    if (state.running) return void (state.wanted = true);
    state.running = true;
    state.wanted = false;
    const began = Date.now();
    try {
      const response = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (response.redirected && new URL(response.url).pathname === "/sign-in") signedOut();
      else if (response.ok) replace(new DOMParser().parseFromString(await response.text(), "text/html"), state);
    } catch {
      show("reconnecting", true);
    } finally {
      state.running = false;
      state.next = Date.now() + Math.max(QUIETEST, EASE * (Date.now() - began));
      if (state.wanted) later();
    }
  }

  const signedOut = () => {
    state.out = true;
    close();
    show("signed_out", true);
  };

  const heard = (event) => {
    if (!about || event.data.includes(about)) later();
  };

  function open() {
    if (state.feed || state.out || document.hidden) return;
    const feed = (state.feed = new EventSource("/v1/feed"));
    feed.onopen = () => {
      state.delay = 1_000;
      show("live", false);
      later(); // what happened between the page and the feed, or while the line was down
    };
    feed.onmessage = heard;
    for (const type of types()) feed.addEventListener(type, heard);
    feed.addEventListener("end", (event) => {
      close();
      if (JSON.parse(event.data).reason === "unauthenticated") signedOut();
      else again();
    });
    feed.onerror = () => {
      show("reconnecting", true);
      if (feed.readyState !== EventSource.CLOSED) return; // the browser resumes by itself, after the last event it got
      close();
      refresh().then(again); // refused: perhaps nobody is signed in any more
    };
  }

  function close() {
    state.feed?.close();
    state.feed = null;
  }

  function again() {
    setTimeout(open, state.delay);
    state.delay = Math.min(2 * state.delay, FAR);
  }

  // browsers keep few lines open to one server: a page nobody looks at gives its line back
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  open();
  return { refresh };
}

const types = () => (document.querySelector("meta[name=events]")?.content ?? "").split(" ").filter(Boolean);

function show(key, broken) {
  const place = document.getElementById("connection");
  if (!place) return;
  const text = say(key);
  if (place.textContent !== text) place.textContent = text;
  place.hidden = false;
  place.classList.toggle("live", key === "live");
  place.classList.toggle("broken", broken);
}

function replace(fresh, state) {
  for (const part of document.querySelectorAll("[data-live-part]")) {
    const twin = fresh.getElementById(part.id);
    if (twin && !busy(part)) adopt(part, twin);
  }
  tick();
  document.dispatchEvent(new CustomEvent("refreshed", { detail: fresh }));
  announce(state);
}

// a part in which somebody is choosing or typing is left alone until they are done
const busy = (part) => part.contains(document.activeElement) && document.activeElement.matches("input:not([type=hidden]), select, textarea");

function adopt(part, twin) {
  const before = new Map([...part.querySelectorAll("[data-key]")].map((row) => [row.dataset.key, row]));
  for (const { name, value } of twin.attributes) if (part.getAttribute(name) !== value) part.setAttribute(name, value);
  for (const { name } of [...part.attributes]) if (!twin.hasAttribute(name)) part.removeAttribute(name);
  const held = document.activeElement?.closest?.("[data-key]")?.dataset.key;
  const place = held && part.contains(document.activeElement) ? document.activeElement.className + document.activeElement.tagName : "";
  for (const row of twin.querySelectorAll("[data-key]")) {
    const old = before.get(row.dataset.key);
    if (old && same(old, row)) row.replaceWith(old);
    else if (!old && before.size) row.classList.add("fresh");
    else if (old) keepOpen(old, row);
  }
  part.replaceChildren(...[...twin.childNodes].map((node) => document.adoptNode(node)));
  if (place && !part.contains(document.activeElement)) {
    const row = part.querySelector(`[data-key="${CSS.escape(held)}"]`);
    const again = [...(row?.querySelectorAll("a, button, summary") ?? [])].find((one) => one.className + one.tagName === place);
    (again ?? part.querySelector("a, button"))?.focus({ preventScroll: true });
  }
}

// what ticks by itself, or was opened by hand, makes no difference
function same(old, row) {
  const plain = (element) => {
    const copy = element.cloneNode(true);
    copy.classList.remove("fresh", "newer");
    if (!copy.getAttribute("class")) copy.removeAttribute("class");
    for (const time of copy.querySelectorAll("time")) time.textContent = "";
    for (const opened of copy.querySelectorAll("details[open]")) opened.removeAttribute("open");
    for (const frame of copy.querySelectorAll("iframe")) frame.remove();
    for (const clock of copy.querySelectorAll(".clock")) clock.className = "clock";
    for (const pick of copy.querySelectorAll(".pick")) pick.hidden = true;
    return copy;
  };
  return plain(old).isEqualNode(plain(row));
}

function keepOpen(old, row) {
  const fresh = row.querySelectorAll("details");
  old.querySelectorAll("details").forEach((one, place) => fresh[place] && (fresh[place].open = one.open));
}

function announce(state) {
  const text = [...document.querySelectorAll("[data-announce]")].map((one) => one.dataset.announce).join(" ");
  if (text === state.said || Date.now() - state.announced < ANNOUNCE_EVERY) return;
  const first = state.said === undefined;
  state.said = text;
  state.announced = Date.now();
  if (!first) document.getElementById("announce").textContent = text;
}
