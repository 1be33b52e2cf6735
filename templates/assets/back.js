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

  function elsewhere(href) {
    try {
      window.sessionStorage.setItem(BACK, new URL(href, window.location.href).href);
    } catch (error) {
      // Where nothing is kept, the browser's own way back remains.
    }
  }

  document.addEventListener("tracer:followed", function (event) {
    var told = event.detail;
    var here = window.scrollY;
    if (told.href.charAt(0) !== "#") {
      elsewhere(told.href);
      return;
    }
    offer(told.symbol, function () {
      window.scrollTo(0, here);
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
