// Everything a page needs, found by its data- attributes. Pages are whole without it, except for writing and following.
import { drafting } from "./drafting.js";
import { following } from "./following.js";
import { importing } from "./importing.js";
import { letters } from "./letters.js";
import { outbox } from "./outbox.js";
import { presence } from "./presence.js";
import { sending } from "./sending.js";
import { ticking } from "./ticking.js";

document.documentElement.classList.add("scripted");
const live = following();
ticking();
sending(live);
drafting(live);
presence();
letters();
importing();
outbox();

// the browser's own words for files would be in its language, not the page's
document.addEventListener("change", ({ target }) => {
  const chosen = target.type === "file" && target.parentElement.querySelector(".chosen");
  if (chosen) chosen.textContent = [...target.files].map((file) => file.name).join(", ");
});
