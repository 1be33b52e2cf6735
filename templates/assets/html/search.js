// Search without a server: the index is a script that is loaded when somebody begins to search.
(function () {
  "use strict";

  var MOST = 30;
  var AROUND = 60;
  var LETTER = /[\p{L}\p{N}]/u;
  // What a word counts in the title of a page, in a heading and in the text: whole, or begun.
  var WHOLE = [12, 10, 3];
  var BEGUN = [7, 5, 1];
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
        var fit = fits(parts[p], wanted[k]);
        found = Math.max(found, fit === 2 ? WHOLE[p] : fit === 1 ? BEGUN[p] : 0);
      }
      if (!found) return 0;
      sum += found;
    }
    // The page itself comes before its sections.
    sum += row[2] === row[1] || !row[0].includes("#") ? 0.5 : 0;
    // Words that stand side by side are meant together.
    if (wanted.length > 1 && parts.some(together(wanted))) sum += 2;
    return sum * (row[4] || 1);
  }

  function together(wanted) {
    var joined = wanted.join(" ");
    return function (text) {
      return words(text).join(" ").includes(joined);
    };
  }

  // 2 where a whole word of a text is the one that is wanted, 1 where one begins with it. A single letter is a symbol:
  // of that nobody wants the words that begin with it.
  function fits(text, word) {
    var best = 0;
    for (var at = place(text, word, 0); at >= 0; at = place(text, word, at + 1)) {
      if (isWhole(text, word, at)) return 2;
      best = 1;
    }
    return best;
  }

  // Where a word begins with what is wanted, from a place on; -1 where none does.
  function place(text, word, from) {
    for (var at = text.indexOf(word, from); at >= 0; at = text.indexOf(word, at + 1)) {
      var begins = !at || !LETTER.test(text[at - 1]);
      if (begins && (word.length > 1 || isWhole(text, word, at))) return at;
    }
    return -1;
  }

  function isWhole(text, word, at) {
    return !LETTER.test(text[at + word.length] || " ");
  }

  function marked(element, text, wanted) {
    var from = 0;
    var spots = text.toLowerCase();
    while (from < text.length) {
      var next = text.length, length = 0;
      wanted.forEach(function (word) {
        var at = place(spots, word, from);
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
      var at = place(spots, word, 0);
      return at >= 0 && at < least ? at : least;
    }, text.length);
    if (first === text.length) first = 0;
    var from = first > 2 * AROUND ? sentence(text, first) : 0;
    var to = Math.min(text.length, from + 4 * AROUND);
    return (from ? "… " : "") + text.slice(from, to) + (to < text.length ? " …" : "");
  }

  // Where the sentence begins that a place stands in; if that is far before, the place itself.
  function sentence(text, place) {
    var found = Math.max.apply(null, [". ", "? ", ": "].map(function (end) {
      return text.lastIndexOf(end, place - 1);
    }));
    return found > place - 2 * AROUND && found >= 0 ? found + 2 : place;
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
