/** What to ask next, with the answers to click. */

import { signed } from "./chart.js";
import { h } from "./dom.js";
import { causeName } from "./knowledge.js";

const ANSWERS = [["present", "Present"], ["absent", "Absent"], ["unknown", "Don’t know"]];
const SHIFTS = 3;

function shifts(knowledge, answer, moves) {
  if (!moves.length) return null;
  const shown = [...moves].sort((a, b) => Math.abs(b.decibans) - Math.abs(a.decibans)).slice(0, SHIFTS);
  return h("span", { class: "shift" }, `${answer}: `,
    shown.map((move) => `${causeName(knowledge, move.cause)} ${signed(move.decibans)}`).join(", "),
    moves.length > SHIFTS ? ", …" : "");
}

const question = (knowledge, asked) =>
  h("li", { class: "question", id: `question-${asked.finding}` },
    h("p", { class: "ask", id: `ask-${asked.finding}` }, asked.ask || asked.name),
    h("p", { class: "quiet" }, shifts(knowledge, "If present, at most", asked.if_present), " ",
      shifts(knowledge, "If absent, at most", asked.if_absent)),
    h("div", { class: "answers", role: "group", "aria-labelledby": `ask-${asked.finding}` },
      ANSWERS.map(([value, word]) =>
        h("button", { type: "button", id: `answer-${value}-${asked.finding}`, "data-action": "answer",
          "data-finding": asked.finding, "data-value": value, class: value }, word))));

/** The questions that are not set aside. */
export function renderQuestions({ assessment, knowledge, setAside }) {
  const all = assessment.questions;
  const open = all.filter((asked) => !setAside.has(asked.finding));
  const aside = all.length - open.length;
  if (!all.length) return null;
  return h("section", { class: "questions", id: "questions", "data-group": "", tabindex: "-1", "aria-labelledby": "questions-title" },
    h("h3", { id: "questions-title" }, "What to ask next"),
    h("ol", {}, open.map((asked) => question(knowledge, asked))),
    aside
      ? h("p", { class: "quiet" }, `Set aside: ${aside}. `,
        h("button", { type: "button", class: "link", "data-action": "ask-again", id: "ask-again" }, "Ask again"))
      : null);
}
