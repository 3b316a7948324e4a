// The reply box: its draft outlives refusals, reloads and lost lines; it never answers a message its writer has not seen.
import { ask } from "./sending.js";
import { say } from "./words.js";

export function drafting(live) {
  const form = document.querySelector("form[data-composer]");
  if (!form) return;
  const ticket = document.getElementById("ticket").dataset.ticket;
  const messages = () => document.getElementById("messages");
  const text = form.elements.text;
  const place = `sanad.draft.${ticket}`;
  const newer = document.getElementById("newer");
  const customers = () => new Set([...messages().querySelectorAll("[data-customer]")].map((one) => one.dataset.key));
  const seen = { seq: Number(messages().dataset.seq), messages: customers() };

  const mode = () => form.elements.mode.value;
  const keep = () => (text.value ? localStorage.setItem(place, JSON.stringify([mode(), text.value])) : localStorage.removeItem(place));
  const turn = () => {
    const noting = mode() === "note";
    text.name = noting ? "note" : "reply.text";
    form.classList.toggle("noting", noting);
    for (const control of form.querySelectorAll("[data-reply-only]")) control.disabled = noting;
    const after = form.elements.status;
    after.value = noting ? "" : ([...after.options].find((option) => option.defaultSelected)?.value ?? "");
  };

  // a note is for colleagues: it must not come back as a reply
  const [how, draft] = JSON.parse(localStorage.getItem(place) ?? '["reply", ""]');
  text.value = draft;
  if (how !== mode()) {
    form.elements.mode.value = how;
    turn();
  }
  text.addEventListener("input", keep);
  form.addEventListener("change", ({ target }) => {
    if (target.name !== "mode") return;
    turn();
    keep();
  });

  const look = () => {
    seen.seq = Number(messages().dataset.seq);
    seen.messages = customers();
    newer.hidden = true;
    for (const one of messages().querySelectorAll(".newer")) one.classList.remove("newer");
  };
  const compare = () => {
    const fresh = [...messages().querySelectorAll("[data-customer]")].filter((one) => !seen.messages.has(one.dataset.key));
    if (!fresh.length || !text.value) return look();
    for (const one of fresh) one.classList.add("newer");
    newer.querySelector("span").textContent = say("newer");
    newer.hidden = false;
  };
  document.addEventListener("refreshed", compare);
  newer.querySelector("[data-read]").addEventListener("click", () => {
    look();
    text.focus();
  });

  form.addEventListener("sending", ({ detail }) => {
    if (mode() !== "reply") return;
    detail.more.push(async (body) => {
      const files = [...form.querySelector("[data-attachments]").files];
      body.seen = seen.seq;
      if (files.length) body.reply.attachments = await Promise.all(files.map(upload));
      return body;
    });
  });
  form.addEventListener("sent", () => {
    localStorage.removeItem(place);
    text.value = "";
    look();
    if (mode() !== "reply") return; // copies and files wait for the reply they were chosen for
    for (const control of form.querySelectorAll("[data-reply-only]")) control.value = "";
    form.querySelector(".chosen").textContent = "";
  });
  form.addEventListener("refused", async ({ detail }) => {
    if (!detail.newer?.length) return;
    await live.refresh();
    compare();
    document.getElementById(`message-${detail.newer[0].message}`)?.scrollIntoView({ block: "center" });
  });

  const splitting = document.querySelector("form[data-split]");
  splitting?.closest("details").addEventListener("toggle", ({ target }) => {
    for (const pick of document.querySelectorAll(".pick")) pick.hidden = !target.open;
  });
  splitting?.addEventListener("sending", ({ detail }) => {
    const chosen = [...document.querySelectorAll("[data-message]:checked")].map((box) => box.value);
    detail.more.push(async () => ({ messages: chosen }));
  });
}

async function upload(file) {
  const { ok, answer } = await ask("POST", "/v1/attachments", file, { type: "application/octet-stream" });
  if (!ok) throw new Error(say("failed_to_load"));
  return { blob: answer.blob, name: file.name.slice(0, 200), media_type: file.type || "application/octet-stream", size: answer.size };
}

// nobody's drafts stay behind on a shared machine
document.addEventListener("submit", ({ target }) => {
  if (target.dataset?.send === "POST /v1/sign-out") {
    for (const key of Object.keys(localStorage)) if (key.startsWith("sanad.draft.")) localStorage.removeItem(key);
  }
});
