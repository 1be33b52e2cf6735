// What a page does while it is read: it shows everything where that is wanted, marks in the strip which
// part of the cycle is in view, and lights the layer in the picture beside the text. Without it everything is there.
(function () {
  "use strict";

  var KEY = "tracer.everything";
  var BOXES = "article details:not(.tr-twin)";

  function all(selector, root) {
    return Array.prototype.slice.call((root || document).querySelectorAll(selector));
  }

  // The reader's choice to see everything is kept, where the browser keeps things.
  function remembered() {
    try {
      return window.localStorage.getItem(KEY) === "1";
    } catch (error) {
      return false;
    }
  }

  function remember(open) {
    try {
      window.localStorage.setItem(KEY, open ? "1" : "0");
    } catch (error) {
      // A browser that keeps nothing still shows everything on this page.
    }
  }

  function showAll(button, open) {
    button.setAttribute("aria-pressed", String(open));
    all(BOXES).forEach(function (box) {
      if (!open || !box.open) {
        box.open = open;
      }
    });
  }

  function offerAll() {
    var button = document.querySelector(".tr-all");
    if (!button) {
      return;
    }
    button.hidden = false;
    if (remembered()) {
      showAll(button, true);
    }
    button.addEventListener("click", function () {
      var open = button.getAttribute("aria-pressed") !== "true";
      showAll(button, open);
      remember(open);
    });
  }

  // A picture in words is put in its place when it is asked for.
  function spell(event) {
    var box = event.target;
    var kept = box.matches && box.matches(".tr-twin[open]") && box.querySelector("noscript");
    if (kept) {
      var words = document.createElement("div");
      words.innerHTML = kept.textContent;
      kept.replaceWith(words);
    }
  }

  var BELOW_STRIP = 170; // px from the top: what stands there is what one reads

  // The part of the cycle that is in view: the last heading above what one reads.
  function follow() {
    var strip = document.querySelector(".tr-strip");
    var stage = document.querySelector(".tr-stage");
    var headings = strip ? all("article > :is(h2, h3)[id]") : [];
    if (!headings.length) {
      return;
    }
    var waiting = false;
    var shown = "";

    function look() {
      waiting = false;
      var here = headings.filter(function (heading) {
        return heading.getBoundingClientRect().top < BELOW_STRIP;
      });
      var last = here[here.length - 1];
      var part = here.reverse().find(function (heading) {
        return heading.tagName === "H2";
      });
      var now = (part ? part.id : "") + " " + (last ? last.id : "");
      if (now !== shown) {
        shown = now;
        mark(strip, part ? part.id : "");
        light(stage, part ? part.id : "", last ? last.id : "");
      }
    }

    function soon() {
      if (!waiting) {
        waiting = true;
        window.requestAnimationFrame(look);
      }
    }

    window.addEventListener("scroll", soon, { passive: true });
    window.addEventListener("resize", soon);
    look();
  }

  function mark(strip, part) {
    all(".tr-phase", strip).forEach(function (link) {
      if (link.getAttribute("href") === "#" + part) {
        link.setAttribute("aria-current", "step");
      } else {
        link.removeAttribute("aria-current");
      }
    });
  }

  // One picture at a time: the network upside down in the backward pass, and the layer that is told of lit in it.
  function light(stage, part, place) {
    if (!stage) {
      return;
    }
    var back = part === "backward" || part === "update";
    stage.dataset.pass = back ? "backward" : "forward";
    var found = /-(\d+)$/.exec(place);
    var layer = found && /^(forward|backward|update|after)-/.test(place) ? Number(found[1]) : 0;
    all("[data-layer]", stage).forEach(function (part) {
      var at = Number(part.dataset.layer);
      var near = at === layer || (at === layer - 1 && !part.classList.contains("tr-edges-of"));
      part.classList.toggle("tr-dim", layer > 0 && !near);
    });
  }

  document.addEventListener("toggle", spell, true);

  function start() {
    offerAll();
    follow();
  }

  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start);
  } else {
    start();
  }
})();
