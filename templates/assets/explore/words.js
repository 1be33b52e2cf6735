/** Words that the page carries as data: no sentence stands in a script. */

/**
 * A sentence with its values put in: "epoch {epoch}" and {epoch: 37} make "epoch 37".
 * @param {string} sentence @param {Record<string, string | number>} values
 */
export function said(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** A symbol, as the MathML of the page. @typedef {{math: string}} Symbol */

/**
 * The same as what an element may hold: texts, and symbols as formulas.
 * @param {string} sentence @param {Record<string, string | number | Symbol>} values
 */
export function pieces(sentence, values) {
  return sentence.split(/(\{\w+\})/).map((part) => {
    const value = part.startsWith("{") ? values[part.slice(1, -1)] ?? part : part;
    return typeof value === "object" ? formula(value.math) : String(value);
  });
}

/** @param {string} math MathML, of the run's file */
function formula(math) {
  const box = document.createElement("span");
  box.innerHTML = math;
  return box;
}

/** The sentences that an element carries, by their name. @param {Element} root @returns {Record<string, string>} */
export function wordsOf(root) {
  const found = [...root.querySelectorAll("[data-word]")];
  return Object.fromEntries(found.map((each) => [each.getAttribute("data-word"), each.textContent ?? ""]));
}
