// Search without a server: the index is a script that is loaded when somebody begins to search.
(function () {
  "use strict";

  var MOST = 30;
  var AROUND = 60;
  var box, field, list, status;

  function plain(text) {
    return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  }

  function words(text) {
    return plain(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  }

  // How well a row of the index fits: 0 where a word is missing, more where it stands in a heading.
  function score(row, wanted) {
    var parts = [plain(row[1]), plain(row[2]), plain(row[3])];
    var sum = 0;
    for (var k = 0; k < wanted.length; k++) {
      var found = 0;
      for (var p = 0; p < parts.length; p++) {
        if (starts(parts[p], wanted[k])) found = Math.max(found, [8, 5, 1][p]);
      }
      if (!found) return 0;
      sum += found;
    }
    // The page itself comes before its sections.
    return sum + (row[2] === row[1] || !row[0].includes("#") ? 0.5 : 0);
  }

  function starts(text, word) {
    for (var at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      if (at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1])) return true;
    }
    return false;
  }

  function marked(element, text, wanted) {
    var from = 0;
    var spots = text.toLowerCase();
    while (from < text.length) {
      var next = text.length, length = 0;
      wanted.forEach(function (word) {
        var at = spots.indexOf(word, from);
        if (at >= 0 && at < next) {
          next = at;
          length = word.length;
        }
      });
      element.append(text.slice(from, next));
      if (!length) return;
      var mark = document.createElement("mark");
      mark.textContent = text.slice(next, next + length);
      element.append(mark);
      from = next + length;
    }
  }

  function excerpt(text, wanted) {
    var spots = text.toLowerCase();
    var first = wanted.reduce(function (least, word) {
      var at = spots.indexOf(word);
      return at >= 0 && at < least ? at : least;
    }, text.length);
    if (first === text.length) first = 0;
    var from = first > AROUND ? text.indexOf(" ", first - AROUND) + 1 : 0;
    var to = Math.min(text.length, from + 4 * AROUND);
    return (from ? "… " : "") + text.slice(from, to) + (to < text.length ? " …" : "");
  }

  function show() {
    var wanted = words(field.value);
    list.textContent = "";
    status.textContent = "";
    if (!wanted.length || !window.tracerIndex) return;
    var found = [];
    window.tracerIndex.forEach(function (row, place) {
      var value = score(row, wanted);
      if (value) found.push([value, -place, row]);
    });
    found.sort(function (a, b) {
      return b[0] - a[0] || b[1] - a[1];
    });
    if (!found.length) status.textContent = box.dataset.none;
    found.slice(0, MOST).forEach(function (one) {
      var row = one[2], link = document.createElement("a");
      var title = document.createElement("strong"), text = document.createElement("span");
      marked(title, row[2] && row[2] !== row[1] ? row[1] + " › " + row[2] : row[1], wanted);
      marked(text, excerpt(row[3], wanted), wanted);
      link.href = box.dataset.root + row[0];
      link.append(title, text);
      link.addEventListener("click", function () {
        box.close();
      });
      var item = document.createElement("li");
      item.append(link);
      list.append(item);
    });
  }

  function load() {
    if (window.tracerIndex || !box.dataset.index) return show();
    var script = document.createElement("script");
    script.src = box.dataset.index;
    script.onload = show;
    script.onerror = function () {
      status.textContent = box.dataset.missing;
    };
    document.head.append(script);
  }

  function open() {
    if (box.open) return;
    box.showModal();
    field.select();
    load();
  }

  // Arrow keys go through what was found, as Tab does.
  function step(event) {
    var links = Array.prototype.slice.call(list.querySelectorAll("a"));
    var place = links.indexOf(document.activeElement);
    if (event.key === "ArrowDown") place += 1;
    else if (event.key === "ArrowUp") place -= 1;
    else if (event.key === "Escape") {
      event.preventDefault(); // a field of this kind would only be emptied first
      return box.close();
    } else if (event.key === "Enter" && place < 0 && links.length) {
      event.preventDefault();
      return links[0].click();
    } else return;
    event.preventDefault();
    (place < 0 ? field : links[Math.min(place, links.length - 1)] || field).focus();
  }

  document.addEventListener("DOMContentLoaded", function () {
    box = document.querySelector(".frame-search");
    field = box.querySelector("input");
    list = box.querySelector(".frame-found");
    status = box.querySelector("[role=status]");
    document.querySelector(".frame-opens-search").addEventListener("click", open);
    field.addEventListener("input", show);
    box.addEventListener("keydown", step);
    box.addEventListener("click", function (event) {
      if (event.target === box) box.close();
    });
    document.addEventListener("keydown", function (event) {
      var typing = event.target.closest && event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.altKey && !event.metaKey) {
        event.preventDefault();
        open();
      }
    });
  });
})();
