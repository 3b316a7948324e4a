// A message's own HTML is fetched only when somebody wants to see it, into a frame that may do nothing.
export function letters() {
  document.addEventListener("toggle", ({ target }) => {
    if (!(target instanceof HTMLDetailsElement) || !target.dataset.letter || !target.open || target.querySelector("iframe")) return;
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "");
    frame.setAttribute("referrerpolicy", "no-referrer");
    frame.title = target.querySelector("summary").textContent;
    frame.src = target.dataset.letter;
    target.append(frame);
  }, true);
}
