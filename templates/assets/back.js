// A chip leads back to where a number was followed from: on the same page, or on the page before.
(function () {
  "use strict";

  var BACK = "tracer.back";

  var words = document.querySelector(".tr-card-words");
  var article = document.querySelector("article");
  if (!words || !article) {
    return;
  }

  var chip = document.createElement("button");
  chip.className = "tr-chip";
  chip.type = "button";
  chip.hidden = true;
  article.append(chip);

  function offer(symbol, go) {
    chip.textContent = "↩ " + words.dataset.back + " ";
    chip.append(symbol);
    chip.hidden = false;
    chip.onclick = function () {
      chip.hidden = true;
      go();
    };
  }

  var TRIES = 9; // frames until the lines on the way back have their real heights

  // Lines out of sight have a height that is guessed, so a scroll position is no place: what stood there is.
  function returnTo(place, top, tries) {
    var off = place.getBoundingClientRect().top - top;
    window.scrollBy({ top: off, behavior: "instant" });
    if (tries) {
      window.requestAnimationFrame(function () {
        returnTo(place, top, tries - 1);
      });
    }
  }

  function elsewhere(href) {
    try {
      window.sessionStorage.setItem(BACK, new URL(href, window.location.href).href);
    } catch (error) {
      // Where nothing is kept, the browser's own way back remains.
    }
  }

  document.addEventListener("tracer:followed", function (event) {
    var told = event.detail;
    var top = told.place.getBoundingClientRect().top;
    if (told.href.charAt(0) !== "#") {
      elsewhere(told.href);
      return;
    }
    offer(told.symbol, function () {
      returnTo(told.place, top, TRIES);
      if (told.from) {
        told.from.focus({ preventScroll: true });
        told.hide();
      }
    });
  });

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      chip.hidden = true;
    }
  });

  try {
    if (window.sessionStorage.getItem(BACK) === window.location.href) {
      offer("", function () {
        window.history.back();
      });
    }
    window.sessionStorage.removeItem(BACK);
  } catch (error) {
    // The same as above.
  }
})();
