// All pages in one file: one of them is shown, the one that the address names a place of.
(function () {
  "use strict";

  function sheets() {
    return Array.prototype.slice.call(document.querySelectorAll(".frame-sheet"));
  }

  function show(scrolls) {
    var name = decodeURIComponent(window.location.hash.slice(1));
    var target = name && document.getElementById(name);
    var wanted = (target && target.closest(".frame-sheet")) || (!name && sheets()[0]);
    if (!wanted || (!wanted.hidden && document.querySelector(".frame-sheet[hidden]"))) return;
    sheets().forEach(function (sheet) {
      sheet.hidden = sheet !== wanted;
    });
    mark(wanted);
    if (!scrolls) return;
    if (target && target !== wanted) target.scrollIntoView();
    else window.scrollTo(0, 0);
  }

  // The page that is shown, and the groups that lead to it, in the navigation.
  function mark(sheet) {
    document.querySelectorAll(".frame-pages li").forEach(function (item) {
      var link = item.querySelector("a");
      var isHere = link && link.hash === "#" + sheet.id;
      item.classList.toggle("is-open", Boolean(item.querySelector('a[href="#' + CSS.escape(sheet.id) + '"]')));
      if (isHere) link.setAttribute("aria-current", "page");
      else if (link) link.removeAttribute("aria-current");
    });
    document.title = document.title.replace(/^.* · |^/, sheet.dataset.title + " · ");
  }

  window.addEventListener("hashchange", function () {
    show(true);
  });
  document.addEventListener("DOMContentLoaded", function () {
    show(Boolean(window.location.hash));
  });
})();
