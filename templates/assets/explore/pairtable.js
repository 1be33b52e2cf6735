/** The tables of all weights between two layers at another moment: numbers and shades. As tracer/pictures/network/pair.py. */

import { setText } from "./inplace.js";
import { largestOf, shade } from "./netpicture.js";

const SHADE = "tr-cell";

/** @param {Element} link to the number that it shows */
function nameOf(link) {
  return (link.getAttribute("href") ?? "").slice(1);
}

/** One table, which may stand on the page in parts. */
export class PairTable {
  /** @param {Element} figure */
  constructor(figure) {
    const links = Array.from(figure.querySelectorAll("a[href^='#']"));
    this.numbers = links.map((node) => ({ node, name: nameOf(node) }));
    this.cells = links.flatMap((link) => {
      const cell = link.closest(`td[class^="${SHADE}"]`);
      return cell ? [{ cell, name: nameOf(link) }] : [];
    });
  }

  /** @param {(name: string) => number} value @param {(name: string) => string} text */
  show(value, text) {
    for (const { node, name } of this.numbers) {
      const words = text(name);
      if (words) setText(node, words);
    }
    const values = this.cells.map(({ name }) => value(name));
    const largest = largestOf(values);
    this.cells.forEach(({ cell }, k) => dye(cell, shade(values[k], largest)));
  }
}

/** Other classes of a cell are not its shade's. @param {Element} cell @param {number} level */
function dye(cell, level) {
  const own = `${SHADE}${level}`;
  if (cell.classList.contains(own)) return;
  cell.classList.remove(...Array.from(cell.classList).filter((name) => name.startsWith(SHADE)));
  cell.classList.add(own);
}
