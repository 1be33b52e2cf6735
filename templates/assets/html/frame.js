// The frame of a page: its colours, its navigation on a narrow window, the list of its headings.
(function () {
  "use strict";

  var root = document.documentElement;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var paper = window.matchMedia("print");
  var wide = window.matchMedia("(min-width: 76em)");
  var CHOICES = ["auto", "light", "dark"];

  function chosen() {
    try {
      return CHOICES.indexOf(localStorage.getItem("tracer-scheme")) > 0 ? localStorage.getItem("tracer-scheme") : "auto";
    } catch (refused) {
      return root.dataset.frameScheme || "auto";
    }
  }

  function choose(scheme) {
    root.dataset.frameScheme = scheme;
    try {
      localStorage.setItem("tracer-scheme", scheme);
    } catch (refused) {
      return;
    }
  }

  // The attribute is the one that the styles of formulas and pictures ask for.
  function paint() {
    var is = chosen();
    var isDark = !paper.matches && (is === "dark" || (is === "auto" && dark.matches));
    [root, document.body].forEach(function (element) {
      if (element) element.dataset.mdColorScheme = isDark ? "slate" : "default";
    });
    var button = document.querySelector(".frame-scheme");
    if (button) {
      button.title = button.dataset[is];
      button.setAttribute("aria-label", button.dataset[is]);
      button.dataset.is = is;
    }
  }

  function menu(open) {
    var button = document.querySelector(".frame-opens-menu");
    root.classList.toggle("frame-menu", open);
    button.setAttribute("aria-expanded", String(open));
  }

  function contents() {
    document.querySelectorAll(".frame-contents").forEach(function (box) {
      box.open = wide.matches;
    });
  }

  function ready() {
    paint();
    contents();
    document.querySelector(".frame-scheme").addEventListener("click", function () {
      choose(CHOICES[(CHOICES.indexOf(chosen()) + 1) % CHOICES.length]);
      paint();
    });
    document.querySelector(".frame-opens-menu").addEventListener("click", function () {
      menu(!root.classList.contains("frame-menu"));
    });
    document.querySelector(".frame-pages").addEventListener("click", function (event) {
      if (event.target.closest("a")) menu(false);
    });
    var here = document.querySelector(".frame-pages [aria-current]");
    var list = document.querySelector(".frame-pages");
    if (here && list.scrollHeight > list.clientHeight) {
      list.scrollTop = here.offsetTop - list.clientHeight / 3;
    }
  }

  root.classList.add("frame-script");
  paint();
  dark.addEventListener("change", paint);
  paper.addEventListener("change", paint);
  wide.addEventListener("change", contents);
  window.addEventListener("storage", paint);
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && root.classList.contains("frame-menu")) {
      menu(false);
      document.querySelector(".frame-opens-menu").focus();
    }
  });
  document.addEventListener("DOMContentLoaded", ready);
})();
