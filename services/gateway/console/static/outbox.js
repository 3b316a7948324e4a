// What went out, as the public API tells it: newest first, a page at a time, each text only when it is asked for.
import { ask } from "./sending.js";
import { delivery, digits, letter, refusal, say } from "./words.js";

const LATE = new Set(["failed"]);
const SOON = new Set(["unknown", "stored", "held"]);
const AGAIN = new Set(["held", "stored", "failed", "unknown"]);

export function outbox() {
  const section = document.getElementById("outbox");
  if (!section) return;
  const { outbox: path, reference, release, zone } = section.dataset;
  const moments = new Intl.DateTimeFormat(digits, { dateStyle: "short", timeStyle: "short", timeZone: zone });
  const [list, empty, more, template] = ["ul", "[data-empty]", "[data-more]", "template"].map((name) => section.querySelector(name));
  let next = null;

  function fill(item, one) {
    const find = (name) => item.querySelector(name);
    find(".number").textContent = `${reference}${one.number}`;
    find(".ticket").href = `/tickets/${encodeURIComponent(one.ticket)}`;
    find(".kind").textContent = letter(one.kind);
    find(".code").textContent = one.state === "stored" ? "" : one.code;
    const state = find(".state");
    state.textContent = delivery(one.state);
    state.classList.toggle("late", LATE.has(one.state));
    state.classList.toggle("soon", SOON.has(one.state));
    find("time").dateTime = new Date(one.at).toISOString();
    find("time").textContent = moments.format(one.at);
    find("form").hidden = !release || !AGAIN.has(one.state);
  }

  function row(one) {
    const item = template.content.cloneNode(true).querySelector("li");
    fill(item, one);
    item.querySelector("details").addEventListener("toggle", ({ target }) => target.open && read(one, target.querySelector(".text")));
    item.querySelector("form").addEventListener("submit", async (event) => {
      event.preventDefault();
      const { ok, answer } = await ask("POST", `${path}/${encodeURIComponent(one.id)}/release`);
      if (ok) fill(item, answer);
      else item.querySelector(".code").textContent = refusal(answer);
    });
    return item;
  }

  async function read(one, place) {
    if (place.textContent) return;
    const { ok, answer } = await ask("GET", `${path}/${encodeURIComponent(one.id)}`);
    place.textContent = ok ? answer.text || say("text_with_ticket") : refusal(answer);
  }

  async function load() {
    const { ok, answer } = await ask("GET", next ? `${path}?after=${encodeURIComponent(next)}` : path);
    if (!ok) throw new Error(path);
    list.append(...answer.items.map(row));
    next = answer.next;
    more.hidden = !next;
    list.hidden = !list.children.length;
    empty.hidden = !list.hidden;
    empty.textContent = say("no_mail");
  }

  const show = () =>
    load().catch(() => {
      empty.hidden = false;
      empty.textContent = say("failed_to_load");
    });
  more.addEventListener("click", show);
  show();
}
