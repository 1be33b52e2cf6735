// What the tests ask of a page in the browser. Every probe returns plain data.
(function () {
  "use strict";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const name = (element) =>
    element.id ? "#" + element.id : `${element.tagName.toLowerCase()}.${element.className.baseVal ?? element.className}`;

  // Everything is laid out, as if the reader had scrolled through the page and opened every box.
  function layOut() {
    const style = document.createElement("style");
    style.textContent = ".tr-line { content-visibility: visible !important }";
    document.head.append(style);
    for (const box of all("article details")) box.open = true;
  }

  // Colours: [red, green, blue, opacity], the last from 0 to 1.

  function parse(text) {
    const parts = (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
    if (text.startsWith("color(")) parts.splice(0, parts.length, ...parts.map((v, k) => (k < 3 ? v * 255 : v)));
    return [parts[0], parts[1], parts[2], parts.length > 3 ? parts[3] : 1];
  }

  function over(top, bottom) {
    const mixed = [0, 1, 2].map((k) => top[k] * top[3] + bottom[k] * (1 - top[3]));
    return [...mixed, 1];
  }

  function luminance(colour) {
    const [r, g, b] = colour.slice(0, 3).map((v) => {
      const part = v / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function ratio(one, other) {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  }

  // What was found of an element, while one probe looks: thousands of formulas share their parents.
  let opacities = new Map();
  let backgrounds = new Map();

  function known(found, element, make) {
    if (!found.has(element)) found.set(element, make(element));
    return found.get(element);
  }

  function opacity(element) {
    if (!element) return 1;
    return known(opacities, element, () => Number(getComputedStyle(element).opacity) * opacity(element.parentElement));
  }

  function background(element) {
    if (!element) return [255, 255, 255, 1];
    return known(backgrounds, element, () => {
      const colour = parse(getComputedStyle(element).backgroundColor);
      if (colour[3] === 1) return colour;
      const below = background(element.parentElement);
      return colour[3] > 0 ? over(colour, below) : below;
    });
  }

  function contrastOfText(element) {
    const below = background(element);
    const colour = parse(getComputedStyle(element).color);
    colour[3] *= opacity(element);
    return ratio(over(colour, below), below);
  }

  // What lies under a point of a picture: the page, then every filled shape that holds the point.
  function under(svg, text, x, y) {
    const style = getComputedStyle(text);
    if (style.paintOrder.startsWith("stroke") && style.stroke !== "none") return parse(style.stroke);
    let colour = background(svg);
    for (const shape of all("rect, path, circle, ellipse, polygon", svg)) {
      if (!(shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING)) continue;
      const paint = getComputedStyle(shape);
      if (paint.fill === "none") continue;
      const point = new DOMPoint(x, y).matrixTransform(shape.getScreenCTM().inverse());
      if (!shape.isPointInFill(point)) continue;
      const fill = parse(paint.fill);
      fill[3] *= Number(paint.fillOpacity) * Number(paint.opacity);
      colour = over(fill, colour);
    }
    return colour;
  }

  function contrastInPicture(svg, text) {
    const box = text.getBoundingClientRect();
    const below = under(svg, text, box.x + box.width / 2, box.y + box.height / 2);
    const colour = parse(getComputedStyle(text).fill);
    colour[3] *= opacity(text);
    return ratio(over(colour, below), below);
  }

  // The words and numbers whose contrast is below the least.
  function faint(least) {
    opacities = new Map();
    backgrounds = new Map();
    const found = [];
    const tell = (element, contrast) => {
      if (contrast < least) found.push(`${name(element)} ${element.textContent.slice(0, 30)}: ${contrast.toFixed(2)}`);
    };
    for (const svg of all("svg.tr-picture")) {
      for (const text of all("text", svg)) tell(text, contrastInPicture(svg, text));
    }
    const words = "math, .tr-label, .tr-remark, .tr-because, .tr-table td, .tr-table th, caption, figcaption";
    for (const element of all(words)) tell(element, contrastOfText(element));
    return found;
  }

  // What is wider than its place and cannot be scrolled to.
  function cut() {
    const found = [];
    const page = document.documentElement;
    if (page.scrollWidth > innerWidth) found.push(`page: ${page.scrollWidth} > ${innerWidth}`);
    for (const element of all(".tr-line, .tr-head, .tr-label, .tr-links, .tr-figure, .tr-settings")) {
      const scrolls = /auto|scroll/.test(getComputedStyle(element).overflowX);
      if (!scrolls && element.scrollWidth > element.clientWidth + 1 && element.clientWidth) {
        found.push(`${name(element)}: ${element.scrollWidth} > ${element.clientWidth}`);
      }
    }
    for (const box of all(".tr-math, .tr-scroll")) {
      const left = box.getBoundingClientRect().left + box.scrollLeft;
      for (const child of box.children) {
        if (child.getBoundingClientRect().left < left - 1) found.push(`${name(child)}: left of its box`);
      }
    }
    return found;
  }

  // Pictures: how small their words are, and which of them lie on each other.

  function ink(text) {
    const box = text.getBoundingClientRect();
    const turned = text.hasAttribute("transform");
    const [dx, dy] = turned ? [box.width * 0.18, 0.5] : [0.5, box.height * 0.18];
    return { left: box.left + dx, right: box.right - dx, top: box.top + dy, bottom: box.bottom - dy };
  }

  function crowded() {
    const found = [];
    for (const svg of all("svg.tr-picture")) {
      const texts = all("text", svg).map((text) => [text, ink(text)]);
      texts.forEach(([text, a], k) => {
        for (const [other, b] of texts.slice(k + 1)) {
          if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) {
            found.push(`${svg.closest("figure").id}: ${text.textContent} on ${other.textContent}`);
          }
        }
      });
    }
    return found;
  }

  function small(least) {
    const found = [];
    for (const text of all("svg.tr-picture text").filter((text) => text.textContent)) {
      const box = text.getBoundingClientRect();
      const height = text.hasAttribute("transform") ? box.width : box.height;
      if (height < least) found.push(`${text.textContent}: ${height.toFixed(1)}px`);
    }
    return found;
  }

  function outside() {
    const found = [];
    for (const svg of all("svg.tr-picture")) {
      const frame = svg.getBoundingClientRect();
      for (const text of all("text", svg)) {
        const box = ink(text);
        if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) {
          found.push(`${svg.closest("figure").id}: ${text.textContent}`);
        }
      }
    }
    return found;
  }

  // Formulas.

  function formulas() {
    const maths = all("math");
    const flat = maths.filter((math) => math.getBoundingClientRect().height < 5);
    const fonts = new Set(maths.map((math) => getComputedStyle(math).fontFamily.split(",")[0]));
    return { count: maths.length, flat: flat.length, fonts: [...fonts] };
  }

  // Whether the target of the address is in view below the header, and marked.
  function arrived() {
    const target = document.querySelector(":target");
    if (!target) return { id: "", inView: false, marked: false };
    const box = target.getBoundingClientRect();
    const header = document.querySelector(".md-header").getBoundingClientRect();
    const inView = box.top >= header.bottom - 1 && box.top < innerHeight - 20 && box.height > 5;
    const plain = parse(getComputedStyle(target).backgroundColor)[3] === 0;
    return { id: target.id, inView, marked: !plain, top: box.top, header: header.bottom };
  }

  window.probes = { layOut, faint, cut, crowded, small, outside, formulas, arrived };
})();
