// People from a CSV file: checked first, imported only when every line is fine.
import { ask } from "./sending.js";
import { digits, refusal, say } from "./words.js";

export function importing() {
  const form = document.getElementById("import");
  if (!form) return;
  const [file, real] = [form.querySelector("input[type=file]"), form.querySelector("[data-real]")];
  const [wrong, result, faults] = [".wrong", ".result", ".faults"].map((name) => form.querySelector(name));

  const clear = () => {
    for (const place of [wrong, result, faults]) {
      place.hidden = true;
      place.replaceChildren();
    }
  };
  const say_ = (place, text) => {
    place.textContent = text;
    place.hidden = false;
  };
  const list = (items) => {
    faults.hidden = !items.length;
    for (const { line, column, wrong: why, reason } of items) {
      const item = document.createElement("li");
      const place = document.createElement("bdi");
      place.textContent = [column, why ?? reason].filter(Boolean).join(": ");
      item.append(`${say("line")} ${new Intl.NumberFormat(digits).format(line)} – `, place);
      faults.append(item);
    }
  };

  async function check(dry) {
    clear();
    if (!file.files.length) return say_(wrong, say("choose_file"));
    const path = `${form.dataset.import}${dry ? "?dry_run=true" : ""}`;
    const { ok, answer } = await ask("POST", path, await file.files[0].text(), { type: "text/csv" });
    const found = [...(answer.faults ?? []), ...(answer.refused ?? []), ...(answer.findings ?? [])];
    list(found.filter((one) => one.line));
    if (!ok) return say_(wrong, refusal(answer));
    real.disabled = !dry || found.length > 0;
    if (!found.length) say_(result, say(dry ? "lines_fine" : "imported"));
    if (!dry && !found.length) setTimeout(() => location.reload(), 1_000);
  }

  file.addEventListener("change", () => {
    clear();
    real.disabled = true;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    check(event.submitter !== real).catch(() => say_(wrong, say("offline")));
  });
}
