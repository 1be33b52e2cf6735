// Keeps an open page up to date: the server tells when it changed, and what is wrong with the files.
(function () {
  "use strict";

  var script = document.currentScript;
  var PLACE = "tracer-place";
  var FRAMES = 30;
  var box = null;

  // Where the reader is: the first named thing in the window, how far from the top, and what is open.
  function keep() {
    var seen = Array.prototype.find.call(document.querySelectorAll("main [id]"), function (element) {
      return element.getClientRects().length && element.getBoundingClientRect().bottom > 60;
    });
    var boxes = Array.prototype.map.call(document.querySelectorAll("main details"), function (element) {
      return element.open;
    });
    sessionStorage.setItem(
      PLACE,
      JSON.stringify({
        page: location.pathname,
        y: window.scrollY,
        id: window.scrollY && seen ? seen.id : "",
        top: seen ? seen.getBoundingClientRect().top : 0,
        boxes: boxes,
      })
    );
  }

  function back() {
    var kept = JSON.parse(sessionStorage.getItem(PLACE) || "null");
    sessionStorage.removeItem(PLACE);
    if (!kept || kept.page !== location.pathname) return;
    var boxes = document.querySelectorAll("main details");
    if (boxes.length === kept.boxes.length) {
      boxes.forEach(function (element, place) {
        element.open = kept.boxes[place];
      });
    }
    var named = kept.id && document.getElementById(kept.id);
    var frames = 0;
    // Lines get their real height only when they come near the window: so it takes some steps.
    (function step() {
      if (named) window.scrollBy({ top: named.getBoundingClientRect().top - kept.top, behavior: "instant" });
      else window.scrollTo({ top: kept.y, behavior: "instant" });
      frames += 1;
      if (frames < FRAMES) requestAnimationFrame(step);
      else history.scrollRestoration = "auto";
    })();
  }

  function problems(html) {
    if (!html && box) box.remove();
    if (!html) return (box = null);
    if (!box) {
      box = document.createElement("aside");
      box.className = "live-problems";
      box.setAttribute("role", "alert");
      document.body.append(box);
    }
    box.innerHTML = html;
  }

  back();
  var address = "/-/events?page=" + script.dataset.page + "&shown=" + script.dataset.shown;
  var stream = new EventSource(address);
  stream.addEventListener("problems", function (event) {
    problems(JSON.parse(event.data));
  });
  stream.addEventListener("changed", function () {
    stream.close();
    keep();
    history.scrollRestoration = "manual";
    location.reload();
  });
  window.addEventListener("pagehide", function () {
    stream.close();
  });
})();
