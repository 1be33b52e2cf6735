// The card of a number or symbol: what it is, how it was made and what it is used for. What the card says stands in the
// page: in the line that computes the number, and in the words that the page carries for it. The same quantity lights
// up wherever it stands. Without this script every number is a plain link.
(function () {
  "use strict";

  var SHOWN_USERS = 12; // more links than these are no help in a card
  var LINGER = 250; // ms that a card stays, so that the pointer can reach it
  var PAUSE = 90; // ms over a number before its card comes, so that a pointer can pass

  var words = document.querySelector(".tr-card-words");
  var article = document.querySelector("article");
  if (!words || !article) {
    return;
  }

  function all(selector, root) {
    return Array.from((root || document).querySelectorAll(selector));
  }

  function byId(name) {
    return name && document.getElementById(name);
  }

  function element(tag, name, text) {
    var made = document.createElement(tag);
    made.className = name || "";
    if (text) {
      made.textContent = text;
    }
    return made;
  }

  function link(href, inside) {
    var made = element("a");
    made.href = href;
    made.append(inside);
    return made;
  }

  // What the page carries for its cards: numbers of other pages, and what quantities mean.
  var carried = null;

  function carry() {
    if (!carried) {
      var list = element("div");
      list.innerHTML = words.querySelector("noscript").textContent;
      carried = { origins: {}, names: {}, meanings: {} };
      all("li[data-ref]", list).forEach(function (item) {
        carried.origins[item.dataset.href] = item;
        carried.names[item.dataset.ref] = item;
      });
      all("li[data-name]", list).forEach(function (item) {
        carried.meanings[item.dataset.name] = item;
      });
    }
    return carried;
  }

  document.addEventListener("tracer:moved", function () { carried = users = null; if (shown) { fill(shown); } });

  function meaningOf(name) {
    var parts = name.split("-");
    var base = parts[0].replace(/_after$/, "");
    if (base === "a" && parts[1] === words.dataset.last) {
      base = "y_hat";
    }
    return carry().meanings[base] || (base === "a" && parts[1] === "0" && carry().meanings.x) || null;
  }

  // The number or symbol at a place of the page: its name, such as z-1-2, and where it is made.
  function named(href) {
    if (href.charAt(0) === "#") {
      var name = decodeURIComponent(href.slice(1));
      var place = byId(name);
      return place && place.matches(".tr-line, td") ? { name: name, href: href } : null;
    }
    var origin = carry().origins[href];
    return origin ? { name: origin.dataset.ref, href: href } : null;
  }

  function found(node, name) {
    var origin = carry().names[name];
    var href = origin ? origin.dataset.href : byId(name) ? "#" + name : "";
    return { name: name, href: href, node: node };
  }

  function at(target) {
    if (!target.closest || !target.closest("article") || target.closest(".tr-card, .tr-self, .tr-phases")) {
      return null;
    }
    var anchor = target.closest("a[href]");
    var thing = anchor && named(anchor.getAttribute("href"));
    if (thing) {
      thing.node = anchor;
      return thing;
    }
    var symbol = !anchor || anchor.closest("math") ? target.closest("math [data-ref]") : null;
    if (symbol) {
      return found(symbol, symbol.dataset.ref);
    }
    var result = target.closest("td[id], .tr-result");
    var line = result && (result.id ? result : result.closest(".tr-line[id]"));
    return line ? found(result, line.id) : null;
  }

  // Where a number is used: the lines of this page that have a link to it.
  var users = null;

  function usedIn(href) {
    if (!users) {
      users = {};
      all(".tr-line[id]", article).forEach(function (line) {
        all("mn a[href]", line).forEach(function (number) {
          var key = number.getAttribute("href");
          users[key] = users[key] || [];
          if (users[key].indexOf(line) < 0) {
            users[key].push(line);
          }
        });
      });
    }
    return users[href] || [];
  }

  // The same quantity everywhere: in matrices, tables, pictures and words.
  function same(thing) {
    var name = window.CSS.escape(thing.name);
    var one = '#' + name + ':is(td), #' + name + ' > .tr-math > .tr-result, tr#' + name + ' > .tr-result';
    var places = [one, 'a[href="#' + name + '"]:not(.tr-self)', '[data-ref="' + name + '"]'];
    if (thing.href && thing.href.charAt(0) !== "#") {
      places.push('a[href="' + window.CSS.escape(thing.href) + '"]');
    }
    if (!byId(thing.name) && !carry().names[thing.name]) {
      places.push('[data-ref^="' + name + '-"]', 'a[href^="#' + name + '-"]:not(.tr-self)');
    }
    return all(places.join(","), article).filter(function (place) {
      return !place.closest(".tr-card");
    });
  }

  var lit = [];

  function lightUp(thing) {
    var before = lit;
    lit = thing ? same(thing) : [];
    before.forEach(function (place) {
      place.classList.toggle("tr-lit", lit.indexOf(place) >= 0);
    });
    lit.forEach(function (place) {
      place.classList.add("tr-lit");
    });
  }

  // The card itself.
  var card = element("div", "tr-card md-typeset");
  card.setAttribute("role", "dialog");
  card.setAttribute("aria-label", words.dataset.card);
  card.hidden = true;
  var shown = null;
  var pinned = false;
  var timer = 0;
  var hinted = false; // how keys work is said once

  function copied(node) {
    var copy = node.cloneNode(true);
    [copy].concat(all("[id], .tr-lit", copy)).forEach(function (part) {
      part.removeAttribute("id");
      part.classList.remove("tr-lit");
    });
    return copy;
  }

  // The symbol, and nothing that would be a link in a link.
  function symbolOf(place, thing) {
    var source = place && (place.matches(".tr-line") ? place.querySelector(".tr-symbol math") : null);
    var origin = thing && carry().names[thing.name];
    source = source || (origin && origin.querySelector("math")) || (thing && thing.node.closest("[data-ref]"));
    var math = source ? copied(source) : null;
    if (math && math.localName !== "math") {
      var around = document.createElementNS(math.namespaceURI, "math");
      around.append(math);
      math = around;
    }
    all("a", math || element("p")).forEach(function (inner) {
      inner.replaceWith(inner.textContent);
    });
    return math || document.createTextNode(thing ? thing.name : "");
  }

  function title(thing, place, told) {
    var row = element("p", "tr-card-title");
    row.append(symbolOf(place, thing), element("span", "", told ? told.dataset.label : ""));
    return row;
  }

  // Symbol = formula = numbers = result, in one line.
  function made(line) {
    var row = element("p", "tr-card-line");
    var kept = line.querySelector("noscript");
    var formula = element("span");
    formula.innerHTML = kept ? kept.textContent : "";
    var parts = [line.querySelector(".tr-symbol")].concat(
      kept ? [formula] : all(".tr-named, .tr-formula", line),
      all(".tr-numbers, .tr-result, .tr-branch", line)
    );
    parts.forEach(function (part) {
      if (part) {
        row.append(element("span", part.className), " ");
        row.lastElementChild.append.apply(row.lastElementChild, Array.from(copied(part).childNodes));
      }
    });
    all("a", row).forEach(function (inner) {
      inner.tabIndex = -1;
    });
    return row;
  }

  function value(thing, place, told) {
    var row = element("p", "tr-card-value");
    var text = place ? place.querySelector(".tr-result mn, .tr-result math") : null;
    var plain = place && place.matches("td") ? place.textContent : text ? text.parentNode.textContent : "";
    if (!plain && thing.node.localName === "a") {
      plain = thing.node.textContent;
    }
    var kept = told && told.dataset.kept;
    row.append(element("b", "", plain.replace(/^[=≈]\s*/, "")));
    if (kept && kept !== row.textContent) {
      row.append(element("span", "", words.dataset.digits + ": " + kept));
    }
    return row;
  }

  function ways(thing) {
    var row = element("p", "tr-card-ways");
    var meaning = meaningOf(thing.name);
    if (thing.href && !(byId(thing.name) && byId(thing.name).contains(thing.node) && !thing.node.closest("a"))) {
      row.append(link(thing.href, words.dataset.made));
    }
    if (meaning && meaning.dataset.href) {
      row.append(link(meaning.dataset.href, words.dataset.meaning));
    }
    var lines = thing.href ? usedIn(thing.href) : [];
    if (lines.length) {
      row.append(element("span", "", words.dataset.uses));
      lines.slice(0, SHOWN_USERS).forEach(function (line) {
        row.append(link("#" + line.id, symbolOf(line)));
        row.lastElementChild.setAttribute("aria-label", line.dataset.label);
      });
    }
    return row;
  }

  function fill(thing) {
    var place = byId(thing.name);
    var told = place && place.dataset.label ? place : carry().names[thing.name];
    var meaning = meaningOf(thing.name);
    var close = element("button", "tr-card-close", "×");
    close.type = "button";
    close.setAttribute("aria-label", words.dataset.close);
    close.addEventListener("click", hide);
    card.replaceChildren(
      close,
      title(thing, place, told),
      place || told ? value(thing, place, told) : "",
      place && place.matches(".tr-line") ? made(place) : "",
      meaning ? element("p", "tr-card-meaning", meaning.textContent) : ""
    );
    card.append(ways(thing));
    if (thing.byKey && !hinted) {
      hinted = true;
      card.append(element("p", "tr-card-meaning", words.dataset.keys));
    }
  }

  function put(node) {
    var box = node.getBoundingClientRect();
    var low = window.innerWidth <= 600;
    card.classList.toggle("tr-low", low);
    if (low) {
      card.style.left = card.style.top = "";
      return;
    }
    var width = card.offsetWidth;
    var height = card.offsetHeight;
    var left = Math.min(Math.max(8, box.left + box.width / 2 - width / 2), window.innerWidth - width - 8);
    var below = box.bottom + 10;
    card.style.left = left + "px";
    card.style.top = (below + height > window.innerHeight ? Math.max(8, box.top - height - 10) : below) + "px";
  }

  function show(thing, pin) {
    window.clearTimeout(timer);
    if (!shown || shown.node !== thing.node) {
      fill(thing);
      lightUp(thing);
    }
    shown = thing;
    pinned = pin;
    card.hidden = false;
    put(thing.node);
  }

  function hide() {
    window.clearTimeout(timer);
    var back = card.contains(document.activeElement) && shown ? shown.node.closest("a") : null;
    card.hidden = true;
    shown = null;
    pinned = false;
    lightUp(null);
    if (back) {
      back.focus();
      hide();
    }
  }

  function later(action, wait) {
    window.clearTimeout(timer);
    timer = window.setTimeout(action, wait);
  }
  // Whoever offers the way back is told what was followed, and from where.
  function followed(thing, href) {
    var line = thing.node.closest(".tr-line[id]");
    var from = thing.node.closest("a");
    var told = { href: href, from: from, place: thing.node, symbol: line ? symbolOf(line) : "", hide: hide };
    document.dispatchEvent(new window.CustomEvent("tracer:followed", { detail: told }));
  }

  // Pointer, touch and keys.
  var touched = false;

  document.addEventListener("pointerdown", function (event) {
    touched = event.pointerType === "touch";
  }, true);

  document.addEventListener("pointerover", function (event) {
    if (event.pointerType !== "mouse" || pinned) {
      return;
    }
    var thing = at(event.target);
    if (thing) {
      later(function () {
        show(thing, false);
      }, PAUSE);
    } else if (card.contains(event.target)) {
      window.clearTimeout(timer);
    } else {
      later(hide, LINGER);
    }
  });

  document.addEventListener("click", function (event) {
    var inside = card.contains(event.target);
    var anchor = event.target.closest && event.target.closest("a[href]");
    var thing = inside ? shown : at(event.target);
    if (!thing) {
      if (shown && !inside) {
        hide();
      }
      return;
    }
    if (!inside && (touched || !anchor)) {
      event.preventDefault();
      show(thing, true);
    } else if (anchor) {
      followed(thing, anchor.getAttribute("href"));
      later(hide, 0);
    }
  });

  document.addEventListener("focusin", function (event) {
    var thing = !touched && event.target.closest("mn a, td a") ? at(event.target) : null;
    if (thing) {
      thing.byKey = true;
      show(thing, false);
    } else if (shown && !card.contains(event.target)) {
      hide();
    }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && shown) {
      hide();
    } else if (event.key === "Enter" && shown && document.activeElement === shown.node) {
      event.preventDefault();
      show(shown, true);
      (card.querySelector(".tr-card-ways a") || card.querySelector("button")).focus();
    }
  });

  window.addEventListener("scroll", function () {
    if (shown && !pinned && !card.contains(document.activeElement)) {
      put(shown.node);
    }
  }, { passive: true });

  // A page may have a place of its own for the card.
  (article.querySelector(".tr-dock") || article).prepend(card);
})();
