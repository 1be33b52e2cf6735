/**
 * Puts formulas into the page. One that keeps its shape keeps its elements too, and only its numbers are
 * written: that is far quicker than parsing it, and what has the focus stays.
 */

/** Write a text where another one stands; the node that holds it stays. @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent === text) return;
  const only = node.firstChild;
  if (only && only === node.lastChild && only.nodeType === Node.TEXT_NODE) only.nodeValue = text;
  else node.textContent = text;
}

/** A number, with where it leads and whether its words are given. @typedef {{href: string | undefined, isNamed: boolean, text: string}} Slot */
/** A formula without its numbers, and which of its numbers those are. @typedef {{math: Element, places: number[]}} Mould */

const FORMULA = /<math\b.*?<\/math>/gs;
const NUMBER = /<mn( aria-label="[^"]*")?>(?:<a href="([^"&]*)" aria-label="[^"]*" tabindex="-1">([^<]*)<\/a>|([^<]*))<\/mn>/g;
const NAMED = "aria-label";
const SLOT = "tr-slot";
const MOST = 2000; // shapes that are kept; the formulas of a page of 1,200 numbers have some hundred

/** @type {Map<string, Mould>} */
const moulds = new Map();

/** A formula as its shape and its numbers. @param {string} html */
function read(html) {
  /** @type {Slot[]} */
  const slots = [];
  const shape = html.replace(NUMBER, (_, named, href, linked, plain) => {
    const isLink = href !== undefined;
    slots.push({ href, isNamed: named !== undefined, text: isLink ? linked : plain });
    return `<mn class="${SLOT}">${isLink ? `<a href="" ${NAMED}="" tabindex="-1"></a>` : ""}</mn>`;
  });
  return { shape, slots };
}

/** @param {string} shape @returns {Mould} */
function mouldOf(shape) {
  let found = moulds.get(shape);
  if (!found) {
    if (moulds.size >= MOST) moulds.clear();
    moulds.set(shape, (found = made(shape)));
  }
  return found;
}

/** @param {string} shape @returns {Mould} */
function made(shape) {
  const box = document.createElement("template");
  box.innerHTML = shape;
  const math = /** @type {Element} */ (box.content.firstChild);
  /** @type {number[]} */
  const places = [];
  Array.from(math.getElementsByTagName("mn")).forEach((number, k) => {
    if (!number.classList.contains(SLOT)) return;
    number.removeAttribute("class");
    (number.firstElementChild ?? number).append(document.createTextNode(""));
    places.push(k);
  });
  return { math, places };
}

/** One formula that stands in the page. */
class Formula {
  /** @param {string} html */
  constructor(html) {
    this.html = html;
    const { shape, slots } = read(html);
    const { math, places } = mouldOf(shape);
    this.shape = shape;
    this.element = /** @type {Element} */ (document.importNode(math, true));
    const numbers = this.element.getElementsByTagName("mn");
    this.numbers = places.map((k) => numbers[k]);
    /** @type {Slot[]} */
    this.slots = slots.map(() => ({ href: undefined, isNamed: false, text: "" }));
    this.fill(slots);
  }

  /** @param {Slot[]} slots */
  fill(slots) {
    slots.forEach((slot, k) => fill(this.numbers[k], this.slots[k], slot));
    this.slots = slots;
  }

  /** Whether this formula can say it without other elements; then it does. @param {string} html */
  takes(html) {
    if (html === this.html) return true;
    const { shape, slots } = read(html);
    if (shape !== this.shape) return false;
    this.html = html;
    this.fill(slots);
    return true;
  }
}

/** @param {Element} number @param {Slot} before @param {Slot} slot */
function fill(number, before, { href, isNamed, text }) {
  const link = href === undefined ? null : number.firstElementChild;
  if (link && href !== before.href) link.setAttribute("href", href ?? "");
  if (isNamed) number.setAttribute(NAMED, text);
  else if (before.isNamed) number.removeAttribute(NAMED);
  if (text === before.text) return;
  link?.setAttribute(NAMED, text);
  const shown = (link ?? number).firstChild;
  if (shown) shown.nodeValue = text;
}

/** HTML in which formulas stand, as it is in an element of the page. */
export class Filled {
  /** @param {Element} element @param {string} html */
  constructor(element, html) {
    this.element = element;
    this.html = "";
    this.around = "";
    /** @type {Formula[]} */
    this.formulas = [];
    this.write(html);
  }

  /** @param {string} html */
  put(html) {
    if (html === this.html) return;
    this.html = html;
    const found = html.match(FORMULA) ?? [];
    if (found.length !== this.formulas.length || html.replace(FORMULA, "") !== this.around) {
      this.write(html);
      return;
    }
    found.forEach((each, k) => {
      if (this.formulas[k].takes(each)) return;
      const formula = new Formula(each);
      this.formulas[k].element.replaceWith(formula.element);
      this.formulas[k] = formula;
    });
  }

  /** @param {string} html */
  write(html) {
    this.html = html;
    this.around = html.replace(FORMULA, "");
    this.formulas = (html.match(FORMULA) ?? []).map((each) => new Formula(each));
    this.element.innerHTML = html.replace(FORMULA, `<b class="${SLOT}"></b>`);
    const places = Array.from(this.element.getElementsByClassName(SLOT));
    places.forEach((place, k) => place.replaceWith(this.formulas[k].element));
  }
}
