// Arrow keys move among the linked numbers: left and right in a line, up and down between lines. Tab stops once in each
// part of a page, not at each number. A link to a number opens the box it may be hidden in.
(function () {
  "use strict";

  var NUMBERS = "mn a[href]";

  function all(selector, root) {
    return Array.prototype.slice.call((root || document).querySelectorAll(selector));
  }

  function seen(element) {
    return element.checkVisibility ? element.checkVisibility() : element.getClientRects().length > 0;
  }

  function plain(event) {
    return !(event.altKey || event.ctrlKey || event.metaKey || event.shiftKey);
  }

  function sideways(here, line, forward) {
    var numbers = all(NUMBERS, line);
    var place = numbers.indexOf(here);
    return numbers[place < 0 ? (forward ? 0 : numbers.length - 1) : place + (forward ? 1 : -1)];
  }

  function upOrDown(line, down) {
    var lines = all(".tr-line").filter(function (other) {
      return other.querySelector(NUMBERS) && seen(other);
    });
    var next = lines[lines.indexOf(line) + (down ? 1 : -1)];
    return next && next.querySelector(NUMBERS);
  }

  function step(event) {
    var forward = event.key === "ArrowRight" || event.key === "ArrowDown";
    if (!(forward || event.key === "ArrowLeft" || event.key === "ArrowUp") || !plain(event)) {
      return;
    }
    var here = document.activeElement;
    var line = here && here.closest && here.closest(".tr-line");
    if (!line) {
      return;
    }
    var across = event.key === "ArrowRight" || event.key === "ArrowLeft";
    var next = across ? sideways(here, line, forward) : here.closest("mn") && upOrDown(line, forward);
    if (next) {
      event.preventDefault();
      next.focus();
    }
  }

  // A table that is wider than its box says so, and can be moved with keys.
  function wide() {
    all(".tr-scroll").forEach(function (box) {
      var table = box.querySelector("table");
      var more = !!table && box.scrollWidth > box.clientWidth + 1;
      box.classList.toggle("tr-scrolls", more);
      if (more && !box.hasAttribute("tabindex")) {
        box.tabIndex = 0;
        box.setAttribute("role", "region");
        box.setAttribute("aria-label", (table.caption || table.tHead || table).textContent.trim());
      }
    });
  }

  // The first number below each heading can be reached with Tab; from there the arrows lead on.
  function stops() {
    all("article > :is(h1, h2, h3)").forEach(function (heading) {
      for (var next = heading.nextElementSibling; next && !/^H[1-3]$/.test(next.tagName); next = next.nextElementSibling) {
        var number = next.matches(".tr-line, .tr-quantity") && next.querySelector(NUMBERS);
        if (number && !number.closest("details:not([open])")) {
          number.tabIndex = 0;
          return;
        }
      }
    });
  }

  function reveal() {
    var name = decodeURIComponent(window.location.hash.slice(1));
    var target = name && document.getElementById(name);
    var box = target && target.closest("details");
    var opened = false;
    while (box) {
      opened = opened || !box.open;
      box.open = true;
      box = box.parentElement && box.parentElement.closest("details");
    }
    if (opened) {
      target.scrollIntoView();
    }
  }

  // The theme's search is a dialog without a name: it takes that of its field.
  function nameSearch() {
    var dialog = document.querySelector(".md-search[role=dialog]:not([aria-label])");
    var box = dialog && dialog.querySelector("input[aria-label]");
    if (box) {
      dialog.setAttribute("aria-label", box.getAttribute("aria-label"));
    }
  }

  // The theme names a part of its navigation by a label that holds no more than an arrow: it takes the words of its link.
  function nameNavigation() {
    all("nav nav[aria-labelledby]").forEach(function (part) {
      var label = document.getElementById(part.getAttribute("aria-labelledby"));
      var link = part.parentElement.querySelector("a");
      if (label && !label.textContent.trim() && link) {
        part.removeAttribute("aria-labelledby");
        part.setAttribute("aria-label", link.textContent.trim());
      }
    });
  }

  document.addEventListener("keydown", step);
  window.addEventListener("hashchange", reveal);
  document.addEventListener("DOMContentLoaded", function () {
    reveal();
    stops();
    nameSearch();
    nameNavigation();
    wide();
  });
  window.addEventListener("resize", wide);
  document.addEventListener("toggle", wide, true);
})();
