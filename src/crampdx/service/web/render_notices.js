/** What comes first, and what comes last: red flags, do not miss, remarks; warnings, not used. */

import { h } from "./dom.js";
import { findingName, inWords } from "./knowledge.js";
import { renderObserved, renderSources, renderUnknown } from "./render_evidence.js";

const URGENCY = { emergency: "Emergency", urgent: "Urgent", soon: "Soon" };

const redFlag = (knowledge, { flag, observed }) =>
  h("li", { class: `flag ${flag.urgency}`, id: `flag-${flag.id}` },
    h("p", { class: "flag-head" }, h("span", { class: "tag alarm" }, URGENCY[flag.urgency]), h("strong", {}, flag.name)),
    h("p", {}, flag.consider),
    h("details", { id: `flag-why-${flag.id}` }, h("summary", {}, "Why"),
      h("p", {}, flag.because), renderObserved(knowledge, observed), renderSources(knowledge, flag.sources)));

function renderFlags({ assessment, knowledge }) {
  if (!assessment.red_flags.length) return null;
  return h("section", { class: "flags", "aria-labelledby": "flags-title", id: "flags" },
    h("h3", { id: "flags-title" }, assessment.red_flags.length === 1 ? "Red flag" : "Red flags"),
    h("ul", {}, assessment.red_flags.map((flag) => redFlag(knowledge, flag))));
}

function renderDoNotMiss({ assessment }) {
  if (!assessment.do_not_miss.length) return null;
  return h("section", { class: "do-not-miss", "aria-labelledby": "miss-title", id: "do-not-miss" },
    h("h3", { id: "miss-title" }, "Do not miss"),
    h("ul", {}, assessment.do_not_miss.map((cause) =>
      h("li", {}, h("button", { type: "button", "data-action": "go-to", "data-value": cause.cause }, cause.name),
        h("span", { class: "quiet" }, ` rank ${cause.rank}`)))));
}

function renderClarify({ assessment, knowledge }) {
  if (!assessment.clarify.length) return null;
  return h("section", { class: "clarify", "aria-labelledby": "clarify-title", id: "clarify" },
    h("h3", { id: "clarify-title" }, "Clear up first"),
    h("p", { class: "quiet" }, "The record contradicts itself or cannot be read in what these rest on."),
    h("ul", {}, assessment.clarify.map((open) =>
      h("li", {}, h("strong", {}, open.name), ` (${inWords(open.kind)}): `,
        open.findings.map((id) => findingName(knowledge, id)).join(", ")))));
}

const renderNotes = ({ assessment }) =>
  assessment.notes.length
    ? h("ul", { class: "note notes" }, assessment.notes.map((note) => h("li", {}, note.message)))
    : null;

/** What should be read before the ranking. */
export const renderFirst = (state) => [
  renderFlags(state), renderDoNotMiss(state), renderClarify(state), renderNotes(state),
];

function renderUnexplained({ assessment, knowledge }) {
  if (!assessment.unexplained.length) return null;
  return h("section", { class: "panel", id: "unexplained" },
    h("h3", {}, "Unexplained findings"),
    renderUnknown(knowledge, assessment.unexplained.map((seen) => seen.finding), "unexplained"));
}

const warning = (found) =>
  h("li", { class: found.level }, h("code", {}, found.place || "record"), " ", found.message);

function renderWarnings({ assessment }) {
  if (!assessment.warnings.length) return null;
  const grave = assessment.warnings.filter((found) => found.level === "warning").length;
  return h("section", { class: grave ? "panel warnings" : "panel", id: "warnings" },
    h("h3", {}, grave ? "Warnings about the record" : "Remarks on the record"),
    h("ul", {}, assessment.warnings.map(warning)));
}

function renderNotUsed({ assessment }) {
  if (!assessment.not_used.length) return null;
  return h("section", { class: "panel", id: "not-used" },
    h("h3", {}, "Not used"),
    h("ul", {}, assessment.not_used.map((left) =>
      h("li", {}, `${inWords(left.reason)}: ${left.count}`,
        left.places.length ? h("span", { class: "place" }, ` ${left.places.join(", ")}`) : null))));
}

function renderStamp({ assessment }) {
  const packs = assessment.knowledge.packs.map((p) => `${p.name} ${p.version} (${p.status})`).join(", ");
  return h("p", { class: "stamp" }, `crampdx ${assessment.version}. Rules: ${packs}; digest `,
    h("code", {}, assessment.knowledge.digest.slice(0, 12)),
    assessment.as_of ? `. As of ${assessment.as_of}.` : ".",
    assessment.inference === "reference" ? " Answered by the reference evaluator." : "");
}

/** What may be read after the ranking. */
export const renderLast = (state) => [
  renderUnexplained(state), renderWarnings(state), renderNotUsed(state), renderStamp(state),
];

const refusal = ({ title, detail, fields }, ...more) =>
  h("div", { class: "refusal" },
    h("p", {}, h("strong", {}, title), "."),
    detail ? h("p", {}, detail) : null,
    fields?.length
      ? h("ul", {}, fields.map(({ path, message }) =>
        h("li", {}, path ? h("code", {}, path) : null, path ? ": " : "", message)))
      : null,
    more);

/** Why a document was refused, in words and by field. */
export const renderRefusal = (problem) => refusal(problem);

/** Why a document was not opened, and why the record could not be assessed. */
export function renderProblems({ problem, unread, assessment }) {
  return [
    unread ? refusal(unread) : null,
    problem
      ? refusal(problem,
        assessment ? h("p", { class: "quiet" }, "What is shown below answers an earlier state of the record.") : null,
        h("button", { type: "button", "data-action": "retry", id: "retry" }, "Try again"))
      : null,
  ];
}
