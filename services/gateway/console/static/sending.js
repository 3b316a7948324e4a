// Forms that write: each is one request to the public API, whose one outcome is shown. A repeat is harmless.
import { refusal, say } from "./words.js";
import { instant } from "./zones.js";

const unanswered = new WeakMap();
const underWay = new WeakMap();

export async function ask(method, path, body, { key, type } = {}) {
  const headers = { Accept: "application/json" };
  if (key) headers["Idempotency-Key"] = key;
  if (body !== undefined) headers["Content-Type"] = type ?? "application/json";
  const content = body === undefined || type ? body : JSON.stringify(body);
  const response = await fetch(path, { method, headers, body: content });
  const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
  return { ok: response.ok, status: response.status, answer: response.ok ? answer : { status: response.status, ...answer } };
}

// What got no answer may have been taken: the same wish is the same request again, under the same key, whatever was read
// since. Another one (or one that was answered) gets a new key.
function requestOf(form, body) {
  const wish = JSON.stringify({ ...body, seen: undefined });
  const known = unanswered.get(form);
  if (known?.wish === wish) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const key = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const request = { wish, body, key };
  unanswered.set(form, request);
  return request;
}

function put(body, path, value) {
  const [first, ...rest] = path.split(".");
  if (rest.length) put((body[first] ??= {}), rest.join("."), value);
  else body[first] = value;
}

async function valueOf(control) {
  switch (control.dataset.type) {
    case "number": return Number(control.value);
    case "flag": return control.value === "true";
    case "time": return control.value ? instant(control.value, control.dataset.zone) : undefined;
    case "ticket": return findTicket(control.value);
    case "addresses": return [...new Set(control.value.split(/[\s,;،؛]+/).filter(Boolean))];
    default: return control.value;
  }
}

async function findTicket(number) {
  const { ok, answer } = await ask("GET", `/v1/tickets?limit=1&number=${encodeURIComponent(number)}`);
  if (!ok || !answer.items.length) throw new Error(say("no_ticket"));
  return answer.items[0].id;
}

const changed = (control) =>
  control instanceof HTMLSelectElement
    ? ![...control.options].find((option) => option.value === control.value)?.defaultSelected
    : control.value !== control.defaultValue;

async function bodyOf(form) {
  const body = {};
  for (const control of form.elements) {
    if (!control.name || control.disabled || "skip" in control.dataset || control.type === "file") continue;
    if ("changes" in form.dataset && !control.dataset.with && !changed(control)) continue;
    if (control.dataset.with) {
      const [name, value] = control.dataset.with.split(":");
      if (form.elements[name].value !== value || !changed(form.elements[name])) continue;
    }
    if (control.dataset.tags !== undefined) addTags(body, control);
    else if ("presence" in control.dataset) Object.assign(body, control.value === "ready" ? { state: "ready" } : { state: "not_ready", reason: control.value });
    else if (control.value !== "" || "emptyCounts" in control.dataset) {
      const value = await valueOf(control);
      if (value !== undefined) put(body, control.name, value);
    }
  }
  return body;
}

function addTags(body, control) {
  const split = (text) => [...new Set(text.split(/[\s,،]+/).filter(Boolean))];
  const [was, now] = [split(control.dataset.tags), split(control.value)];
  const [added, removed] = [now.filter((tag) => !was.includes(tag)), was.filter((tag) => !now.includes(tag))];
  if (added.length) body.add_tags = added;
  if (removed.length) body.remove_tags = removed;
}

export function tell(form, text, wrong = true) {
  const place = wrong ? form.querySelector(".wrong") : null;
  if (place) {
    place.textContent = text;
    place.hidden = !text;
    return;
  }
  const notice = document.getElementById("notice");
  notice.textContent = text;
  notice.hidden = !text;
  clearTimeout(tell.timer);
  if (text) tell.timer = setTimeout(() => (notice.hidden = true), wrong ? 12_000 : 4_000);
}

async function send(form, live) {
  const [method, path] = form.dataset.send.split(" ");
  const before = new CustomEvent("sending", { bubbles: true, cancelable: true, detail: { more: [] } });
  form.dispatchEvent(before);
  const values = new Map([...form.elements].map((control) => [control, control.value]));
  let body = await bodyOf(form);
  for (const add of before.detail.more) body = await add(body);
  if ("changes" in form.dataset && !Object.keys(body).length) return;
  const request = requestOf(form, body);
  const given = method === "DELETE" || !Object.keys(request.body).length ? undefined : request.body;
  const { ok, status, answer } = await ask(method, path, given, { key: request.key });
  if (status < 500) unanswered.delete(form);
  if (!ok) {
    tell(form, status === 503 ? refusal({ ...answer, reason: "unavailable" }) : refusal(answer));
    form.dispatchEvent(new CustomEvent("refused", { bubbles: true, detail: answer }));
    if (status !== 422) await live.refresh();
    return;
  }
  tell(form, "");
  if ("changes" in form.dataset) {
    for (const [control, value] of values) keep(control, value);
    for (const why of form.querySelectorAll(".when-resolved")) why.hidden = true;
  }
  form.dispatchEvent(new CustomEvent("sent", { bubbles: true, detail: answer }));
  const { then } = form.dataset;
  if (then === "ticket") location.assign(`/tickets/${encodeURIComponent(given.into)}`);
  else if (then) location.assign(then);
  else if (!("link" in form.dataset)) {
    tell(form, say(status === 202 ? "taken" : "done"), false);
    await live.refresh();
  }
}

export function sending(live) {
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-send]");
    if (!form) return;
    event.preventDefault();
    // a second press is no second request, but further changes of properties or presence are sent after those under way
    if (underWay.has(form) && !("changes" in form.dataset || form.querySelector("[data-submits]"))) return;
    await underWay.get(form);
    let finished;
    underWay.set(form, new Promise((resolve) => (finished = resolve)));
    const button = form.querySelector("button:not([type=button])");
    button?.setAttribute("aria-busy", "true");
    try {
      await send(form, live);
    } catch (fault) {
      tell(form, fault instanceof TypeError ? say("offline") : fault.message);
    } finally {
      underWay.delete(form);
      finished();
      button?.removeAttribute("aria-busy");
    }
  });
  document.addEventListener("change", (event) => {
    if ("submits" in event.target.dataset) event.target.form.requestSubmit();
    const form = event.target.form;
    const why = form?.querySelector(".when-resolved");
    if (why && event.target.name === "status") why.hidden = event.target.value !== "resolved" || !changed(event.target);
  });
  document.addEventListener("refreshed", ({ detail }) => catchUp(detail));
  document.addEventListener("sent", ({ target, detail }) => {
    if ("link" in target.dataset) {
      const made = target.querySelector("output");
      made.textContent = `${say("link_shown_once")} ${location.origin}${detail.path}`;
      made.hidden = false;
    }
    if (!("composer" in target.dataset) && !("changes" in target.dataset) && target.matches(".stack")) {
      target.reset();
      target.closest("details")?.removeAttribute("open");
    }
  });
}

// what was saved is what later changes are compared with
function keep(control, value) {
  if (control instanceof HTMLSelectElement) for (const option of control.options) option.defaultSelected = option.value === value;
  else if (control.name) control.defaultValue = value;
  if (control.dataset.tags !== undefined) control.dataset.tags = value;
}

// what others changed is taken over, except where somebody is choosing something else
function catchUp(fresh) {
  for (const select of document.querySelectorAll("select[data-follows]")) {
    const twin = fresh.getElementById(select.id);
    const offered = (one) => [...one.options].map((option) => option.value).join();
    if (!twin || offered(twin) === offered(select) || select === document.activeElement) continue;
    const chosen = changed(select) ? select.value : twin.value;
    select.replaceChildren(...[...twin.options].map((option) => document.importNode(option, true)));
    select.value = [...select.options].some((option) => option.value === chosen) ? chosen : twin.value;
    select.parentElement.hidden = twin.parentElement.hidden;
  }
  for (const form of document.querySelectorAll("form[data-changes]")) {
    const twins = [...fresh.querySelectorAll("form[data-changes]")].find((one) => one.dataset.send === form.dataset.send)?.elements;
    for (const control of twins ? form.elements : []) {
      const twin = control.name && !control.dataset.with && twins[control.name];
      if (!twin) continue;
      if (!changed(control)) control.value = twin.value;
      keep(control, twin.value);
    }
  }
}
