/**
 * What differs from another moment, or from the run: each line whose result is another one is marked, and
 * says what stood there and by how much it is more or less now.
 */

import * as dec from "./decimal.js";
import { apart } from "./nudge.js";
import { said } from "./words.js";

/** @typedef {import("./numerals.js").Numeral} Numeral */

const LONGEST = 24; // signs of a difference: a longer one, of numbers of very different sizes, tells nothing

/** A difference with its sign; "" where it cannot be said shortly. @param {Numeral} now @param {Numeral} before */
export function difference(now, before) {
  const found = apart(now, before);
  if (!found) return "";
  const text = dec.plain(found);
  if (text.length > LONGEST) return "";
  return text.startsWith("-") ? text.replace("-", "−") : `+${text}`;
}

/** @typedef {{was: string, is: string, now: Numeral, before: Numeral}} Difference texts of both, and what they say */

const PLACE = "td.tr-result, .tr-math";

/** The marks in a page. A line says what it was at its end; a number in a table or a sentence says it when it is pointed at. */
export class Differences {
  /** @param {string} was a sentence with {from} and {was} @param {string} apart the same with {apart} */
  constructor(was, apart) {
    this.words = { was, apart };
    /** @type {Map<Element, HTMLElement | null>} */
    this.shown = new Map();
  }

  /** @param {Map<string, Difference>} found by anchor @param {string} from words for the other moment */
  show(found, from) {
    const now = new Set();
    for (const [name, difference] of found) {
      for (const node of places(name)) {
        now.add(node);
        this.mark(node, this.said(difference, from));
      }
    }
    for (const [node, mark] of this.shown) {
      if (now.has(node)) continue;
      node.classList.remove("tr-changed");
      node.removeAttribute("title");
      if (mark?.previousSibling?.nodeType === Node.TEXT_NODE) mark.previousSibling.remove(); // the blank before it
      mark?.remove();
      this.shown.delete(node);
    }
  }

  /** The difference is told where the texts are those of the numbers. @param {Difference} found @param {string} from */
  said({ was, is, now, before }, from) {
    const by = now.text === is && before.text === was ? difference(now, before) : "";
    return said(by ? this.words.apart : this.words.was, { was, apart: by, from });
  }

  /** @param {Element} node @param {string} words */
  mark(node, words) {
    const box = node.matches(".tr-line") ? node.querySelector(PLACE) : null;
    let mark = this.shown.get(node) ?? null;
    if (box && !mark) {
      mark = document.createElement("small");
      mark.className = "tr-was";
    }
    if (box && mark && box.lastChild !== mark) box.append(" ", mark);
    if (mark && mark.textContent !== words) mark.textContent = words;
    if (!mark) node.setAttribute("title", words);
    node.classList.add("tr-changed");
    this.shown.set(node, mark);
  }
}

/** Where a number stands by itself: its line, or its places in tables and sentences. @param {string} name @returns {Element[]} */
function places(name) {
  const line = document.getElementById(name);
  const named = document.querySelectorAll(`[data-of="${CSS.escape(name)}"]`);
  return [...(line?.matches(".tr-line") ? [line] : []), ...named];
}
