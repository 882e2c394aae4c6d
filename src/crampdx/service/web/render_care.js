/** Tests, treatments and prevention: options to consider, with what speaks against them. */

import { h } from "./dom.js";
import { causeName } from "./knowledge.js";
import { renderSources, renderUnknown } from "./render_evidence.js";

const LEVELS = { avoid: "avoid", caution: "caution", adjust: "adjust", monitor: "monitor" };

const folded = (id, className, summary, ...inside) =>
  h("li", { class: className }, h("details", { id }, h("summary", {}, summary), h("div", { class: "reasons" }, inside)));

const test = (knowledge, proposed) =>
  folded(`test-${proposed.test}`, "option", [
    h("span", { class: "name" }, proposed.name), h("span", { class: "kind" }, proposed.kind)],
  h("p", {}, proposed.because),
  proposed.would_show.length
    ? h("p", { class: "quiet" }, "Would show: ", proposed.would_show.map((outcome) => outcome.name).join("; "), ".")
    : null,
  renderSources(knowledge, proposed.sources));

function renderTests({ assessment, knowledge }) {
  const settled = [["Done", assessment.tests_done], ["Ordered", assessment.tests_ordered]]
    .filter(([, tests]) => tests.length);
  if (!assessment.tests.length && !settled.length) return null;
  return h("section", { class: "panel", id: "tests", "aria-labelledby": "tests-title" },
    h("h3", { id: "tests-title" }, "Tests to consider"),
    h("ul", { class: "options" }, assessment.tests.map((proposed) => test(knowledge, proposed))),
    settled.map(([said, tests]) => h("p", { class: "quiet" }, `${said}: `,
      tests.map((id) => knowledge?.testOf.get(id)?.name ?? id).join(", "))));
}

function caution(knowledge, note, owner) {
  const { caution: rule, verdict, unknown } = note;
  const applies = verdict === "applies";
  return h("li", { class: `caution ${rule.level} ${verdict}` },
    h("p", {},
      h("span", { class: applies ? "tag alarm" : "tag watch" },
        applies ? LEVELS[rule.level] : `check before: ${LEVELS[rule.level]}`),
      ` ${rule.because}`),
    unknown.length
      ? [h("p", { class: "quiet" }, "Not known:"), renderUnknown(knowledge, unknown, `${owner}-${rule.id}`)]
      : null,
    renderSources(knowledge, rule.sources));
}

function cautionsOf(knowledge, option) {
  const unread = option.interactions_not_checked;
  return [
    h("h4", {}, "What speaks against it"),
    option.cautions.length
      ? h("ul", { class: "cautions" }, option.cautions.map((note) => caution(knowledge, note, option.treatment)))
      : h("p", { class: "quiet" }, "These rules name nothing that does. This does not establish safety."),
    unread
      ? h("p", { class: "note" }, `Interactions not checked: ${unread} medicine${unread === 1 ? "" : "s"} of the record could not be read.`)
      : null,
  ];
}

function marks(option) {
  const count = (verdict) => option.cautions.filter((note) => note.verdict === verdict).length;
  const [applies, check] = [count("applies"), count("check_before")];
  const avoid = option.cautions.some((n) => n.verdict === "applies" && n.caution.level === "avoid");
  return [
    avoid ? h("span", { class: "tag alarm" }, "avoid") : null,
    applies && !avoid ? h("span", { class: "tag alarm" }, `${applies} caution${applies === 1 ? "" : "s"}`) : null,
    check ? h("span", { class: "tag watch" }, `${check} to check`) : null,
  ];
}

const treatment = (knowledge, option) =>
  folded(`treatment-${option.treatment}`, "option", [
    h("span", { class: "name" }, option.name), h("span", { class: "kind" }, option.kind), marks(option)],
  option.for_causes.length
    ? h("p", { class: "quiet" }, "For: ", option.for_causes.map((id) => causeName(knowledge, id)).join(", "))
    : null,
  option.indications.map((indication) => [
    h("p", {}, indication.because), renderSources(knowledge, indication.sources)]),
  cautionsOf(knowledge, option),
  option.about.length ? h("h4", {}, "What is known of it") : null,
  option.about.map((known) => [h("p", {}, known.says), renderSources(knowledge, known.sources)]));

function renderTreatments({ assessment, knowledge }) {
  const { treatments, treatments_not_assessed: left } = assessment;
  if (!treatments.length && !left.length) return null;
  return h("section", { class: "panel", id: "treatments", "aria-labelledby": "treatments-title" },
    h("h3", { id: "treatments-title" }, "Treatments to consider"),
    h("ul", { class: "options" }, treatments.map((option) => treatment(knowledge, option))),
    left.length
      ? h("p", { class: "note" }, `Drug treatments are not assessed for this person: ${left.length}.`)
      : null);
}

function renderPrevention({ assessment, knowledge }) {
  if (!assessment.prevention.length) return null;
  return h("details", { class: "panel", id: "prevention" },
    h("summary", {}, h("h3", {}, "Prevention, and when to seek care")),
    h("ul", { class: "plain" }, assessment.prevention.map((measure) =>
      h("li", {}, h("strong", {}, measure.name), ". ", measure.because, renderSources(knowledge, measure.sources)))));
}

/** Tests, treatments, prevention. */
export const renderCare = (state) => [renderTests(state), renderTreatments(state), renderPrevention(state)];
