/**
 * Puts the sentences of a cycle into the page, and hides the parts that it has not.
 */

import { Telling } from "./choices.js";
import { LINE } from "./holders.js";

/** @typedef {import("./choices.js").Choices} Choices */
/** @typedef {import("./choices.js").Told} Told */

const TAG = /(<[^>]*>)/;

/** The element that a paragraph or a heading of the page begins with. @param {Element} root @param {string} name @returns {HTMLElement[]} */
function partOf(root, name) {
  const heading = root.querySelector(`#${CSS.escape(name)}`)?.closest("h2, h3");
  if (!heading) return [];
  const found = [heading];
  for (let each = heading.nextElementSibling; each && !ends(each, heading); each = each.nextElementSibling) {
    found.push(each);
  }
  return /** @type {HTMLElement[]} */ (found);
}

/** @param {Element} element @param {Element} heading */
function ends(element, heading) {
  return /^H[1-6]$/.test(element.tagName) && element.tagName <= heading.tagName;
}

/** What stands in an element. Where only texts change, its elements stay. */
class Sentence {
  /** @param {Element} element */
  constructor(element) {
    this.element = element;
    this.name = element.getAttribute("data-said") ?? "";
    this.html = /** @type {string | null} */ (null); // what the page itself says is not known
    /** @type {string[]} */ this.parts = [];
    /** @type {Text[]} */ this.texts = [];
  }

  /** @param {string} html */
  put(html) {
    if (html === this.html) return;
    this.html = html;
    const parts = html.split(TAG); // texts, and tags at the odd places
    if (this.mayKeep(parts)) this.write(parts);
    else this.make(html);
    this.parts = parts;
  }

  /** @param {string[]} parts */
  mayKeep(parts) {
    const told = parts.filter((part, k) => k % 2 === 0 && part !== "");
    return (
      parts.length === this.parts.length &&
      told.length === this.texts.length &&
      parts.every((part, k) => (k % 2 ? part === this.parts[k] : (part === "") === (this.parts[k] === "") && !part.includes("&")))
    );
  }

  /** @param {string[]} parts */
  write(parts) {
    const told = parts.filter((part, k) => k % 2 === 0 && part !== "");
    told.forEach((text, k) => {
      if (this.texts[k].nodeValue !== text) this.texts[k].nodeValue = text;
    });
  }

  /** @param {string} html */
  make(html) {
    this.element.innerHTML = html;
    this.texts = [];
    const walker = document.createTreeWalker(this.element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) this.texts.push(/** @type {Text} */ (walker.currentNode));
  }
}

/** The sentences of a page whose numbers change. */
export class Said {
  /** @param {Element} root @param {Choices} choices */
  constructor(root, choices) {
    this.choices = choices;
    this.regions = Array.from(root.querySelectorAll("[data-said]"), (each) => new Sentence(each));
    this.sections = Object.keys(choices.sections).map((name) => {
      return { name, elements: partOf(root, name).filter((each) => !stays(each, name)) };
    });
  }

  /** @param {Told} told */
  put(told) {
    const telling = new Telling(this.choices, told);
    for (const each of this.regions) {
      each.put(this.choices.regions[each.name] ? telling.say(each.name) : "");
    }
    this.hide(telling);
  }

  /** @param {Telling} telling */
  hide(telling) {
    const shown = this.sections.map(({ name }) => telling.shows(name));
    const hidden = new Set(this.sections.flatMap(({ elements }, k) => (shown[k] ? [] : elements)));
    for (const each of this.sections.flatMap(({ elements }) => elements)) {
      if (each.hidden !== hidden.has(each)) each.hidden = hidden.has(each);
    }
  }
}

/** Lines are hidden one by one; and the heading of the update stands also above the word that says why there is none. @param {Element} element @param {string} section */
function stays(element, section) {
  const isOfLines = element.matches(LINE) || element.querySelector(LINE) !== null;
  return isOfLines || (element.matches("h2") && section === "update") || element.querySelector("[data-said=waits]") !== null;
}
