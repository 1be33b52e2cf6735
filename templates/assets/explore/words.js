/** Words that the page carries as data: no sentence stands in a script. */

/**
 * A sentence with its values put in: "epoch {epoch}" and {epoch: 37} make "epoch 37".
 * @param {string} sentence @param {Record<string, string | number>} values
 */
export function said(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** The sentences that an element carries, by their name. @param {Element} root @returns {Record<string, string>} */
export function wordsOf(root) {
  const found = [...root.querySelectorAll("[data-word]")];
  return Object.fromEntries(found.map((each) => [each.getAttribute("data-word"), each.textContent ?? ""]));
}
