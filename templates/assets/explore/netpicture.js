/**
 * The network's pictures at another moment: the numbers at their places, the edges as thick as their weights
 * are large, the units that give 0. As tracer/pictures/network/layout.py.
 */

import { setText } from "./inplace.js";
import { said } from "./words.js";

/** @typedef {{edges: Record<string, string[]>, dead: [string, number, number][], words: string}} Drawn */
/** @typedef {(name: string) => number} Value */
/** @typedef {(name: string) => string} Text */

const THINNEST = 0.8;
const THICKEST = 3.2;
const SHADES = 4; // of the cells of a table of weights
const LETTER = 6.9; // px: a digit of 12 px letters
const BESIDE = 22; // px: the sign, and the air at both sides
const AIR = 9; // px: the air alone, where signs stand at the side of the picture

const UNKNOWN = 1; // px: the width of an edge that has no value

const SIGNS = ["tr-pos", "tr-neg", "tr-zero", "tr-none"];

/** @param {number} value */
function signOf(value) {
  return value > 0 ? "tr-pos" : value < 0 ? "tr-neg" : value === 0 ? "tr-zero" : "tr-none";
}

/** The largest size of those that are finite; 0 where none is. @param {number[]} values */
export function largestOf(values) {
  return values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
}

/** The width of an edge beside the largest of its layer. @param {number} value @param {number} largest */
export function thickness(value, largest) {
  if (Number.isNaN(value)) return UNKNOWN;
  if (!Number.isFinite(value)) return THICKEST;
  const part = largest > 0 ? Math.abs(value) / largest : 0;
  return Math.round((THINNEST + (THICKEST - THINNEST) * part) * 10) / 10;
}

/** The shade of a cell of a table of weights beside the largest of its layer: as `_level` of tracer/pictures/network/pair.py. @param {number} value @param {number} largest */
export function shade(value, largest) {
  if (value === 0) return 0;
  const share = (thickness(value, largest) - THINNEST) / (THICKEST - THINNEST);
  return Math.max(Math.ceil(share * SHADES), 1);
}

/** One picture of the network. */
export class NetworkPicture {
  /** @param {Element} figure @param {Drawn} drawn @param {string} id */
  constructor(figure, drawn, id) {
    this.drawn = drawn;
    this.svg = /** @type {SVGSVGElement} */ (figure.querySelector("svg"));
    this.desc = figure.querySelector(`[id="${id}-desc"]`);
    this.described = (this.desc?.textContent ?? "").trim();
    /** @type {Map<string, Edge[]>} */
    this.lines = new Map();
    for (const layer of Object.keys(drawn.edges)) {
      const found = this.svg.querySelectorAll(`.tr-edges-of[data-layer="${layer}"] line.tr-edge`);
      this.lines.set(layer, [...found].map((line) => new Edge(/** @type {SVGLineElement} */ (line))));
    }
    this.units = drawn.dead.map(([name, layer, unit]) => {
      const nodes = this.svg.querySelectorAll(`.tr-node[data-layer="${layer}"]`);
      return { name, layer, unit, node: nodes[unit - 1] };
    });
  }

  /** @param {Value} value @param {Text} text */
  show(value, text) {
    for (const [layer, names] of Object.entries(this.drawn.edges)) this.edges(layer, names, value, text);
    this.dead(value);
  }

  /** @param {string} layer @param {string[]} names @param {Value} value @param {Text} text */
  edges(layer, names, value, text) {
    const values = names.map(value);
    const largest = largestOf(values);
    (this.lines.get(layer) ?? []).forEach((line, k) => {
      line.show(values[k], thickness(values[k], largest), text(names[k]));
    });
  }

  /** @param {Value} value */
  dead(value) {
    const found = this.units.filter(({ name }) => value(name) === 0);
    for (const unit of this.units) turn(unit.node, "tr-dead", found.includes(unit));
    const words = found.map(({ layer, unit }) => said(this.drawn.words, { layer, unit }));
    if (this.desc) setText(this.desc, [this.described, ...words].join(" "));
  }
}

/** An edge, and what it said last: only what changed is written. */
class Edge {
  /** @param {SVGLineElement} line */
  constructor(line) {
    this.line = line;
    this.title = line.querySelector("title");
    this.named = (this.title?.textContent ?? "").replace(/[^ ]*( × 10[^ ]*)?$/, "");
    this.width = "";
  }

  /** @param {number} value @param {number} width @param {string} text */
  show(value, width, text) {
    if (this.width !== String(width)) this.line.setAttribute("stroke-width", String(width));
    this.width = String(width);
    sign(this.line, value);
    if (this.title) setText(this.title, `${this.named}${text}`);
  }
}

/** @param {Element | undefined} node @param {string} name @param {boolean} is */
function turn(node, name, is) {
  if (node && node.classList.contains(name) !== is) node.classList.toggle(name, is);
}

/** @param {Element} node @param {number} value */
function sign(node, value) {
  const own = signOf(value);
  if (node.classList.contains(own)) return;
  node.classList.remove(...SIGNS);
  node.classList.add(own);
}

/** @type {WeakMap<Element, number>} the room of numbers, which does not change */
const rooms = new WeakMap();

/**
 * A number in a picture, in the room that its box has: what is too long is set closer.
 * @param {SVGTextElement} node @param {string} text @param {number} value whose sign a number at an edge shows
 */
export function setNumber(node, text, value) {
  if (node.textContent === text) return;
  if (SIGNS.some((each) => node.classList.contains(each))) sign(node, value);
  setText(node, text);
  const room = rooms.get(node) ?? roomOf(node);
  rooms.set(node, room);
  const long = text.length * LETTER > room;
  if (long === node.hasAttribute("textLength")) return;
  if (!long) node.removeAttribute("textLength");
  else node.setAttribute("textLength", String(room));
  if (long) node.setAttribute("lengthAdjust", "spacingAndGlyphs");
}

/** Between the sign at the left of a number's box and its right side, or between both sides where it stands in the middle; a number at an edge has all it needs. @param {SVGTextElement} node */
function roomOf(node) {
  const y = Number(node.getAttribute("y"));
  const boxes = node.closest(".tr-node")?.querySelectorAll("rect") ?? [];
  const box = [...boxes].find((each) => {
    const top = Number(each.getAttribute("y"));
    return top <= y && y <= top + Number(each.getAttribute("height"));
  });
  const taken = node.classList.contains("tr-middle") ? AIR : BESIDE;
  return box ? Number(box.getAttribute("width")) - taken : Infinity;
}
