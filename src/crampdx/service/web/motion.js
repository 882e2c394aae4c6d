/** Lets elements glide to their new places, unless the reader asked for less motion. */

const still = matchMedia("(prefers-reduced-motion: reduce)");
const TIMING = { duration: 260, easing: "cubic-bezier(.2, .7, .2, 1)" };

const tops = (root, selector) =>
  new Map([...root.querySelectorAll(selector)].map((element) => [element.id, element.getBoundingClientRect().top]));

/** Make a change, and move what it displaced from where it was. */
export function gliding(root, selector, change) {
  const before = still.matches ? new Map() : tops(root, selector);
  change();
  for (const [id, top] of before) {
    const element = document.getElementById(id);
    const by = element ? top - element.getBoundingClientRect().top : 0;
    if (by) element.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], TIMING);
  }
}
