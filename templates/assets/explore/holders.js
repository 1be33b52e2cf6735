/** Tables and summaries whose lines are all hidden, as a batch of one row has no gradients of its own: they go too. */

const HOLDERS = ".tr-quantity, .tr-more, .tr-rows";
export const LINE = ".tr-line";

/** @typedef {{element: HTMLElement, lines: HTMLElement[]}} Holder */

/** @param {Element} root @returns {Holder[]} */
export function holdersOf(root) {
  const found = Array.from(root.querySelectorAll(HOLDERS), (element) => {
    return { element: /** @type {HTMLElement} */ (element), lines: /** @type {HTMLElement[]} */ (Array.from(element.querySelectorAll(LINE))) };
  });
  return found.filter(({ lines }) => lines.length > 0);
}

/** @param {Holder[]} holders */
export function hideEmpty(holders) {
  for (const { element, lines } of holders) {
    const isEmpty = lines.every((line) => line.hidden);
    if (element.hidden !== isEmpty) element.hidden = isEmpty;
  }
}
