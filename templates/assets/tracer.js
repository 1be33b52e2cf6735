// Arrow keys move among the linked numbers of a line; Tab goes from line to line, not from number
// to number. A link to a number opens the box it may be hidden in.
(function () {
  "use strict";

  var NUMBERS = "mn a[href]";

  function step(event) {
    var forward = event.key === "ArrowRight";
    if ((!forward && event.key !== "ArrowLeft") || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    var here = document.activeElement;
    var line = here && here.closest && here.closest(".tr-line");
    if (!line) {
      return;
    }
    var numbers = Array.prototype.slice.call(line.querySelectorAll(NUMBERS));
    var place = numbers.indexOf(here);
    var next = numbers[place < 0 ? (forward ? 0 : numbers.length - 1) : place + (forward ? 1 : -1)];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  }

  function reveal() {
    var name = decodeURIComponent(window.location.hash.slice(1));
    var target = name && document.getElementById(name);
    var box = target && target.closest("details");
    while (box) {
      box.open = true;
      box = box.parentElement && box.parentElement.closest("details");
    }
  }

  document.addEventListener("keydown", step);
  window.addEventListener("hashchange", reveal);
  document.addEventListener("DOMContentLoaded", reveal);
})();
