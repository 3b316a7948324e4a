// Ages and deadlines move on between two looks at the desk. Same units as the server writes: the two largest.
import { digits, say } from "./words.js";

const UNITS = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000], ["second", 1_000]];
const SOON = 1_800_000;
const offset = Number(document.documentElement.dataset.now) - Date.now();
const figures = Object.fromEntries(
  UNITS.map(([unit]) => [unit, new Intl.NumberFormat(digits, { style: "unit", unit, unitDisplay: "short", useGrouping: false })]),
);

export const now = () => Date.now() + offset;

export function duration(length) {
  let rest = Math.abs(length);
  const parts = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (parts.length && (!count || unit === "second")) break;
    if (count || unit === "second") parts.push(figures[unit].format(count));
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

export function tick(root = document) {
  const at = now();
  for (const time of root.querySelectorAll("time[data-since]")) write(time, duration(at - Number(time.dataset.since)));
  for (const time of root.querySelectorAll("time[data-due]")) {
    const left = Number(time.dataset.due) - at;
    write(time, say(left >= 0 ? "left" : "late", { length: duration(left) }));
  }
  for (const clock of root.querySelectorAll(".clock[data-deadline]")) {
    const left = Number(clock.dataset.deadline) - at;
    clock.classList.toggle("late", left < 0);
    clock.classList.toggle("soon", left >= 0 && left < SOON);
  }
}

export function ticking() {
  tick();
  setInterval(() => document.hidden || tick(), 1_000);
}
