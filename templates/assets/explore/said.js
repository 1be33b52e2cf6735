/**
 * Puts the sentences of a cycle into the page, and hides the parts that it has not.
 */

import { Telling } from "./choices.js";

/** @typedef {import("./choices.js").Choices} Choices */
/** @typedef {import("./choices.js").Told} Told */

/** The element that a paragraph or a heading of the page begins with. @param {Element} root @param {string} name */
function partOf(root, name) {
  const heading = root.querySelector(`#${CSS.escape(name)}`)?.closest("h2, h3");
  if (!heading) return [];
  const found = [heading];
  for (let each = heading.nextElementSibling; each && !ends(each, heading); each = each.nextElementSibling) {
    found.push(each);
  }
  return found;
}

/** @param {Element} element @param {Element} heading */
function ends(element, heading) {
  return /^H[1-6]$/.test(element.tagName) && element.tagName <= heading.tagName;
}

/** The sentences of a page whose numbers change. */
export class Said {
  /** @param {Element} root @param {Choices} choices */
  constructor(root, choices) {
    this.choices = choices;
    const regions = Array.from(root.querySelectorAll("[data-said]"));
    this.regions = regions.map((each) => {
      const text = /** @type {string | null} */ (null); // what the page itself says is not known
      return { element: each, name: each.getAttribute("data-said") ?? "", text };
    });
    this.sections = Object.keys(choices.sections).map((name) => ({ name, elements: partOf(root, name) }));
  }

  /** @param {Told} told */
  put(told) {
    const telling = new Telling(this.choices, told);
    for (const each of this.regions) {
      const text = this.choices.regions[each.name] ? telling.say(each.name) : "";
      if (text === each.text) continue;
      each.text = text;
      each.element.innerHTML = text;
    }
    this.hide(telling);
  }

  /** @param {Telling} telling */
  hide(telling) {
    const shown = this.sections.map(({ name }) => telling.shows(name));
    const hidden = new Set(this.sections.flatMap(({ elements }, k) => (shown[k] ? [] : elements)));
    for (const { name, elements } of this.sections) {
      for (const each of elements) {
        const stays = each.matches("h2") && name === "update";
        const waits = each.querySelector("[data-said=waits]") !== null;
        /** @type {HTMLElement} */ (each).hidden = hidden.has(each) && !stays && !waits;
      }
    }
  }
}
