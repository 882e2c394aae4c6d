/**
 * The balance of a candidate on a scale that all of them share: where it starts (pretest), what
 * speaks for it, what speaks against it, and where that leaves it.
 */

import { svg } from "./dom.js";

const HEIGHT = 22;
const MIDDLE = HEIGHT / 2;

const sum = (lines) => lines.filter((line) => line.counted).reduce((all, line) => all + line.weight, 0);

/** What a candidate's score is made of. */
export function balance(candidate) {
  const forIt = sum(candidate.supporting ?? []);
  const against = sum(candidate.opposing ?? []);
  return { start: candidate.pretest, forIt, against, score: candidate.score };
}

/** The scale on which all of these candidates fit, zero among them. */
export function scaleOf(candidates) {
  const values = candidates.flatMap((candidate) => {
    const { start, forIt, score } = balance(candidate);
    return [start, start + forIt, score];
  });
  const low = Math.min(-10, ...values) - 2;
  const high = Math.max(10, ...values) + 2;
  return (value) => ((value - low) / (high - low)) * 100;
}

const percent = (value) => `${value.toFixed(2)}%`;

function bar(scale, from, to, y, className) {
  const [left, right] = [scale(Math.min(from, to)), scale(Math.max(from, to))];
  return right > left
    ? svg("rect", { x: percent(left), width: percent(right - left), y, height: 6, rx: 1.5, class: className })
    : null;
}

const upright = (x, from, to, className) =>
  svg("line", { x1: percent(x), x2: percent(x), y1: from, y2: to, class: className });

/** The picture; what it says is also said in words beside it. */
export function chart(candidate, scale) {
  const { start, forIt, against, score } = balance(candidate);
  const top = start + forIt;
  return svg("svg", { class: "balance", height: HEIGHT, width: "100%", "aria-hidden": "true", focusable: "false" },
    upright(scale(0), 0, HEIGHT, "zero"),
    bar(scale, start, top, MIDDLE - 7, "for"),
    bar(scale, top, top + against, MIDDLE + 1, "against"),
    upright(scale(start), MIDDLE - 9, MIDDLE - 1, "start"),
    svg("circle", { cx: percent(scale(score)), cy: MIDDLE, r: 4.5, class: "score" }));
}

/** The picture in words. */
export function inWords(candidate) {
  const { start, forIt, against, score } = balance(candidate);
  return `score ${signed(score)}: starts at ${signed(start)}, for it ${signed(forIt)}, against it ${signed(against)}`;
}

/** A number with its sign; a true minus. */
export const signed = (value) => (value > 0 ? `+${value}` : String(value).replace("-", "\u2212"));
